"""A threshold for each category: settings and tuning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spanwright.errors import InvalidValueError
from spanwright_tokens.errors import nearest

from .gold import check_threshold


def threshold_settings(thresholds: dict[str, float] | None = None) -> dict[str, float]:
    """The block [spanwright.components.NAME] of textcat_multilabel.

    thresholds: The score from which a category counts as predicted, by label. 0.0 to 1.0.
    """
    return dict(thresholds or {})


def check_thresholds(thresholds: Mapping[str, float], labels: Sequence[str], name: str) -> None:
    """Raise InvalidValueError (a ValueError) for a label that the component lacks, or a number outside of 0 to 1.

    labels: The component's; not checked against while there are none.
    """
    for label, threshold in thresholds.items():
        check_threshold(threshold, f"{name}', label '{label}")
        if labels and label not in labels:
            raise InvalidValueError(
                f"Component '{name}': there is a threshold for {label!r}, which is not among its labels."
                f"{nearest(label, list(labels))}"
            )


def best_thresholds(scores: Any, values: Any, known: Any, labels: Sequence[str], default: float) -> dict[str, float]:
    """The threshold with the highest F-score for each label.

    scores, values: Of each Doc and label. *Shape:* (Docs, labels). known: 1 where there is a gold value.
    default: For labels without a Doc to which they apply, and of several equal thresholds the one nearest to it.
    """
    found = {}
    for column, label in enumerate(labels):
        rows = np.flatnonzero(known[:, column])
        found[label] = _best(scores[rows, column], values[rows, column] > 0, default)
    return found


def _best(scores: Any, applies: Any, default: float) -> float:
    if not applies.any():
        return default
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order].astype("float64")
    right = np.cumsum(applies[order])
    fscores = 2 * right / (np.arange(1, len(ranked) + 1) + applies.sum())
    # Docs with equal scores are predicted together: only the last of them can be where the threshold is.
    following = np.append(ranked[1:], 0.0)
    fscores[ranked == following] = -1.0
    cuts = (ranked + following) / 2
    best = np.flatnonzero(fscores >= fscores.max() - 1e-12)
    chosen = ranked >= default
    with_default = 2 * applies[order][chosen].sum() / (chosen.sum() + applies.sum())
    if with_default >= fscores.max() - 1e-12:
        return default
    return float(cuts[best][np.argmin(abs(cuts[best] - default))])
