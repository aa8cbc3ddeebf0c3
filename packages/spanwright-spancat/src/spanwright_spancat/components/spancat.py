"""The components spancat and spancat_singlelabel: labels of candidate spans, which may overlap."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.broadcast import teaching
from spanwright.errors import InvalidValueError, NotFiniteError
from spanwright.language import Language
from spanwright.language.own_settings import component_settings
from spanwright.pipe import Step, TrainablePipe
from spanwright.tokens import Doc, Example, Span

from ..layers.span_forward import MEMORY, SpanForward
from ..suggesters import (
    Suggester,
    ngram_range_suggester_v1,
    ngram_suggester,
    ngram_suggester_v1,
    preset_spans_suggester,
    preset_spans_suggester_v1,
)
from .candidates import Gold, check_candidates, is_number, to_numpy
from .groups import choose_many, choose_one, set_groups
from .labelling import SpanLabeller

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer
    from thinc.types import Floats2d, Ragged

    from spanwright.vocab import Vocab

DEFAULT_SPANS_KEY = "sc"


def _default_model(scorer: str, embed: str) -> dict[str, Any]:
    return {
        "@architectures": "spacy.SpanCategorizer.v1",
        "scorer": {"@layers": scorer},
        "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 128},
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": embed,
                "width": 96,
                "rows": [5000, 1000, 2500, 1000],
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": 96,
                "window_size": 1,
                "maxout_pieces": 3,
                "depth": 4,
            },
        },
    }


DEFAULT_SPANCAT_MODEL = _default_model("spacy.LinearLogistic.v1", "spacy.MultiHashEmbed.v2")
# As published, the default of the single-label component names an early version, which spanwright-legacy has.
DEFAULT_SPANCAT_SINGLELABEL_MODEL = _default_model("Softmax.v2", "spacy.MultiHashEmbed.v1")
DEFAULT_SUGGESTER = {"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2, 3]}

# The makers of suggesters by the names that other programs use.
build_ngram_suggester = ngram_suggester_v1
build_ngram_range_suggester = ngram_range_suggester_v1
build_preset_spans_suggester = preset_spans_suggester_v1


def spancat_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Precision, recall and F-score of labelled spans, as spacy.spancat_scorer.v1 gives them."""
    from spanwright.scorer.registered import spancat_score as score

    return score(examples, **kwargs)


@Language.factory(
    "spancat",
    assigns=["doc.spans"],
    default_config={
        "threshold": 0.5,
        "spans_key": DEFAULT_SPANS_KEY,
        "max_positive": None,
        "model": DEFAULT_SPANCAT_MODEL,
        "suggester": DEFAULT_SUGGESTER,
        "scorer": {"@scorers": "spacy.spancat_scorer.v1"},
    },
    default_score_weights={"spans_sc_f": 1.0, "spans_sc_p": 0.0, "spans_sc_r": 0.0},
)
def make_spancat(
    nlp: Language,
    name: str,
    suggester: Suggester,
    model: Model,
    spans_key: str,
    scorer: Callable | None,
    threshold: float,
    max_positive: int | None,
) -> SpanCategorizer:
    """spancat: gives candidate spans any number of labels each.

    suggester: Says which spans are candidates: Docs in, Ragged of start and end tokens out.
    model: Scores candidates, such as spacy.SpanCategorizer.v1.
    spans_key: Key of the spans in `doc.spans`, of gold ones in training and of predicted ones.
    scorer: Scores predictions.
    threshold: The least score with which a label is set, 0 to 1.
    max_positive: Most labels of one candidate; None: no limit.
    """
    return SpanCategorizer(
        nlp.vocab,
        _with_memory(nlp, name, model),
        suggester,
        name,
        spans_key=spans_key,
        negative_weight=None,
        allow_overlap=True,
        max_positive=max_positive,
        threshold=threshold,
        scorer=scorer,
        add_negative_label=False,
    )


@Language.factory(
    "spancat_singlelabel",
    assigns=["doc.spans"],
    default_config={
        "spans_key": DEFAULT_SPANS_KEY,
        "model": DEFAULT_SPANCAT_SINGLELABEL_MODEL,
        "negative_weight": 1.0,
        "suggester": DEFAULT_SUGGESTER,
        "scorer": {"@scorers": "spacy.spancat_scorer.v1"},
        "allow_overlap": True,
    },
    default_score_weights={"spans_sc_f": 1.0, "spans_sc_p": 0.0, "spans_sc_r": 0.0},
)
def make_spancat_singlelabel(
    nlp: Language,
    name: str,
    suggester: Suggester,
    model: Model,
    spans_key: str,
    negative_weight: float,
    allow_overlap: bool,
    scorer: Callable | None,
) -> SpanCategorizer:
    """spancat_singlelabel: gives candidate spans one label each, or none.

    suggester, model, spans_key, scorer: As for `spancat`; the model's last output stands for "no label".
    negative_weight: Factor of the gradients of candidates that are no gold spans. Less than 1 where there are many.
    allow_overlap: If false, spans that share tokens with one of a higher score are left out.
    """
    return SpanCategorizer(
        nlp.vocab,
        _with_memory(nlp, name, model),
        suggester,
        name,
        spans_key=spans_key,
        negative_weight=negative_weight,
        allow_overlap=allow_overlap,
        max_positive=1,
        add_negative_label=True,
        threshold=None,
        scorer=scorer,
    )


def _with_memory(nlp: Language, name: str, model: Model) -> Model:
    """Hand the setting of [spanwright.components.NAME] to the network."""

    def schema(memory: int = MEMORY) -> int:
        return memory

    memory = component_settings(nlp, name, schema)
    if memory < 1:
        raise InvalidValueError(f"[spanwright.components.{name}] memory is a number of MiB, at least 1; got {memory}.")
    forward = getattr(model, "_func", None)
    if isinstance(forward, SpanForward):
        forward.memory = memory
    return model


class SpanCategorizer(SpanLabeller):
    """Gives candidate spans labels, and keeps the scores in the group's `attrs["scores"]`.

    vocab: The vocabulary shared with the pipeline.
    model: Scores candidates: (list of Docs, Ragged) in, float32 matrix (candidates, labels) out.
    suggester: Says which spans are candidates.
    name: The component's name in its pipeline.
    add_negative_label: Whether the model has one more output, the last one, for "no label".
    spans_key, negative_weight, allow_overlap, max_positive, threshold, scorer: See the factories. With
        `max_positive` 1 the best label is chosen, whatever its score, if `threshold` is None.

    Raises InvalidValueError (a ValueError) for settings that make no sense.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        suggester: Suggester,
        name: str = "spancat",
        *,
        add_negative_label: bool = False,
        spans_key: str = "spans",
        negative_weight: float | None = 1.0,
        allow_overlap: bool | None = True,
        max_positive: int | None = None,
        threshold: float | None = 0.5,
        scorer: Callable | None = spancat_score,
    ) -> None:
        _check_settings(name, threshold, max_positive, negative_weight, allow_overlap)
        super().__init__(
            vocab,
            model,
            name,
            labels=[],
            spans_key=spans_key,
            threshold=threshold,
            max_positive=max_positive,
            negative_weight=negative_weight,
            allow_overlap=allow_overlap,
        )
        self.suggester = suggester
        self.scorer = scorer
        self.add_negative_label = add_negative_label
        self._rehearsal_model: Model | None = None

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> tuple[Ragged, Floats2d]:
        """The candidates (Ragged) of some Docs, and their scores (candidates, labels)."""
        docs = list(docs)
        candidates = self._suggest(docs)
        if not len(candidates.dataXd):
            return candidates, self.model.ops.alloc2f(0, 0)
        return candidates, self.model.predict((docs, candidates))

    def set_candidates(self, docs: Iterable[Doc], *, candidates_key: str = "candidates") -> None:
        """Put the candidates on the Docs as a span group, to look at.

        candidates_key: Key of the group in `doc.spans`.
        """
        docs = list(docs)
        candidates = self._suggest(docs)
        bounds = to_numpy(candidates.dataXd).tolist()
        first = 0
        for doc, count in zip(docs, to_numpy(candidates.lengths).tolist(), strict=True):
            doc.spans[candidates_key] = [Span(doc, start, end) for start, end in bounds[first : first + count]]
            first += count

    def set_annotations(self, docs: Sequence[Doc], indices_scores: tuple[Ragged, Floats2d]) -> None:
        """Set the spans that `predict` scored high enough, as the group `key` of each Doc."""
        docs = list(docs)
        candidates, found = indices_scores
        scores, counts = to_numpy(found), to_numpy(candidates.lengths)
        bounds = to_numpy(candidates.dataXd).reshape((-1, 2))
        if len(counts) != len(docs) or len(scores) != len(bounds):
            raise InvalidValueError(
                f"There are {len(docs)} Docs and {len(bounds)} candidates, but {len(scores)} scores for the candidates "
                f"of {len(counts)} Docs."
            )
        edges = np.concatenate([[0], np.cumsum(counts, dtype="int64")])
        settings: dict[str, Any] = {"threshold": self.cfg["threshold"], "negative": self._negative_label_i}
        if not scores.size:
            scores = np.zeros((len(bounds), self._n_labels), dtype="float32")
        if scores.shape[1:] != (self._n_labels,):
            raise InvalidValueError(
                f"Component '{self.name}' has {self._n_labels} outputs, but the scores have the shape {scores.shape}."
            )
        if self.cfg["max_positive"] == 1 and self._n_labels:
            overlap = bool(self.cfg["allow_overlap"])
            choice = choose_one(scores, bounds, edges, docs, allow_overlap=overlap, **settings)
        else:
            choice = choose_many(scores, max_positive=self.cfg["max_positive"], **settings)
        set_groups(docs, self.key, choice, bounds, edges, self.labels)

    # Files

    def _check_saved(self, cfg: dict[str, Any]) -> None:
        key, *others = (cfg[name] for name in ("spans_key", *_SETTINGS))
        if not isinstance(key, str):
            raise InvalidValueError(f"spans_key of component '{self.name}' must be a text; got {key!r}.")
        _check_settings(self.name, *others)

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
        examples, losses = self._begin_step(examples, losses, "update")
        begun = self._begin([example.predicted for example in examples], drop)
        if begun is None:
            return losses
        candidates, scores, backprop = begun
        return self._learn(losses, backprop, sgd, self.get_loss(examples, (candidates, scores)))

    def _begin(self, docs: list[Doc], drop: float) -> tuple[Ragged, Any, Callable[[Any], Any]] | None:
        """The candidates of some Docs, their scores, and the way back; None if there are no candidates."""
        from thinc.model import set_dropout_rate

        if not any(len(doc) for doc in docs):
            return None
        candidates = self._suggest(docs)
        if not len(candidates.dataXd):
            return None
        set_dropout_rate(self.model, drop)
        return candidates, *self.model.begin_update((docs, candidates))

    def _begin_rehearsal(self, examples: list[Example], drop: float, teacher: Model) -> Step | None:
        docs = [example.predicted for example in examples]
        begun = self._begin(docs, drop)
        if begun is None:
            return None
        candidates, scores, backprop = begun
        with teaching():
            targets, _ = teacher.begin_update((docs, candidates))
        if targets.shape != scores.shape:
            # Labels added since then are not rehearsed.
            targets = self._widened(targets, scores)
        gradient = (scores - targets) / len(docs)
        return backprop, (float((gradient**2).sum()), gradient)

    def _widened(self, targets: Any, scores: Any) -> Any:
        wide = scores.copy()
        plain = targets.shape[1] - int(self.add_negative_label)
        wide[:, :plain] = targets[:, :plain]
        if self.add_negative_label:
            wide[:, -1] = targets[:, -1]
        return wide

    def distill(
        self,
        teacher_pipe: TrainablePipe,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn to score candidates as a teacher does. See `TrainablePipe.distill`.

        The candidates are those of this component; the tokens of both sides of an Example must be the same.
        """
        examples, losses = self._begin_step(examples, losses, "distill")
        self._check_teacher(teacher_pipe)
        begun = self._begin([example.predicted for example in examples], drop)
        if begun is None:
            return losses
        candidates, scores, backprop = begun
        docs = [example.reference for example in examples]
        check_candidates(candidates, docs, self.name)
        gradient = scores - teacher_pipe.model.predict((docs, candidates))
        return self._learn(losses, backprop, sgd, (float((gradient**2).sum()), gradient))

    def get_loss(self, examples: Iterable[Example], spans_scores: tuple[Ragged, Floats2d]) -> tuple[float, Floats2d]:
        """The loss of the scores against the gold spans, and its gradient.

        spans_scores: The candidates and their scores.

        Raises MissingKeyError (a KeyError) for a gold label that the component lacks, NotFiniteError (a ValueError) if
        the scores are not numbers.
        """
        examples = list(examples)
        candidates, scores = spans_scores
        gold = Gold.of(examples, self.key)
        rows = gold.rows(candidates)
        found = np.flatnonzero(rows >= 0)
        target: Any = np.zeros(scores.shape, dtype="float32")
        target[rows[found], gold.columns(found, self._label_map, self.name, self.key)] = 1.0
        weights: Any = None
        if self.add_negative_label:
            negative = np.ones(len(target), dtype=bool)
            negative[rows[found]] = False
            target[negative, self._negative_label_i] = 1.0
            weight = self.cfg["negative_weight"]
            if weight not in (None, 1.0):
                weights = np.where(negative, weight, 1.0).astype("float32")[:, None]
        gradient: Any = scores - self.model.ops.asarray(target)
        if weights is not None:
            gradient *= self.model.ops.asarray(weights)
        loss = float((gradient**2).sum())
        if not math.isfinite(loss):
            raise NotFiniteError(
                f"The scores of component '{self.name}' are not numbers (NaN): training has diverged. "
                f"Lower the learning rate, or check the data and the vectors.",
                component=self.name,
            )
        return loss, gradient


# The order of the arguments of `_check_settings`.
_SETTINGS = ("threshold", "max_positive", "negative_weight", "allow_overlap")


def _check_settings(
    name: str,
    threshold: float | None,
    max_positive: int | None,
    negative_weight: float | None,
    allow_overlap: bool | None,
) -> None:
    if threshold is not None and not (is_number(threshold) and 0.0 <= threshold <= 1.0):
        raise InvalidValueError(f"The threshold of component '{name}' must be from 0 to 1; got {threshold}.")
    if max_positive is not None and not (is_number(max_positive, int) and max_positive >= 1):
        raise InvalidValueError(
            f"max_positive of component '{name}' is a number of labels, at least 1, or null for no limit; got "
            f"{max_positive}."
        )
    factor = negative_weight
    if factor is not None and not (is_number(factor) and factor >= 0 and math.isfinite(factor)):
        raise InvalidValueError(f"negative_weight of component '{name}' is a factor, 0 or more; got {negative_weight}.")
    if not allow_overlap and max_positive is not None and max_positive > 1:
        raise InvalidValueError(
            f"Component '{name}': allow_overlap is false, so a span has one label, but max_positive is {max_positive}. "
            "Set max_positive to 1, or allow overlap."
        )


__all__ = [
    "DEFAULT_SPANCAT_MODEL",
    "DEFAULT_SPANCAT_SINGLELABEL_MODEL",
    "DEFAULT_SPANS_KEY",
    "SpanCategorizer",
    "Suggester",
    "build_ngram_range_suggester",
    "build_ngram_suggester",
    "build_preset_spans_suggester",
    "make_spancat",
    "make_spancat_singlelabel",
    "ngram_suggester",
    "preset_spans_suggester",
    "spancat_score",
]
