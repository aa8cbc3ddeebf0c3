"""The component textcat_multilabel: categories of a Doc, each of which applies or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.errors import InvalidValueError
from spanwright.language import Language
from spanwright.language.own_settings import component_settings
from spanwright.pipe import check_examples, check_get_examples

from .gold import truths
from .textcat import SCORE_WEIGHTS, TextCategorizer, ensemble
from .thresholds import best_thresholds, check_thresholds, threshold_settings

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab

DEFAULT_MULTI_TEXTCAT_MODEL = ensemble(exclusive_classes=False)


def textcat_multilabel_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Scores of categories that may co-occur, as spacy.textcat_multilabel_scorer.v2 gives them."""
    from spanwright.scorer import Scorer

    return Scorer.score_cats(examples, "cats", **{**kwargs, "multi_label": True})


@Language.factory(
    "textcat_multilabel",
    assigns=["doc.cats"],
    default_config={
        "threshold": 0.5,
        "model": DEFAULT_MULTI_TEXTCAT_MODEL,
        "scorer": {"@scorers": "spacy.textcat_multilabel_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_multilabel_textcat(
    nlp: Language, name: str, model: Model, threshold: float, scorer: Callable | None
) -> MultiLabel_TextCategorizer:
    """textcat_multilabel: scores categories each of which applies to a Doc or not (`Doc.cats`).

    model: Scores categories, such as spacy.TextCatEnsemble.v2: list of Docs in, one float32 row of scores for each out.
    threshold: The score from which a category counts as predicted, in scoring. 0.0 to 1.0; advised: 0.3 to 0.7, found
        by `spanwright find-threshold`.
    scorer: Scores predictions.
    """
    pipe = MultiLabel_TextCategorizer(nlp.vocab, model, name, threshold=threshold, scorer=scorer)
    pipe.set_thresholds(component_settings(nlp, name, threshold_settings))
    return pipe


class MultiLabel_TextCategorizer(TextCategorizer):  # noqa: N801 (spaCy's name)
    """Scores categories each of which applies to a Doc or not (`Doc.cats`).

    vocab: The vocabulary shared with the pipeline.
    model: Scores categories: list of Docs in, one float32 row of scores for each out.
    name: The component's name in its pipeline.
    threshold, scorer: See `make_multilabel_textcat`.
    """

    _exclusive = False

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "textcat_multilabel",
        *,
        threshold: float = 0.5,
        scorer: Callable | None = textcat_multilabel_score,
    ) -> None:
        super().__init__(vocab, model, name, threshold=threshold, scorer=scorer)

    def _settings(self, threshold: float) -> dict[str, Any]:
        return {"labels": [], "threshold": threshold}

    def _check_saved(self, cfg: dict[str, Any]) -> None:
        super()._check_saved(cfg)
        thresholds = cfg.get("thresholds", {})
        if not isinstance(thresholds, dict):
            raise InvalidValueError(
                f"Component '{self.name}': thresholds must be a map from labels, not {thresholds!r}."
            )
        check_thresholds(thresholds, cfg["labels"], self.name)

    @property
    def thresholds(self) -> dict[str, float]:
        """The score from which each category counts as predicted: its own threshold, or the component's."""
        own = self.cfg.get("thresholds", {})
        return {label: own.get(label, self.cfg["threshold"]) for label in self.labels}

    def set_thresholds(self, thresholds: Mapping[str, float]) -> None:
        """Give categories thresholds of their own, which scoring uses and which are saved with the component.

        thresholds: By label, 0.0 to 1.0. Other labels keep the component's.
        """
        check_thresholds(thresholds, self.labels, self.name)
        self.cfg.pop("thresholds", None)
        if thresholds:
            self.cfg["thresholds"] = dict(thresholds)

    def tune_thresholds(self, examples: Iterable[Example]) -> dict[str, float]:
        """Find the threshold with the highest F-score for each category, set and return them.

        examples: With gold categories, and others than the component was trained on.
        """
        examples = list(examples)
        check_examples(examples, f"{type(self).__name__}.tune_thresholds")
        self._check_values(examples)
        scores: Any = self.predict([example.predicted for example in examples])
        values, known = truths(examples, self.labels, missing=True)
        scores = scores if isinstance(scores, np.ndarray) else scores.get()
        found = best_thresholds(scores, values, known, self.labels, self.cfg["threshold"])
        self.set_thresholds(found)
        return found

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Iterable[str] | None = None,
    ) -> None:
        """Set up the categories and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        labels: The categories, such as `label_data` gave; by default those of the examples, in order of appearance.
        """
        check_get_examples(get_examples, f"{type(self).__name__}.initialize")
        self._set_labels(get_examples, labels)
        self._initialize_weights(get_examples)
