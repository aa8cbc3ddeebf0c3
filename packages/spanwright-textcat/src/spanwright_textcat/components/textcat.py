"""The component textcat: categories of a Doc of which exactly one applies."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.errors import InvalidValueError, NotFiniteError, PipelineError
from spanwright.language import Language
from spanwright.pipe import Step, TrainablePipe, check_examples, check_get_examples
from spanwright.tokens import Doc

from ..layers.resize import can_resize, forget_width, resize_output
from .gold import CategoryTypeError, CategoryWarning, check_positive_label, check_threshold, check_values, truths

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer
    from thinc.types import Floats2d

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab


def ensemble(*, exclusive_classes: bool) -> dict[str, Any]:
    """The default network of the components."""
    return {
        "@architectures": "spacy.TextCatEnsemble.v2",
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": 64,
                "rows": [2000, 2000, 500, 1000, 500],
                "attrs": ["NORM", "LOWER", "PREFIX", "SUFFIX", "SHAPE"],
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": 64,
                "window_size": 1,
                "maxout_pieces": 3,
                "depth": 2,
            },
        },
        "linear_model": {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": exclusive_classes,
            "length": 262144,
            "ngram_size": 1,
            "no_output_layer": False,
        },
    }


DEFAULT_SINGLE_TEXTCAT_MODEL = ensemble(exclusive_classes=True)
SCORE_WEIGHTS: dict[str, float | None] = {
    "cats_score": 1.0,
    "cats_score_desc": None,
    "cats_micro_p": None,
    "cats_micro_r": None,
    "cats_micro_f": None,
    "cats_macro_p": None,
    "cats_macro_r": None,
    "cats_macro_f": None,
    "cats_macro_auc": None,
    "cats_f_per_type": None,
}


def textcat_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Scores of exclusive categories, as spacy.textcat_scorer.v2 gives them."""
    from spanwright.scorer import Scorer

    return Scorer.score_cats(examples, "cats", **{**kwargs, "multi_label": False})


@Language.factory(
    "textcat",
    assigns=["doc.cats"],
    default_config={
        "threshold": 0.0,
        "model": DEFAULT_SINGLE_TEXTCAT_MODEL,
        "scorer": {"@scorers": "spacy.textcat_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_textcat(nlp: Language, name: str, model: Model, threshold: float, scorer: Callable | None) -> TextCategorizer:
    """textcat: scores categories of which exactly one applies to a Doc (`Doc.cats`).

    model: Scores categories, such as spacy.TextCatEnsemble.v2: list of Docs in, one float32 row of scores for each out.
    threshold: Kept with the settings and without effect: the category with the highest score counts. 0.0 to 1.0.
    scorer: Scores predictions.
    """
    return TextCategorizer(nlp.vocab, model, name, threshold=threshold, scorer=scorer)


class TextCategorizer(TrainablePipe):
    """Scores categories of which exactly one applies to a Doc; the scores of `Doc.cats` add up to 1.

    vocab: The vocabulary shared with the pipeline.
    model: Scores categories: list of Docs in, one float32 row of scores for each out.
    name: The component's name in its pipeline.
    threshold, scorer: See `make_textcat`.
    """

    _label_setting = "labels"
    _exclusive = True

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "textcat",
        *,
        threshold: float = 0.0,
        scorer: Callable | None = textcat_score,
    ) -> None:
        check_threshold(threshold, name)
        super().__init__(vocab, model, name, **self._settings(threshold))
        self.scorer = scorer
        self._rehearsal_model: Model | None = None
        self._warned = False

    def _settings(self, threshold: float) -> dict[str, Any]:
        return {"labels": [], "threshold": threshold, "positive_label": None}

    @property
    def support_missing_values(self) -> bool:
        """Whether a category without a gold value counts as not known; else it does not apply."""
        return not self._exclusive

    # Labels

    @property
    def labels(self) -> tuple[str, ...]:
        """The categories, in the order of the model's outputs."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> Any:
        """The categories, for `initialize(labels=...)`."""
        return self.labels

    def add_label(self, label: str) -> int:
        """Add a category; a model that has weights already grows by an output, and the scores of the other categories
        stay as they are. Returns 1, or 0 if the category is there.
        """
        if not isinstance(label, str):
            raise CategoryTypeError(
                f"Component '{self.name}' takes strings as labels, but got {type(label).__name__} ({label!r})."
            )
        if label in self.labels:
            return 0
        self._allow_extra_label()
        self.vocab.strings.add(label)
        self.cfg["labels"].append(label)
        width = self._output_width()
        if width is not None and width < len(self.labels):
            self.set_output(len(self.labels))
        return 1

    @property
    def is_resizable(self) -> bool:
        """Whether categories can be added once the model has weights."""
        return super().is_resizable or can_resize(self.model)

    def set_output(self, nO: int) -> None:
        """Change the number of scores; categories that stay keep their weights.

        nO: The new number of scores.
        """
        if "resize_output" in self.model.attrs:
            self.model = self.model.attrs["resize_output"](self.model, nO)
        else:
            self.model = resize_output(self.model, nO)
        self._weights_changed()

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> Floats2d:
        """The score of each category for each Doc. *Shape:* (Docs, labels). A Doc without tokens has zeros."""
        docs = list(docs)
        lengths: Any = np.fromiter(map(len, docs), dtype="int64", count=len(docs))
        if not lengths.any():
            return self.model.ops.alloc2f(len(docs), len(self.labels))
        scores: Any = self.model.ops.asarray(self.model.predict(docs))
        if not lengths.all():
            empty: Any = np.flatnonzero(lengths == 0)
            scores[self.model.ops.asarray(empty)] = 0
        return scores

    def set_annotations(self, docs: Iterable[Doc], scores: Floats2d) -> None:
        """Set the scores that `predict` gave."""
        labels = self.labels
        docs = [docs] if isinstance(docs, Doc) else list(docs)
        if len(docs) != len(scores) or (len(docs) and scores.shape[1] != len(labels)):
            raise InvalidValueError(
                f"Component '{self.name}' has {len(docs)} Docs and {len(labels)} labels, but scores of shape "
                f"{tuple(scores.shape)} to set."
            )
        for doc, row in zip(docs, scores.tolist(), strict=True):
            doc.cats.update(zip(labels, row, strict=True))

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
        examples = list(examples)
        check_examples(examples, f"{type(self).__name__}.update")
        self._check_values(examples)
        return super().update(examples, drop=drop, sgd=sgd, losses=losses)

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the weights with the gradients that have been added up.

        sgd: The optimizer.
        """
        from ..layers.sparse_update import finish_update

        finish_update(self.model, sgd)
        self._weights_changed()

    def _begin_rehearsal(self, examples: list[Example], drop: float, teacher: Model) -> Step | None:
        self._check_values(examples)
        return super()._begin_rehearsal(examples, drop, teacher)

    def _rehearsal_loss(self, scores: Floats2d, targets: Floats2d) -> tuple[float, Floats2d]:
        gradient: Any = scores - 0.0
        # Labels added since then are not rehearsed.
        known = targets.shape[1]
        gradient[:, :known] -= targets
        gradient[:, known:] = 0.0
        return float((gradient**2).sum()), gradient

    def get_loss(self, examples: Iterable[Example], scores: Floats2d) -> tuple[float, Floats2d]:
        """The loss of the scores against the gold categories (mean squared error), and its gradient.

        Raises NotFiniteError (a ValueError) if the scores are not numbers.
        """
        examples = list(examples)
        check_examples(examples, f"{type(self).__name__}.get_loss")
        self._check_values(examples)
        if bool(self.model.ops.xp.isnan(scores).any()):
            raise NotFiniteError(
                f"The scores of component '{self.name}' are not numbers (NaN): training has diverged. "
                f"Lower the learning rate, or check the data and the vectors.",
                component=self.name,
            )
        values, known = self._examples_to_truth(examples)
        gradient: Any = (scores - values) * known
        return float((gradient**2).mean()), gradient

    def get_teacher_student_loss(self, teacher_scores: Floats2d, student_scores: Floats2d) -> tuple[float, Floats2d]:
        """The loss of a student's scores against its teacher's, and its gradient."""
        gradient: Any = student_scores - teacher_scores
        return float((gradient**2).mean()), gradient

    def _examples_to_truth(self, examples: Sequence[Example]) -> tuple[Floats2d, Floats2d]:
        values, known = truths(examples, self.labels, missing=self.support_missing_values)
        labels = set(self.labels)
        strange = [example for example in examples if labels.isdisjoint(example.reference.cats)]
        if strange and not self._warned:
            self._warned = True
            others = sorted({str(label) for example in strange for label in example.reference.cats})
            has = f"have other categories ({', '.join(others[:5])})" if others else "have no categories"
            shown = ", ".join(self.labels[:5]) + (", ..." if len(labels) > 5 else "")
            effect = (
                "as Docs to which none of its categories applies"
                if self._exclusive
                else "without anything to learn from them"
            )
            warnings.warn(
                CategoryWarning(
                    f"Component '{self.name}' (labels: {shown})"
                    f" sees {len(strange)} of {len(examples)} Examples that {has}; it takes them {effect}. "
                    f"Set doc.cats of the gold Docs."
                ),
                stacklevel=4,
            )
        asarray: Any = self.model.ops.asarray
        return asarray(values), asarray(known)

    def _check_values(self, examples: Iterable[Example]) -> None:
        check_values(examples, self.name, exclusive=self._exclusive)

    # Files

    def _check_saved(self, cfg: dict[str, Any]) -> None:
        check_threshold(cfg["threshold"], self.name)
        positive = cfg.get("positive_label")
        if positive is not None and positive not in cfg["labels"]:
            raise InvalidValueError(f"Component '{self.name}': positive_label {positive!r} is not among the labels.")

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> TextCategorizer:
        """Load what `to_bytes` gave. See `TrainablePipe.from_bytes`."""
        forget_width(self.model)
        super().from_bytes(bytes_data, exclude=exclude)
        return self

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> TextCategorizer:
        """Load the component from a folder. See `TrainablePipe.from_disk`."""
        forget_width(self.model)
        super().from_disk(path, exclude=exclude)
        return self

    # Initializing

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Iterable[str] | None = None,
        positive_label: str | None = None,
    ) -> None:
        """Set up the categories and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        labels: The categories, such as `label_data` gave; by default those of the examples, in order of appearance.
        positive_label: Of two categories, the one whose F-score is the component's; None scores all categories.
        """
        check_get_examples(get_examples, f"{type(self).__name__}.initialize")
        self._set_labels(get_examples, labels)
        if len(self.labels) < 2:
            raise PipelineError(
                f"Component '{self.name}' has categories of which exactly one applies, and needs at least two, but has "
                f"{list(self.labels)}. If there is one category that applies or does not, add its opposite as a second "
                f"label, or use the component textcat_multilabel."
            )
        if positive_label is not None:
            check_positive_label(positive_label, self.labels, self.name)
        self.cfg["positive_label"] = positive_label
        self._initialize_weights(get_examples)

    def _set_labels(self, get_examples: Callable[[], Iterable[Example]], labels: Iterable[str] | None) -> None:
        if isinstance(labels, str) or not (labels is None or isinstance(labels, Iterable)):
            raise CategoryTypeError(f"Component '{self.name}': labels must be a list of strings, but got {labels!r}.")
        given = None if labels is None else list(labels)
        for label in given or ():
            self.add_label(label)
        if given is not None and not self._exclusive:
            # As in spaCy, the sample alone is looked at; all data may take long.
            self._check_values(self._sample(get_examples))
            return
        found: dict[str, bool] = {}
        for example in get_examples():
            self._check_values([example])
            for label, value in example.reference.cats.items():
                found[label] = found.get(label, False) or value == 1.0
        if given is None:
            for label in found:
                self.add_label(label)
        never = [label for label in self.labels if not found.get(label)]
        if never and found:
            warnings.warn(
                CategoryWarning(
                    f"Component '{self.name}': no Example has the value 1.0 for {', '.join(map(repr, never[:10]))}"
                    f"{f' and {len(never) - 10} more' if len(never) > 10 else ''}, so that nothing can be learnt "
                    f"about {'it' if len(never) == 1 else 'them'}."
                ),
                stacklevel=3,
            )

    def _initialize_weights(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        self._require_labels()
        sample = self._sample(get_examples)
        width = self._output_width()
        if width is not None and width != len(self.labels) and self.is_resizable:
            self.set_output(len(self.labels))
        values, _ = truths(sample, self.labels, missing=self.support_missing_values)
        self._initialize_model([example.reference for example in sample], self.model.ops.asarray(values))
