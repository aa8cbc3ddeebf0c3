"""The component tagger: a fine-grained part-of-speech tag for each token."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import InvalidTypeError, InvalidValueError, NotFiniteError
from spanwright.language import Language
from spanwright.pipe import TrainablePipe, check_examples, check_get_examples
from spanwright.tokens import Doc, gather, scatter

from ..layers.loss import cross_entropy, difference, split
from ..layers.resize import can_resize, resize_output

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer
    from thinc.types import Floats2d

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab

DEFAULT_TAGGER_MODEL: dict[str, Any] = {
    "@architectures": "spacy.Tagger.v2",
    "tok2vec": {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 96,
        "depth": 4,
        "embed_size": 2000,
        "window_size": 1,
        "maxout_pieces": 3,
        "subword_features": True,
    },
}


def tagger_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """The accuracy of tags, as spacy.tagger_scorer.v1 gives it."""
    from spanwright.scorer import Scorer

    return Scorer.score_token_attr(examples, "tag", **kwargs)


@Language.factory(
    "tagger",
    assigns=["token.tag"],
    default_config={
        "model": DEFAULT_TAGGER_MODEL,
        "overwrite": False,
        "scorer": {"@scorers": "spacy.tagger_scorer.v1"},
        "neg_prefix": "!",
        "label_smoothing": 0.0,
    },
    default_score_weights={
        "tag_acc": 1.0,
        "pos_acc": 0.0,
        "tag_micro_p": None,
        "tag_micro_r": None,
        "tag_micro_f": None,
    },
)
def make_tagger(
    nlp: Language,
    name: str,
    model: Model,
    overwrite: bool,
    scorer: Callable | None,
    neg_prefix: str,
    label_smoothing: float,
) -> Tagger:
    """tagger: sets the fine-grained part-of-speech tag of each token.

    model: Scores labels, such as spacy.Tagger.v2: list of Docs in, list of float32 matrices (tokens, labels) out.
    overwrite: Whether to replace tags that are set already.
    scorer: Scores predictions.
    neg_prefix: Marks a gold tag as one that the token does not have.
    label_smoothing: Probability that training spreads over the other labels, 0.0 to 0.1 as a rule.
    """
    return Tagger(
        nlp.vocab,
        model,
        name=name,
        overwrite=overwrite,
        scorer=scorer,
        neg_prefix=neg_prefix,
        label_smoothing=label_smoothing,
    )


class Tagger(TrainablePipe):
    """Sets the fine-grained part-of-speech tag of each token (`Token.tag`).

    vocab: The vocabulary shared with the pipeline.
    model: Scores labels: list of Docs in, list of float32 matrices (tokens, labels) out.
    name: The component's name in its pipeline.
    overwrite, scorer, neg_prefix, label_smoothing: See `make_tagger`.
    """

    _label_setting = "labels"

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "tagger",
        *,
        overwrite: bool = False,
        scorer: Callable | None = tagger_score,
        neg_prefix: str = "!",
        label_smoothing: float = 0.0,
    ) -> None:
        cfg = {"label_smoothing": label_smoothing, "labels": [], "neg_prefix": neg_prefix, "overwrite": overwrite}
        super().__init__(vocab, model, name, **cfg)
        self.scorer = scorer
        self._rehearsal_model: Model | None = None
        self._ids: tuple[tuple[str, ...], Any] = ((), None)

    # Labels

    @property
    def labels(self) -> tuple[str, ...]:
        """The tags, in the order of the model's outputs."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> Any:
        """The tags, for `initialize(labels=...)`."""
        return tuple(self.cfg["labels"])

    def add_label(self, label: str) -> int:
        """Add a tag; a model that has weights already grows by an output. Returns 1, or 0 if the tag is there."""
        if not isinstance(label, str):
            raise _not_a_label(label, self.name)
        new = label not in self.labels
        if new:
            self._allow_extra_label()
            self.vocab.strings.add(label)
            self.cfg["labels"].append(label)
            self._grow()
        return int(new)

    @property
    def is_resizable(self) -> bool:
        """Whether labels can be added once the model has weights."""
        return super().is_resizable or can_resize(self.model)

    def set_output(self, nO: int) -> None:  # noqa: N803 (spaCy's name)
        """Resize the output layer; outputs that stay keep their weights.

        nO: The new number of outputs.
        """
        if "resize_output" in self.model.attrs:
            super().set_output(nO)
        else:
            resize_output(self.model, nO)
            self._weights_changed()

    def _grow(self) -> None:
        width = self._output_width()
        if width is not None and width < len(self.labels):
            self.set_output(len(self.labels))

    def _label_ids(self) -> Any:
        """What the columns of the model set, as arrays; kept until the labels change."""
        labels = self.labels
        if self._ids[0] != labels or self._ids[1] is None:
            self._ids = (labels, self._make_ids(labels))
        return self._ids[1]

    def _make_ids(self, labels: Sequence[str]) -> Any:
        return numpy.asarray([self.vocab.strings.add(label) for label in labels], dtype="uint64")

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> list[numpy.ndarray]:
        """The best label of each token, as its index in `labels`: one array per Doc."""
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [numpy.zeros((0,), dtype="int64") for _ in docs]
        scores = self.model.predict(docs)
        if isinstance(scores[0], numpy.ndarray):
            return [matrix.argmax(axis=1) for matrix in scores]
        # One transfer from the device for the whole batch.
        return split(self.model.ops.xp.concatenate(scores).argmax(axis=1).get(), scores)

    def set_annotations(self, docs: Sequence[Doc], batch_tag_ids: Sequence[numpy.ndarray]) -> None:
        """Set the tags that `predict` chose."""
        docs, guesses = _batch(docs, batch_tag_ids)
        if not len(guesses):
            return
        values = self._label_ids()[guesses]
        if not self.cfg["overwrite"]:
            values = _keep_existing(docs, "TAG", values)
        scatter(docs, "TAG", values)

    # Training

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from a batch of Examples. See `TrainablePipe.update`."""
        return super().update(examples, drop=drop, sgd=sgd, losses=losses)

    def _rehearsal_loss(self, scores: Any, targets: Any) -> tuple[float, Any]:
        # Labels added since then are not rehearsed.
        targets = [_widen(target, score) for target, score in zip(targets, scores, strict=True)]
        gradients, loss = difference(scores, targets, scale=1.0 / len(scores))
        return loss, gradients

    def get_loss(self, examples: Iterable[Example], scores: Sequence[Floats2d]) -> tuple[float, list[Floats2d]]:
        """The loss of the scores against the gold labels, and its gradients.

        Raises NotFiniteError (a ValueError) if the scores are not numbers.
        """
        examples = list(examples)
        check_examples(examples, f"{type(self).__name__}.get_loss")
        self._check_finite(scores)
        gradients, loss = cross_entropy(
            scores,
            self._truths(examples),
            self.labels,
            neg_prefix=self.cfg.get("neg_prefix"),
            label_smoothing=self.cfg.get("label_smoothing", 0.0),
        )
        return loss, gradients

    def get_teacher_student_loss(
        self, teacher_scores: Sequence[Floats2d], student_scores: Sequence[Floats2d]
    ) -> tuple[float, list[Floats2d]]:
        """The loss of a student's probabilities against its teacher's, and its gradients."""
        gradients, loss = difference(student_scores, teacher_scores)
        return loss, gradients

    def _truths(self, examples: Sequence[Example]) -> list[list[str | None]]:
        """The gold label of each predicted token; None where it is missing or not aligned."""
        return [[tag or None for tag in example.get_aligned("TAG", as_string=True)] for example in examples]

    def _check_finite(self, scores: Sequence[Any]) -> None:
        if any(bool(self.model.ops.xp.isnan(score.sum())) for score in scores):
            raise NotFiniteError(
                f"The scores of component '{self.name}' are not numbers (NaN): training has diverged. "
                f"Lower the learning rate, or check the data and the vectors.",
                component=self.name,
            )

    # Initializing

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        """Set up the tags and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        labels: The tags, such as `label_data` gave; by default those of the examples, sorted.
        """
        check_get_examples(get_examples, f"{type(self).__name__}.initialize")
        if labels is None:
            labels = self._labels_of(get_examples())
        for label in labels:
            self.add_label(label)
        self._require_labels()
        self._initialize_weights(get_examples)

    def _labels_of(self, examples: Iterable[Example]) -> list[str]:
        ids: set[int] = set()
        strings = self.vocab.strings
        found: set[str] = set()
        for example in examples:
            new = set(numpy.unique(gather([example.reference], "TAG")).tolist()) - ids - {0}
            ids |= new
            found.update(example.reference.vocab.strings[tag] for tag in new)
        for label in found:
            strings.add(label)
        return sorted(found)

    def _initialize_weights(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        sample = self._sample(get_examples)
        docs = [example.x for example in sample]
        # The outputs only show the model how wide they are.
        outputs = [self.model.ops.alloc2f(len(doc), len(self.labels)) for doc in docs]
        self._initialize_model(docs, outputs)


def _not_a_label(label: Any, name: str) -> InvalidTypeError:
    return NotALabelError(f"Component '{name}' takes strings as labels, but got {type(label).__name__} ({label!r}).")


class NotALabelError(InvalidTypeError, ValueError):
    """A label that is no string; spaCy users catch ValueError."""


def _to_numpy(array: Any) -> numpy.ndarray:
    return array if isinstance(array, numpy.ndarray) else array.get()


def _batch(docs: Any, guesses: Any) -> tuple[list[Doc], numpy.ndarray]:
    """The Docs as a list, and the guesses for all their tokens in one array."""
    docs = [docs] if isinstance(docs, Doc) else list(docs)
    arrays = [_to_numpy(array) for array in guesses]
    # An empty batch may come as matrices (0, labels), as spaCy's components give it.
    flat = [array for array in arrays if array.shape[0]]
    labels = numpy.concatenate(flat) if flat else numpy.zeros((0,), dtype="int64")
    tokens = sum(len(doc) for doc in docs)
    if len(labels) != tokens:
        raise InvalidValueError(f"The Docs have {tokens} tokens, but there are {len(labels)} labels to set.")
    return docs, labels


def _keep_existing(docs: Sequence[Doc], attr: str, values: numpy.ndarray) -> numpy.ndarray:
    existing = gather(docs, attr)[:, 0]
    return numpy.where(existing == 0, values, existing.astype(values.dtype)) if existing.any() else values


def _widen(target: Floats2d, score: Floats2d) -> Floats2d:
    known = target.shape[1]
    if known == score.shape[1]:
        return target
    widened = score.copy()
    widened[:, :known] = target
    return widened
