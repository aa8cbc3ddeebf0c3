"""How an entity linker learns: from gold links, from its own earlier vectors, and from a teacher's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spanwright.errors import InvalidValueError, PipelineError
from spanwright.pipe import Step, TrainablePipe, check_examples

from .choice import look_up
from .gold import gold_entities, gold_links

if TYPE_CHECKING:
    from thinc.api import CosineDistance, Model, Optimizer
    from thinc.types import Floats2d

    from spanwright.tokens import Doc, Example


class LinkLearner(TrainablePipe):
    """The part of an entity linker that learns: its network gives a vector for each entity of the Docs."""

    kb: Any
    get_candidates: Any
    get_candidates_batch: Any
    candidates_batch_size: int
    distance: CosineDistance
    use_gold_ents: bool
    _rehearsal_model: Model | None

    def validate_kb(self) -> None:
        """Raise an error if there is nothing to link to."""
        raise self._unimplemented("validate_kb")

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from a batch of Examples. A batch whose entities have no candidates changes nothing."""
        self.validate_kb()
        examples, losses = self._begin_step(examples, losses, "update")
        with gold_entities(examples, use=self.use_gold_ents):
            if not self.batch_has_learnable_example(examples):
                return losses
            encodings, backprop = self._begin_update([example.predicted for example in examples], drop)
            return self._learn(losses, backprop, sgd, self.get_loss(examples, encodings))

    def batch_has_learnable_example(self, examples: Iterable[Example]) -> bool:
        """Whether any predicted entity has a candidate."""
        return any(any(look_up(self, example.predicted.ents)) for example in examples if example.predicted.ents)

    def get_loss(self, examples: Iterable[Example], sentence_encodings: Floats2d) -> tuple[float, Floats2d]:
        """The cosine distance between the vectors of the entities' contexts and of their gold entries.

        sentence_encodings: A row for each entity of the predicted Docs, in order.

        Returns the loss and its gradient; rows of entities without a gold link get none. Raises InvalidValueError (a
        ValueError) if there are more or fewer rows than entities.
        """
        examples = list(examples)
        check_examples(examples, f"{type(self).__name__}.get_loss")
        rows: list[int] = []
        names: list[str] = []
        before = 0
        for example in examples:
            links = gold_links(example)
            rows += [before + place for place, _ in links]
            names += [name for _, name in links]
            before += len(example.predicted.ents)
        if before != len(sentence_encodings):
            raise InvalidValueError(
                f"Component '{self.name}' got {len(sentence_encodings)} vectors for {before} entities. The model must "
                f"give one for each entity of the Docs, as spacy.EntityLinker.v2 does."
            )
        gradient = self.model.ops.alloc2f(*sentence_encodings.shape)
        if not rows:
            return 0.0, gradient
        chosen = self.model.ops.asarray1i(rows)
        truths = self._gold_vectors(names, sentence_encodings)
        loss, gradient[chosen] = self._distance(sentence_encodings[chosen], truths)
        return loss, gradient

    def _gold_vectors(self, names: Sequence[str], encodings: Floats2d) -> Floats2d:
        # A knowledge base need not offer more than is asked of it: spaCy asks for one vector at a time.
        several = getattr(self.kb, "get_vectors", None)
        found = [self.kb.get_vector(name) for name in names] if several is None else list(several(names))
        vectors = self.model.ops.asarray2f(found, dtype="float32")
        if vectors.shape[1] != encodings.shape[1]:
            raise PipelineError(
                f"The model of component '{self.name}' gives vectors of width {encodings.shape[1]}, and the knowledge "
                f"base has vectors of width {vectors.shape[1]}. Initialize the component with this knowledge base."
            )
        return vectors

    def _distance(self, guesses: Floats2d, truths: Floats2d) -> tuple[float, Floats2d]:
        gradient = self.distance.get_grad(guesses, truths)
        return float(self.distance.get_loss(guesses, truths)) / len(guesses), gradient

    def _begin_rehearsal(self, examples: list[Example], drop: float, teacher: Model) -> Step | None:
        with gold_entities(examples, use=self.use_gold_ents):
            if not any(example.predicted.ents for example in examples):
                return None
            return super()._begin_rehearsal(examples, drop, teacher)

    def _rehearsal_loss(self, scores: Floats2d, targets: Floats2d) -> tuple[float, Floats2d]:
        return self._distance(scores, targets)

    def distill(
        self,
        teacher_pipe: TrainablePipe,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn to give the vectors that a teacher gives for the same entities.

        teacher_pipe: A trained entity linker with vectors of the same width.
        examples: The student reads `predicted`, the teacher `reference`, whose entities count; links are not needed.
        """
        examples, losses = self._begin_step(examples, losses, "distill")
        with gold_entities(examples):
            pairs = [pair for number, example in enumerate(examples) for pair in _same_entities(number, example)]
            if not pairs:
                return losses
            targets = teacher_pipe.model.predict([example.reference for example in examples])
            guesses, backprop = self._begin_update([example.predicted for example in examples], drop)
            if targets.shape[1] != guesses.shape[1]:
                raise InvalidValueError(
                    f"'{self.name}' cannot be distilled from '{teacher_pipe.name}': it gives vectors of width "
                    f"{guesses.shape[1]}, and the teacher of width {targets.shape[1]}."
                )
            mine = _rows([example.predicted for example in examples])
            its = _rows([example.reference for example in examples])
            here = self.model.ops.asarray1i([mine[number, place] for number, place, _ in pairs])
            there = self.model.ops.asarray1i([its[number, place] for number, _, place in pairs])
            gradient = self.model.ops.alloc2f(*guesses.shape)
            loss, gradient[here] = self._distance(guesses[here], targets[there])
            return self._learn(losses, backprop, sgd, (loss, gradient))


def _same_entities(number: int, example: Example) -> list[tuple[int, int, int]]:
    """Number of the Example, and the places of each entity that both of its Docs have, in the predicted one first."""
    places = {(ent.start_char, ent.end_char): place for place, ent in enumerate(example.reference.ents)}
    found = ((place, places.get((ent.start_char, ent.end_char))) for place, ent in enumerate(example.predicted.ents))
    return [(number, place, other) for place, other in found if other is not None]


def _rows(docs: Sequence[Doc]) -> dict[tuple[int, int], int]:
    """The row of each entity, by Doc and place in it."""
    places = [(number, place) for number, doc in enumerate(docs) for place in range(len(doc.ents))]
    return {place: row for row, place in enumerate(places)}
