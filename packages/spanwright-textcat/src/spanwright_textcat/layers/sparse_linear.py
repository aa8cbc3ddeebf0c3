"""thinc's linear layer on hashed features, run by a kernel.

The node and its numbers are thinc's. The kernel goes through the weights class by class, so that they stay in a cache,
and adds to the gradient in place instead of making an array of the size of the weights in each step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from thinc.api import Model, SparseLinear, SparseLinear_v2
from thinc.backends import NumpyOps

from spanwright.ml.kernels import use_kernels

from .._kernels import ngrams as kernels
from .memory import require_memory

Features = tuple[Any, Any, Any]

_plain: Callable = SparseLinear()._func
_init: Any = SparseLinear().init


def sparse_linear(nO: int | None = None, *, length: int = 2**18, v1: bool = False) -> Model[Features, Any]:
    """The node: features (ids, values, number per Doc) to scores.

    nO: Number of scores.
    length: Number of weights per score; features whose hashes meet share one.
    v1: Number the weights as the first version of the layer did, which uses few of them.
    """
    model = SparseLinear(nO, length) if v1 else SparseLinear_v2(nO, length)
    model.replace_callbacks(forward, init=init)
    return model


def init(model: Model, X: Any = None, Y: Any = None) -> Model:
    """Allocate the weights, if there is memory for what training will need."""
    nO = Y.shape[1] if Y is not None else model.maybe_get_dim("nO")
    if nO:
        require_memory(nO, model.get_dim("length"))
    return _init(model, X, Y)


def forward(model: Model, features: Features, is_train: bool) -> tuple[Any, Callable[[Any], Features]]:
    """Callback of the node."""
    if not (use_kernels() and fits(model) and isinstance(features[0], np.ndarray)):
        return _plain(model, features, is_train)
    keys, values, lengths = features
    v1 = bool(model.attrs["v1_indexing"])
    W: Any = model.get_param("W")
    slots = kernels.find_slots(keys, model.get_dim("length"), v1)
    scores = kernels.scores(slots, values, lengths, W, model.get_param("b"), v1)  # type: ignore[arg-type]
    if not is_train:
        return scores, lambda d_scores: _plain(model, features, False)[1](d_scores)

    def backprop(d_scores: Any) -> Features:
        d_scores = np.ascontiguousarray(d_scores, dtype="float32")
        gradient = _gradient(model)
        if gradient is None:
            gradient = np.zeros_like(W)
            kernels.add_gradient(slots, values, lengths, d_scores, gradient, v1)
            model.inc_grad("W", gradient)
        else:
            kernels.add_gradient(slots, values, lengths, d_scores, gradient, v1)
        model.inc_grad("b", d_scores.sum(axis=0))
        return features

    return scores, backprop


def _gradient(model: Model) -> Any:
    """The gradient that there is already, if it can be added to in place."""
    if not model.has_grad("W") or model._params.proxy is not None:
        return None
    gradient: Any = model.get_grad("W")
    W: Any = model.get_param("W")
    return gradient if _plain_array(gradient) and gradient.flags.writeable and gradient.shape == W.shape else None


def _plain_array(value: Any) -> bool:
    return type(value) is np.ndarray and value.dtype == np.float32 and value.flags.c_contiguous


def fits(model: Model) -> bool:
    """Whether the kernel can take the weights."""
    if not isinstance(model.ops, NumpyOps) or not model.has_param("W") or not model.has_param("b"):
        return False
    W: Any = model.get_param("W")
    b: Any = model.get_param("b")
    # The first version reaches a few weights past a place, which must be there.
    return _plain_array(W) and _plain_array(b) and len(b) > 0 and len(W) == len(b) * model.get_dim("length")
