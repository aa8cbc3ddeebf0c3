"""The component span_finder: spans from the tokens that they may start and end with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spanwright.errors import InvalidValueError, NotFiniteError
from spanwright.language import Language
from spanwright.pipe import TrainablePipe, check_get_examples
from spanwright.tokens import Doc, Example, Span

from .candidates import is_number, to_numpy
from .spancat import DEFAULT_SPANCAT_MODEL, DEFAULT_SPANS_KEY

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

DEFAULT_SPAN_FINDER_MODEL: dict[str, Any] = {
    "@architectures": "spacy.SpanFinder.v1",
    "scorer": {"@layers": "spacy.LinearLogistic.v1", "nO": 2},
    "tok2vec": DEFAULT_SPANCAT_MODEL["tok2vec"],
}

MOST_TOKENS = 2**31


def span_finder_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Precision, recall and F-score of spans without labels, as spacy.span_finder_scorer.v1 gives them."""
    from spanwright.scorer.registered import span_finder_score as score

    return score(examples, **kwargs)


@Language.factory(
    "span_finder",
    assigns=["doc.spans"],
    default_config={
        "threshold": 0.5,
        "model": DEFAULT_SPAN_FINDER_MODEL,
        "spans_key": DEFAULT_SPANS_KEY,
        "max_length": 25,
        "min_length": None,
        "scorer": {"@scorers": "spacy.span_finder_scorer.v1"},
    },
    default_score_weights={"spans_sc_f": 1.0, "spans_sc_p": 0.0, "spans_sc_r": 0.0},
)
def make_span_finder(
    nlp: Language,
    name: str,
    model: Model,
    spans_key: str,
    threshold: float,
    max_length: int | None,
    min_length: int | None,
    scorer: Callable | None,
) -> SpanFinder:
    """span_finder: suggests spans without a label, from likely first and last tokens.

    model: Scores tokens as first and last ones, such as spacy.SpanFinder.v1.
    spans_key: Key of the spans in `doc.spans`, of gold ones in training and of predicted ones.
    threshold: The least score of a first and of a last token, 0 to 1.
    max_length, min_length: Most and fewest tokens of a span; None: any number. Without a maximum, a Doc with many
        likely tokens gives very many spans.
    scorer: Scores predictions.
    """
    return SpanFinder(
        nlp,
        model,
        name,
        threshold=threshold,
        max_length=max_length,
        min_length=min_length,
        scorer=scorer,
        spans_key=spans_key,
    )


class SpanFinder(TrainablePipe):
    """Finds spans without a label (a group in `doc.spans`), often for a suggester to read.

    nlp: The pipeline, whose vocabulary is used.
    model: Scores tokens: list of Docs in, float32 matrix (tokens of all Docs, 2) out.
    name: The component's name in its pipeline.
    spans_key, threshold, max_length, min_length, scorer: See `make_span_finder`.

    Raises InvalidValueError (a ValueError) for settings that make no sense.
    """

    def __init__(
        self,
        nlp: Language,
        model: Model,
        name: str = "span_finder",
        *,
        spans_key: str = DEFAULT_SPANS_KEY,
        threshold: float = 0.5,
        max_length: int | None = None,
        min_length: int | None = None,
        scorer: Callable | None = span_finder_score,
    ) -> None:
        _check_settings(name, threshold, max_length, min_length)
        super().__init__(
            nlp.vocab,
            model,
            name,
            min_length=min_length,
            max_length=max_length,
            threshold=threshold,
            spans_key=spans_key,
        )
        self.scorer = scorer

    @property
    def key(self) -> str:
        """Key of the spans in `doc.spans`."""
        return str(self.cfg["spans_key"])

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> Floats2d:
        """The scores of all tokens as the first and the last one of a span (tokens, 2)."""
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return self.model.ops.alloc2f(0, 2)
        return self.model.predict(docs)

    def set_annotations(self, docs: Sequence[Doc], scores: Floats2d) -> None:
        """Set the spans from each likely first to each likely last token, as the group `key` of each Doc."""
        docs = list(docs)
        likely = to_numpy(scores) >= self.cfg["threshold"]
        tokens = sum(map(len, docs))
        if likely.shape != (tokens, 2):
            raise InvalidValueError(
                f"The Docs have {tokens} tokens, but there are {len(likely)} scores, of shape {likely.shape}; each "
                "token has two."
            )
        first = 0
        for doc in docs:
            part = likely[first : first + len(doc)]
            bounds = self._spans(part[:, 0].nonzero()[0], part[:, 1].nonzero()[0])
            doc.spans[self.key] = [Span(doc, start, end) for start, end in bounds.tolist()]
            first += len(doc)

    def _spans(self, starts: NDArray[np.int64], lasts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Start and end of each span of a permitted length, by start, then by end (spans, 2)."""
        # Larger numbers than any Doc has tokens may be too large for the arrays.
        shortest = min(self.cfg["min_length"] or 1, MOST_TOKENS)
        longest = None if self.cfg["max_length"] is None else min(self.cfg["max_length"], MOST_TOKENS)
        # For each start, the stretch of last tokens that it may go to.
        begin = np.searchsorted(lasts, starts + shortest - 1)
        stop = np.full(len(starts), len(lasts)) if longest is None else np.searchsorted(lasts, starts + longest)
        counts = (stop - begin).clip(min=0)
        which = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begin, counts)
        return np.stack([np.repeat(starts, counts), lasts[which] + 1], axis=1)

    # Files

    def _check_saved(self, cfg: dict[str, Any]) -> None:
        if not isinstance(cfg["spans_key"], str):
            raise InvalidValueError(f"spans_key of component '{self.name}' must be a text.")
        _check_settings(self.name, cfg["threshold"], cfg["max_length"], cfg["min_length"])

    # Training

    def get_loss(self, examples: Iterable[Example], scores: Floats2d) -> tuple[float, Floats2d]:
        """The loss of the scores against the gold spans, and its gradient.

        Raises InvalidValueError (a ValueError) if the two sides of an Example differ in their text, NotFiniteError
        (a ValueError) if the scores are not numbers.
        """
        truths, masks = self._truths(list(examples))
        gradient: Any = scores - self.model.ops.asarray(truths)
        gradient *= self.model.ops.asarray(masks)
        loss = float((gradient**2).sum())
        if not math.isfinite(loss):
            raise NotFiniteError(
                f"The scores of component '{self.name}' are not numbers (NaN): training has diverged. "
                f"Lower the learning rate, or check the data and the vectors.",
                component=self.name,
            )
        return loss, gradient

    def get_teacher_student_loss(self, teacher_scores: Floats2d, student_scores: Floats2d) -> tuple[float, Floats2d]:
        """The loss of a student's scores against its teacher's, and its gradient."""
        gradient: Any = student_scores - teacher_scores
        return float((gradient**2).sum()), gradient

    def _truths(self, examples: Sequence[Example]) -> tuple[Any, Any]:
        """What the scores shall be (tokens, 2), and where that is known: not at the edge of a predicted token that only
        begins or ends within a gold span."""
        offsets = np.cumsum([0, *(len(example.predicted) for example in examples)])
        truths = np.zeros((int(offsets[-1]), 2), dtype="float32")
        masks = np.ones_like(truths)
        for offset, example in zip(offsets.tolist(), examples, strict=False):
            self._check_text(example)
            predicted = example.predicted
            for span in example.reference.spans.get(self.key, []):
                aligned = predicted.char_span(span.start_char, span.end_char, alignment_mode="expand")
                if aligned is None:
                    continue
                fits = (aligned.start_char == span.start_char, aligned.end_char == span.end_char)
                for side, token in enumerate((aligned.start, aligned.end - 1)):
                    if fits[side]:
                        truths[offset + token, side] = 1
                    else:
                        masks[offset + token, side] = 0
        return truths, masks

    def _check_text(self, example: Example) -> None:
        if example.x.text != example.y.text:
            raise InvalidValueError(
                f"Component '{self.name}' finds gold spans by their characters, so both sides of an Example must have "
                f"the same text; found {example.x.text[:40]!r} and {example.y.text[:40]!r}."
            )

    def initialize(  # type: ignore[override]
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None
    ) -> None:
        """Allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        """
        check_get_examples(get_examples, "SpanFinder.initialize")
        sample = self._sample(get_examples)
        docs = [example.reference for example in sample]
        outputs = self.model.ops.alloc2f(sum(len(doc) for doc in docs), 2)
        self._initialize_model(docs, outputs)


def _check_settings(name: str, threshold: float, max_length: int | None, min_length: int | None) -> None:
    if not (is_number(threshold) and 0.0 <= threshold <= 1.0):
        raise InvalidValueError(f"The threshold of component '{name}' must be from 0 to 1; got {threshold}.")
    for setting, value in (("min_length", min_length), ("max_length", max_length)):
        if value is not None and not (is_number(value, int) and value >= 1):
            raise InvalidValueError(
                f"{setting} of component '{name}' is a number of tokens, at least 1, or null; got {value}."
            )
    if min_length is not None and max_length is not None and min_length > max_length:
        raise InvalidValueError(
            f"Component '{name}': min_length ({min_length}) is larger than max_length ({max_length})."
        )
