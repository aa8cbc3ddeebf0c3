"""Counts behind the scores: precision/recall/F, and the area under the ROC curve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from spanwright_tokens.errors import InvalidValueError

# Keeps a score of nothing at zero instead of dividing by zero, without moving any other score.
TINY = 1e-100


class ScoreError(InvalidValueError):
    """A score was asked for that is not defined for the data."""


@dataclass(kw_only=True, eq=False)
class PRFScore:
    """Precision, recall and F-score from counts.

    tp, fp, fn: true positives, false positives and false negatives to start from; default 0.
    Scores can be added (`+`, `+=`); `len` is the number of counted items.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: PRFScore) -> PRFScore:
        return replace(self).count(**asdict(other))

    def __iadd__(self, other: PRFScore) -> PRFScore:
        return self.count(**asdict(other))

    def __len__(self) -> int:
        return sum(asdict(self).values())

    def count(self, tp: int = 0, fp: int = 0, fn: int = 0) -> PRFScore:
        """Add to the counts; returns the score itself."""
        self.tp, self.fp, self.fn = self.tp + tp, self.fp + fp, self.fn + fn
        return self

    def score_set(self, cand: set, gold: set) -> None:
        """Count a set of candidates against a set of gold items."""
        both = len(cand & gold)
        self.count(both, len(cand) - both, len(gold) - both)

    @property
    def precision(self) -> float:
        """Share of the candidates that are right, 0 to 1."""
        return self.tp / (self.tp + self.fp + TINY)

    @property
    def recall(self) -> float:
        """Share of the gold items that were found, 0 to 1."""
        return self.tp / (self.tp + self.fn + TINY)

    @property
    def fscore(self) -> float:
        """Harmonic mean of precision and recall, 0 to 1."""
        p, r = self.precision, self.recall
        return 2 * (p * r / (p + r + TINY))

    def to_dict(self) -> dict[str, float]:
        """The scores under the keys `p`, `r` and `f`."""
        return {"p": self.precision, "r": self.recall, "f": self.fscore}


def total(scores: Iterable[PRFScore]) -> PRFScore:
    """The sum of several scores (micro average)."""
    result = PRFScore()
    for score in scores:
        result += score
    return result


def macro(scores: Iterable[PRFScore]) -> tuple[float, float, float]:
    """Precision, recall and F averaged over scores; zeros if there are none."""
    scores = list(scores)
    n = len(scores) + TINY
    return (
        sum(score.precision for score in scores) / n,
        sum(score.recall for score in scores) / n,
        sum(score.fscore for score in scores) / n,
    )


class ROCAUCScore:
    """Area under the ROC curve of one binary label, gathered item by item.

    Ask `is_binary` first: with one class only, the area is not defined. Gold value 1.0 is the positive class.
    """

    def __init__(self) -> None:
        self.golds: list[Any] = []
        self.cands: list[Any] = []

    def score_set(self, cand: float, gold: float) -> None:
        """Add one item: the predicted score and the gold value."""
        self.cands.append(cand)
        self.golds.append(gold)

    def is_binary(self) -> bool:
        """Whether exactly two different gold values were seen."""
        return len(set(self.golds)) == 2

    @property
    def score(self) -> float:
        """The area, 0 to 1.

        Raises ScoreError (a ValueError) unless exactly two gold values were seen.
        """
        if not self.is_binary():
            found = sorted(set(self.golds))
            raise ScoreError(
                "The area under the ROC curve needs gold items of both classes (0.0 and 1.0), "
                f"but the gold values seen are {found}. Check is_binary() first."
            )
        return area_under_roc(np.asarray(self.golds) == 1.0, np.asarray(self.cands, dtype="float64"))


def area_under_roc(positive: np.ndarray, scores: np.ndarray) -> float:
    """Chance that a positive item scores above a negative one, ties counting half (Mann-Whitney U).

    positive: bool, shape (n,). scores: shape (n,). NaN if one class has no items.
    """
    n_pos = int(positive.sum())
    n_neg = len(positive) - n_pos
    if not n_pos or not n_neg:
        return float("nan")
    _, group, size = np.unique(scores, return_inverse=True, return_counts=True)
    # Items with one score share the mean of the ranks they take up.
    mean_rank = np.cumsum(size) - (size - 1) / 2.0
    rank_sum = float(mean_rank[group][positive].sum())
    return (rank_sum - n_pos * (n_pos + 1) / 2.0) / (n_pos * n_neg)
