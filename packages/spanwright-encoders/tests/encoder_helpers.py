"""Plain versions of what the kernels compute, and small helpers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def layer_twin(x: Floats, window_size: int, W: Floats, b: Floats, scale: Floats, shift: Floats) -> Floats:
    """One convolution on rows between zeros, in NumPy: window, product, maxout, normalisation, residual."""
    n, width = x.shape
    padded = np.concatenate([np.zeros((window_size, width)), x, np.zeros((window_size, width))]).astype(np.float64)
    windows = np.concatenate([padded[i : i + n] for i in range(2 * window_size + 1)], axis=1)
    best = (np.einsum("nk,opk->nop", windows, W.astype(np.float64)) + b).max(axis=2)
    normed = (best - best.mean(axis=1, keepdims=True)) / np.sqrt(best.var(axis=1, keepdims=True) + 1e-8)
    return (x + normed * scale + shift).astype(np.float32)


def backward_twin(
    dy: Floats, which: NDArray[np.uint8], normed: Floats, rstd: Floats, mask: Floats | None, scale: Floats, pieces: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """The gradients that `window.backward` gives, in NumPy."""
    dy = dy.astype(np.float64) * (1.0 if mask is None else mask)
    d_norm = dy * scale
    d_best = d_norm - d_norm.mean(axis=1, keepdims=True) - normed * (d_norm * normed).mean(axis=1, keepdims=True)
    d_best *= rstd[:, None]
    dz = (np.arange(pieces) == which[:, :, None]) * d_best[:, :, None]
    return dz.reshape(len(dy), -1), dz.sum(axis=0), (dy * normed).sum(axis=0), dy.sum(axis=0)


def randomise(model: Any, seed: int = 0) -> Any:
    """Move every weight away from where initialisation put it."""
    rng = np.random.default_rng(seed)
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                value = node.get_param(name)
                node.set_param(name, value + rng.normal(0, 0.2, value.shape).astype(np.float32))
    return model


def gradients(model: Any) -> list[Floats]:
    """The gradients of all weights in the order of the graph; they are set to zero."""
    found = []
    for node in model.walk():
        for name in node.grad_names:
            found.append(node.get_grad(name).copy())
            node.set_grad(name, np.zeros_like(node.get_grad(name)))
    return found


def sequences(lengths: Sequence[int], width: int, seed: int = 0) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, width)).astype(np.float32) for n in lengths]


def largest_difference(one: Sequence[Floats], other: Sequence[Floats]) -> float:
    assert [a.shape for a in one] == [b.shape for b in other]
    return max((float(abs(a - b).max()) for a, b in zip(one, other, strict=True) if a.size), default=0.0)
