"""Scores of actions, as arrays of NumPy and as probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np


def on_cpu(array: Any) -> np.ndarray:
    """An array in the memory that the kernels read."""
    return array if isinstance(array, np.ndarray) else array.get()


def probabilities(scores: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Scores as probabilities of the valid moves; in a row without any, all are 0. *Shape:* (n, n_moves), float64."""
    scores = np.where(valid, scores.astype("float64"), -np.inf)
    top = scores.max(axis=1, keepdims=True)
    weights = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
