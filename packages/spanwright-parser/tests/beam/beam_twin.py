"""A step of beam search in NumPy, one Doc at a time, as plainly as can be."""

from __future__ import annotations

import numpy as np


def step_of_doc(
    totals: np.ndarray, rows: np.ndarray, scores: np.ndarray, valid: np.ndarray, width: int, number: int, density: float
) -> list[tuple[np.float32, int, int]]:
    """The continuations of one Doc, (total, parent, move), best first."""
    found = []
    for parent, (total, row) in enumerate(zip(totals, rows, strict=True)):
        if row < 0:
            found.append((np.float32(total + total / np.float32(number)) if number else total, parent, -1))
            continue
        found += [(np.float32(total + scores[row, j]), parent, j) for j in np.flatnonzero(valid[row])]
    if found and density:
        top = max(total for total, _, _ in found)
        found = [one for one in found if np.exp(np.float64(one[0]) - np.float64(top)) >= density]
    sign = -1 if width == 1 else 1
    return sorted(found, key=lambda one: (one[0], sign * one[1], sign * one[2]), reverse=True)[:width]
