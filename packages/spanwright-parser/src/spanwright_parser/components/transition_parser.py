"""What the parser and the entity recogniser have in common: a transition system, and a model of its actions."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.broadcast import teaching
from spanwright.errors import InvalidTypeError, InvalidValueError, PipelineError
from spanwright.language import Language, component_settings
from spanwright.pipe import Step, check_get_examples
from spanwright.tokens import Doc

from ..layers.plain_model import PLAIN, open_plain_steps
from ..layers.steps import Steps
from ..transitions import States
from .checks import as_docs, check_settings, checked_system, checked_teacher, checked_threads, labels_by_action
from .files import Files
from .greedy import GreedyParser
from .learning import distill_scores, learn_greedily, rehearse_scores

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab


logger = logging.getLogger("spanwright")


class NotALabelError(InvalidTypeError, ValueError):
    """A label that is no string; spaCy users catch ValueError."""


@dataclass
class Own:
    """[spanwright.components.NAME] of a transition-based component.

    n_threads: Threads that the Docs of a batch are parsed with, 1 to the number of cores.
    confidence: Whether Docs get the probabilities of arcs or entities; see `spanwright_parser.confidence`.
    """

    n_threads: int = 1
    confidence: bool = False


def own_settings(nlp: Language, name: str) -> dict[str, Any]:
    """The settings that stand outside of [components], as arguments of the component."""
    return dict(vars(component_settings(nlp, name, Own)))


class TransitionParser(Files):
    """Base class of DependencyParser and EntityRecognizer.

    vocab: The vocabulary shared with the pipeline.
    model: Scores actions, such as spacy.TransitionBasedParser.v2.
    name: The component's name in its pipeline; also the key of its loss.
    moves: The transition system; a new one by default.
    update_with_oracle_cut_size: In training, long sequences of actions are cut into pieces of about this many, half to
        twice as many by chance, so that the states of a batch end together. 0 cuts nothing; 50 to 200 as a rule.
    min_action_freq: Labelled actions that are rarer in the training data become "dep". Entities do not use it.
    learn_tokens: Whether to have arcs "subtok" between neighbours, and to merge the tokens that they join. Training
        data must have this relation: none is made of tokens that the gold standard has as one. Entities do not use it.
    beam_width: Candidates that are kept; 1 is greedy.
    beam_density: Lowest probability of a candidate that is kept, against the best.
    beam_update_prob: Chance of learning from a beam in a step, with a beam_width above 1.
    multitasks: Components that learn beside this one, from the same Examples.
    incorrect_spans_key: Key of a span group with entities known to be wrong.
    scorer: Scores predictions.
    n_threads: Threads that the Docs of a batch are parsed with.
    confidence: Whether Docs get the probabilities of arcs or entities.

    The attribute `impossible_gold` counts the arcs or entities that training, since `initialize`, has met and could not
    learn: they do not fit the predicted tokens, or what the predicted Doc says already (sentence starts, entities).
    """

    TransitionSystem: type[Any]

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "base_parser",
        moves: Any = None,
        *,
        update_with_oracle_cut_size: int,
        min_action_freq: int,
        learn_tokens: bool,
        beam_width: int = 1,
        beam_density: float = 0.0,
        beam_update_prob: float = 0.0,
        multitasks: Sequence[Any] = (),
        incorrect_spans_key: str | None = None,
        scorer: Callable | None = None,
        n_threads: int = 1,
        confidence: bool = False,
    ) -> None:
        super().__init__(
            vocab,
            model,
            name,
            moves=None,
            update_with_oracle_cut_size=update_with_oracle_cut_size,
            multitasks=[],
            min_action_freq=min_action_freq,
            learn_tokens=learn_tokens,
            beam_width=beam_width,
            beam_density=beam_density,
            beam_update_prob=beam_update_prob,
            incorrect_spans_key=incorrect_spans_key,
        )
        check_settings(self.cfg, f"Component '{name}'")
        kind = type(self).TransitionSystem
        if moves is None:
            moves = kind(vocab.strings, incorrect_spans_key=incorrect_spans_key)
        self.moves = checked_system(moves, kind, name)
        if self.moves.n_moves:
            self.set_output(self.moves.n_moves)
        self.scorer = scorer
        self.n_threads = n_threads
        self.confidence = confidence
        self._greedy = GreedyParser()
        self._multitasks: list[Any] = []
        for multitask in multitasks:
            self.add_multitask_objective(multitask)
        self._rehearsal_model: Model | None = None
        self.impossible_gold = 0

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # A copy of the pipeline has one store of strings.
        self.moves.strings = self.vocab.strings
        # A process that was started for it, such as a worker, has no extension attributes yet.
        self.confidence = self._confidence

    # Labels

    @property
    def move_names(self) -> list[str]:
        """The actions, in the order of the model's outputs, such as "L-nsubj" or "B-PER"."""
        # "U-" only blocks tokens from being part of an entity.
        return [name for name in self.moves.move_names if name != "U-"]

    @property
    def label_data(self) -> dict[int, dict[str, int]]:
        """Labels and their counts by action, for `initialize(labels=...)`."""
        return self.moves.labels

    @property
    def incorrect_spans_key(self) -> str | None:
        """Key of the span group with entities known to be wrong."""
        return self.cfg["incorrect_spans_key"]

    @property
    def tok2vec(self) -> Model:
        """The part of the model that makes token vectors."""
        return self.model.get_ref("tok2vec")

    @property
    def postprocesses(self) -> tuple[Callable[[Doc], Any], ...]:
        """Functions that are called with each annotated Doc."""
        return ()

    def add_label(self, label: str) -> int:
        """Add a label with all its actions. Returns 1, or 0 if it is there already.

        A model that has weights grows; actions that it has keep their scores, and new ones are not predicted before
        training has met them.
        """
        if not isinstance(label, str):
            raise NotALabelError(
                f"Component '{self.name}' takes strings as labels, but got {type(label).__name__} ({label!r})."
            )
        added = [self.moves.add_action(action, label) for action in self.moves.action_types]
        if not any(added):
            return 0
        self.vocab.strings.add(label)
        self._resize()
        return 1

    def _resize(self) -> None:
        self.set_output(self.moves.n_moves)

    def _new_labels(self, docs: Iterable[Doc]) -> list[str]:
        """Labels on the Docs that there are no actions for; sorted, so that all runs add them in one order."""
        return []

    def add_multitask_objective(self, mt_component: Any) -> None:
        """Let another component learn from the same Examples. Experimental, as in spaCy."""
        self._multitasks.append(mt_component)

    def init_multitask_objectives(
        self, get_examples: Callable[[], Iterable[Example]], nlp: Any = None, **cfg: Any
    ) -> None:
        """Initialize the components added by `add_multitask_objective`."""
        for component in self._multitasks:
            component.initialize(get_examples, nlp=nlp)

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> Any:
        """Find the best sequence of actions for each Doc: states for `set_annotations`, or beams."""
        docs = as_docs(docs, f"{type(self).__name__}.predict")
        if self.cfg["beam_width"] == 1 or not any(len(doc) for doc in docs):
            return self.greedy_parse(docs)
        return self.beam_parse(docs, beam_width=self.cfg["beam_width"], beam_density=self.cfg["beam_density"])

    def greedy_parse(self, docs: Iterable[Doc], drop: float = 0.0) -> States:
        """Take the best action in each state.

        drop: Not used: nothing is dropped in prediction.
        """
        docs = as_docs(docs, f"{type(self).__name__}.greedy_parse")
        self._require_actions()
        system = self._system_for(docs)
        states = system.start(docs)
        if self.confidence:
            from ..confidence import parse_with_confidence

            steps = self._open_steps(docs, is_train=False, extra=system.n_moves - self.moves.n_moves)
            states.chances = parse_with_confidence(steps, states, system)
        elif len(states.active):
            self._greedy.run(self.model, docs, states, system.n_moves, self.n_threads)
        return states

    def beam_parse(
        self, docs: Iterable[Doc], beam_width: int, drop: float = 0.0, beam_density: float = 0.0
    ) -> list[Any]:
        """Keep several candidates for each Doc.

        beam_width: How many.
        drop: Not used: nothing is dropped in prediction.
        beam_density: Lowest probability of a candidate that is kept, against the best.
        """
        from ..beam import beam_parse

        docs = as_docs(docs, f"{type(self).__name__}.beam_parse")
        self._require_actions()
        system = self._system_for(docs)
        steps = self._open_steps(docs, is_train=False, extra=system.n_moves - self.moves.n_moves)
        return beam_parse(system, docs, steps, width=beam_width, density=beam_density)

    def set_annotations(self, docs: Sequence[Doc], states_or_beams: Any) -> None:
        """Set what `predict` found.

        Raises InvalidTypeError (a TypeError) for anything that is not the prediction of such a component, and
        InvalidValueError (a ValueError) for that of other Docs.
        """
        docs = as_docs(docs, f"{type(self).__name__}.set_annotations")
        system = self._system_for(docs)
        if isinstance(states_or_beams, States):
            system.set_annotations(docs, states_or_beams)
        else:
            from ..beam import set_best

            set_best(system, docs, states_or_beams)
        if self.confidence:
            self._set_confidence(system, docs, states_or_beams)
        for process in self.postprocesses:
            for doc in docs:
                process(doc)

    @property
    def n_threads(self) -> int:
        """Threads that the Docs of a batch are parsed with."""
        return self._n_threads

    @n_threads.setter
    def n_threads(self, value: int) -> None:
        self._n_threads = checked_threads(value, self.name)

    @property
    def confidence(self) -> bool:
        """Whether Docs get the probabilities of arcs or entities in `Doc._.confidence`."""
        return self._confidence

    @confidence.setter
    def confidence(self, value: bool) -> None:
        if value:
            from ..confidence import register

            register()
        self._confidence = bool(value)

    def _set_confidence(self, system: Any, docs: Sequence[Doc], states_or_beams: Any) -> None:
        from ..confidence import write_beams, write_steps

        if not isinstance(states_or_beams, States):
            write_beams(self.name, docs, states_or_beams)
        elif states_or_beams.chances is not None:
            write_steps(self.name, system, docs, states_or_beams, states_or_beams.chances)

    def _system_for(self, docs: Sequence[Doc]) -> Any:
        """The transition system, with further labels if Docs have entities that it does not know.

        The component itself stays as it is: prediction changes no labels.
        """
        labels = self._new_labels(docs)
        if not labels:
            return self.moves
        system = self.moves.copy()
        for label in labels:
            for action in system.action_types:
                system.add_action(action, label)
        return system

    def _open_steps(self, docs: Sequence[Doc], *, is_train: bool, model: Model | None = None, extra: int = 0) -> Steps:
        model = self.model if model is None else model
        if model._func is PLAIN:
            steps = open_plain_steps(model, docs, is_train)
        else:
            steps = model(docs, is_train)[0]
        steps.add_unseen(extra)
        return steps

    def _require_actions(self) -> None:
        if not self.moves.n_moves:
            raise PipelineError(
                f"Component '{self.name}' has no labels and no actions yet. Call nlp.initialize() with examples that "
                f"have its annotation, or load a trained pipeline."
            )

    # Training

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Take a training step: follow the model's own actions, and learn what would have been best.

        drop: Dropout rate.
        sgd: Optimizer; None only adds up gradients.
        losses: Losses so far, by component; this component's is added. Returned.
        """
        examples, losses = self._begin_step(examples, losses, "update")
        self._learn_labels(examples)
        for component in self._multitasks:
            component.update(examples, drop=drop, sgd=sgd)
        if not any(self.moves.has_gold(example) for example in examples):
            return losses
        self._require_actions()
        if self.cfg["beam_width"] >= 2 and numpy.random.random() < self.cfg["beam_update_prob"]:
            found = self._update_beam(examples, drop)
        else:
            found = self._update_greedily(examples, drop)
        return losses if found is None else self._learn(losses, found[0], sgd, found[1])

    def _learn_labels(self, examples: Sequence[Example]) -> None:
        for label in self._new_labels([doc for example in examples for doc in (example.x, example.y)]):
            self.add_label(label)

    def _count_impossible(self, count: int) -> None:
        if count and not self.impossible_gold:
            logger.info(
                "Component '%s': %d arcs or entities of this batch's gold annotation cannot be had with the tokens, "
                "sentence starts and entities of the predicted Docs; what does not fit the tokens counts as missing. "
                "The attribute impossible_gold counts them from here on, `spanwright debug data` shows how well tokens "
                "fit.",
                self.name,
                count,
            )
        self.impossible_gold += count

    def _start_training(self, examples: Sequence[Example], drop: float) -> Steps:
        from thinc.api import set_dropout_rate

        set_dropout_rate(self.model, drop)
        return self._open_steps([example.predicted for example in examples], is_train=True)

    def _update_greedily(self, examples: list[Example], drop: float) -> Step | None:
        size = self.cfg["update_with_oracle_cut_size"]
        # Python's own numbers, as published: one seed cuts in the same places.
        max_moves = int(random.uniform(size // 2, size * 2)) if size >= 1 else 0
        states, gold = self.moves.cut(examples, max_moves)
        self._count_impossible(gold.impossible)
        if not states.n:
            return None
        steps = self._start_training(examples, drop)
        return _step(steps, learn_greedily(steps, states, gold, self.model.attrs["unseen_classes"], max_moves))

    def _update_beam(self, examples: list[Example], drop: float) -> Step | None:
        from ..beam import update_beam

        states, gold = self.moves.cut(examples, 0)
        self._count_impossible(gold.impossible)
        if not states.n:
            return None
        steps = self._start_training(examples, drop)
        loss = update_beam(
            self.moves, states, gold, steps, width=self.cfg["beam_width"], density=self.cfg["beam_density"]
        )
        return _step(steps, loss)

    def _begin_rehearsal(self, examples: list[Example], drop: float, teacher: Any) -> Step:
        docs = [example.predicted for example in examples]
        steps = self._start_training(examples, drop)
        with teaching():
            targets = self._open_steps(docs, is_train=True, model=teacher)
        return _step(steps, rehearse_scores(steps, targets, self.moves.start(docs)))

    def distill(  # type: ignore[override]
        self,
        teacher_pipe: TransitionParser,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn to choose actions as a teacher does, along the student's own path.

        teacher_pipe: A trained component of the same kind, with the same actions in the same order.
        examples: The student reads `predicted`, the teacher `reference`, with the same tokens.
        """
        examples, losses = self._begin_step(examples, losses, "distill")
        checked_teacher(teacher_pipe, type(self), self.name)
        if list(teacher_pipe.moves.move_names) != list(self.moves.move_names):
            raise InvalidValueError(
                f"'{self.name}' cannot be distilled from '{teacher_pipe.name}': they have different actions "
                f"({self.moves.n_moves} here, {teacher_pipe.moves.n_moves} there, or another order). "
                f"Initialize the student with the teacher's label_data."
            )
        for example in examples:
            if len(example.predicted) != len(example.reference):
                raise InvalidValueError(
                    f"'{self.name}' can be distilled only where predicted and reference Doc have the same tokens; "
                    f"found {len(example.predicted)} and {len(example.reference)} ({example.reference.text[:40]!r})."
                )
        if not any(len(example.predicted) for example in examples):
            return losses
        teacher = teacher_pipe._open_steps([example.reference for example in examples], is_train=False)
        steps = self._start_training(examples, drop)
        states = self.moves.start([example.predicted for example in examples])
        backprop, found = _step(steps, distill_scores(steps, teacher, states))
        return self._learn(losses, backprop, sgd, found)

    # Initializing

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        nlp: Language | None = None,
        labels: Mapping[Any, Mapping[str, int]] | None = None,
    ) -> None:
        """Set up the actions and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        labels: Labels and their counts by action, such as `label_data` gave; by default those of the examples.
        """
        check_get_examples(get_examples, f"{type(self).__name__}.initialize")
        self.impossible_gold = 0
        if labels is not None:
            actions = labels_by_action(labels, self.name)
        else:
            actions = self.moves.get_actions(
                examples=get_examples(), min_freq=self.cfg["min_action_freq"], learn_tokens=self.cfg["learn_tokens"]
            )
        # Labels that were added before stay.
        for action, counts in self.moves.labels.items():
            actions[action] = {**counts, **actions.get(action, {})}
        self.moves.initialize_actions(actions)
        self._resize()
        self._initialize_model([example.predicted for example in self._sample(get_examples)])
        if nlp is not None:
            self.init_multitask_objectives(get_examples, nlp.pipeline)


def _step(steps: Steps, loss: float) -> Step:
    # The gradient waits in the steps.
    return lambda _: steps.finish_steps(), (loss, None)
