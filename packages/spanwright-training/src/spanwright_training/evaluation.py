"""Scoring a pipeline while it is trained."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from spanwright.errors import SpanwrightWarning
from spanwright.registry import nearest

from .errors import EmptyCorpusError, TrainingError, UnknownScoreError
from .random_state import random_state_kept


class Evaluation:
    """Scores the pipeline on the dev corpus, and weighs the scores.

    nlp: The pipeline.
    dev_corpus: Gives the Examples each time it is called with the pipeline.
    weights: Weight of each score; null hides one.
    name: Where the corpus stands in the config, for messages.

    Calling it returns the weighted score and all scores. It raises UnknownScoreError (a ValueError and KeyError) for a
    weight on a score that nobody computes, TrainingError (a ValueError) for one on something that is no number.
    """

    def __init__(
        self,
        nlp: Any,
        dev_corpus: Callable[[Any], Iterable[Any]],
        weights: Mapping[str, float | None],
        *,
        name: str = "corpora.dev",
    ) -> None:
        self.nlp = nlp
        self.dev_corpus = dev_corpus
        self.weights = {key: weight for key, weight in weights.items() if weight is not None}
        self.name = name
        self._checked = False

    def check_corpus(self) -> None:
        """Raise EmptyCorpusError if there is nothing to score on. Draws no random numbers."""
        with random_state_kept():
            for _ in self.dev_corpus(self.nlp):
                return
        raise EmptyCorpusError(
            f"The dev corpus [{self.name}] has no examples, so no model can be chosen as the best. Look at its path "
            "(--paths.dev), and at settings that leave examples out (max_length, limit)."
        )

    def __call__(self) -> tuple[float, dict[str, Any]]:
        found = self.nlp.evaluate(self.dev_corpus(self.nlp))
        if not self._checked:
            self._check(found)
            self._checked = True
        scores = {key: value for key, value in found.items() if value is not None}
        for key in self.weights:
            if key in scores and not isinstance(scores[key], (int, float)):
                kind = type(scores[key]).__name__
                raise TrainingError(
                    f"[training.score_weights] {key}: this score is a {kind}, and only numbers can be weighed. Give it "
                    f"the weight null, or weigh one of: {', '.join(_numbers(scores))}."
                )
        return sum(scores.get(key, 0.0) * weight for key, weight in self.weights.items()), scores

    def _check(self, found: Mapping[str, Any]) -> None:
        unknown = [key for key, weight in self.weights.items() if weight and key not in found]
        if unknown:
            close = nearest(unknown[0], list(found), limit=1)
            hint = f"Did you mean '{close[0]}'?" if close else "Take it out, or add the component that computes it."
            raise UnknownScoreError(
                f"[training.score_weights] weighs {', '.join(unknown)}, and no component of the pipeline "
                f"({', '.join(self.nlp.pipe_names)}) computes that. {hint} There are: {', '.join(_numbers(found))}."
            )
        if not any(self.weights.values()):
            warnings.warn(
                "All [training.score_weights] are 0 or null, so every evaluation scores 0: model-best will be the last "
                "model, and patience cannot see progress. Give one of the scores a weight.",
                SpanwrightWarning,
                stacklevel=3,
            )
        empty = [key for key, weight in self.weights.items() if weight and found[key] is None]
        if empty:
            warnings.warn(
                f"[training.score_weights] weighs {', '.join(empty)}, and the dev corpus [{self.name}] has no "
                "annotation for it: it counts as 0.",
                SpanwrightWarning,
                stacklevel=3,
            )


def _numbers(scores: Mapping[str, Any]) -> list[str]:
    return [key for key, value in scores.items() if value is None or isinstance(value, (int, float))]


def create_evaluation_callback(
    nlp: Any, dev_corpus: Callable[[Any], Iterable[Any]], weights: Mapping[str, float | None]
) -> Evaluation:
    """An `Evaluation`, by the name that other programs use."""
    return Evaluation(nlp, dev_corpus, weights)
