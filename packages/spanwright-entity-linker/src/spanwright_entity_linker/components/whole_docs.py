"""The entity linker of early pipelines, whose network gives one vector for a Doc: it reads sentences as Docs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import InvalidValueError, SpanwrightWarning
from spanwright.pipe import check_examples

from ..knowledge_base import Candidate, InMemoryLookupKB, KnowledgeBase, get_candidates_batch
from ..sentences import sentence_starts, window
from .context import Context, encode_contexts
from .entity_linker import EntityLinker, entity_linker_score

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer
    from thinc.types import Floats2d

    from spanwright.tokens import Doc, Example, Span
    from spanwright.vocab import Vocab


class EntityLinker_v1(EntityLinker):  # noqa: N801 (spaCy's name)
    """Links named entities with a network of early pipelines, which gives one vector for each Doc.

    It learns from the gold entities, links those that another component sets, and has no threshold. Settings: see
    `make_entity_linker`.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "entity_linker",
        *,
        labels_discard: Iterable[str],
        n_sents: int,
        incl_prior: bool,
        incl_context: bool,
        entity_vector_length: int,
        get_candidates: Callable[[KnowledgeBase, Span], Iterable[Candidate]],
        overwrite: bool = True,
        scorer: Callable | None = entity_linker_score,
    ) -> None:
        super().__init__(
            vocab,
            model,
            name,
            labels_discard=labels_discard,
            n_sents=n_sents,
            incl_prior=incl_prior,
            incl_context=incl_context,
            entity_vector_length=entity_vector_length,
            get_candidates=get_candidates,
            get_candidates_batch=get_candidates_batch,
            generate_empty_kb=InMemoryLookupKB,
            overwrite=overwrite,
            scorer=scorer,
            use_gold_ents=False,
            candidates_batch_size=1,
        )

    def _context(self, place: int, doc: Doc, firsts: Sequence[int], ent: Span, starts: Sequence[int]) -> Context:
        start, end = window(starts, len(doc), ent.start, ent.start + 1, self.n_sents)
        return Context(place, start, end, start, end)

    def _encode(self, docs: Sequence[Doc], contexts: Sequence[Context]) -> dict[Context, numpy.ndarray]:
        return encode_contexts(self.model, docs, contexts, whole=True)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from a batch of Examples. Warns if none of their entities is linked."""
        self.validate_kb()
        examples, losses = self._begin_step(examples, losses, "update")
        if not examples:
            return losses
        docs = [doc for example in examples for doc in self._sentences(example)]
        if not docs:
            warnings.warn(
                f"Component '{self.name}' finds nothing to learn in this batch: no gold entity has a knowledge-base "
                f"id. Set Span.kb_id (ENT_KB_ID) in the training data.",
                SpanwrightWarning,
                stacklevel=2,
            )
            return losses
        encodings, backprop = self._begin_update(docs, drop)
        return self._learn(losses, backprop, sgd, self.get_loss(examples, encodings))

    def _sentences(self, example: Example) -> list[Doc]:
        """The window around each linked gold entity, as the predicted Doc has it."""
        reference, predicted = example.reference, example.predicted
        linked = _linked(example)
        if not linked:
            return []
        starts = sentence_starts(reference, missing="raise", component=self.name)
        docs = []
        for ent in linked:
            start, end = window(starts, len(reference), ent.start, ent.start + 1, self.n_sents)
            tokens = example.alignment.y2x[start:end]
            docs.append(predicted[int(tokens[0]) : int(tokens[-1]) + 1].as_doc())
        return docs

    def get_loss(self, examples: Iterable[Example], sentence_encodings: Floats2d) -> tuple[float, Floats2d]:
        """The cosine distance between the vectors of the entities' contexts and of their gold entries.

        sentence_encodings: A row for each linked gold entity, in order.

        Returns the loss and its gradient. Raises InvalidValueError (a ValueError) if there are more or fewer rows.
        """
        examples = list(examples)
        check_examples(examples, f"{type(self).__name__}.get_loss")
        names = [ent.kb_id_ for example in examples for ent in _linked(example)]
        if len(names) != len(sentence_encodings):
            raise InvalidValueError(
                f"Component '{self.name}' got {len(sentence_encodings)} vectors for {len(names)} linked entities. The "
                f"model must give one for each Doc, as spacy-legacy.EntityLinker.v1 does."
            )
        return self._distance(sentence_encodings, self._gold_vectors(names, sentence_encodings))

    def rehearse(self, examples: Iterable[Example], **settings: Any) -> dict[str, float]:
        """Early pipelines have nothing to rehearse: losses come back as they are."""
        losses = settings.get("losses")
        return {} if losses is None else losses


def _linked(example: Example) -> list[Span]:
    """Gold entities with a knowledge-base id, where the predicted Doc has tokens for them."""
    y2x = example.alignment.y2x
    return [ent for ent in example.reference.ents if ent.kb_id and len(y2x[ent.start : ent.end])]
