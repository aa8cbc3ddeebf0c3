"""The optimizer's step for weights of which most are still 0.

thinc's Adam goes through all weights of the linear layer on hashed features several times a step, which takes most of
the time of training a bag of words. The kernel does the same in one pass and passes over stretches that are 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from thinc.api import Model, Optimizer

from spanwright.ml.kernels import use_kernels

from .._kernels import ngrams as kernels
from .sparse_linear import fits
from .sparse_linear import forward as sparse_forward

MAX_DECAY = 0.9999  # of thinc's averages


def finish_update(model: Model, optimizer: Any) -> None:
    """Update all weights of a model, as `model.finish_update(optimizer)` does."""
    fast = use_kernels() and type(optimizer) is Optimizer
    for node in model.walk():
        for shim in node.shims:
            shim.finish_update(optimizer)
    for node in model.walk():
        for name in node.param_names:
            if not node.has_grad(name):
                continue
            if fast and name == "W" and node._func is sparse_forward and _step(node, optimizer):
                continue
            value, _ = optimizer((node.id, name), node.get_param(name), node.get_grad(name))
            node.set_param(name, value)


def _step(node: Model, optimizer: Optimizer) -> bool:
    """Take a step with the weights of the node; False if it must be thinc's."""
    key = (node.id, "W")
    settings = {name: _setting(optimizer, name, key) for name in ("learn_rate", "b1", "b2", "eps", "L2", "grad_clip")}
    b1, b2 = settings["b1"], settings["b2"]
    if optimizer.use_radam or not (b1 > 0.0 and b2 > 0.0) or (settings["L2"] and not optimizer.L2_is_weight_decay):
        return False
    W: Any = node.get_param("W")
    gradient: Any = node.get_grad("W")
    kept = [gradient]
    kept += [table[key] for table in (optimizer.mom1, optimizer.mom2, optimizer.averages or {}) if key in table]
    if not fits(node) or not W.flags.writeable or not all(_alike(array, W) for array in kept):
        return False
    optimizer.nr_update[key] += 1
    step = optimizer.nr_update[key]
    for table in (optimizer.mom1, optimizer.mom2, optimizer.averages):
        if table is not None and key not in table:
            table[key] = np.zeros_like(W)
    rate, decay = settings["learn_rate"], min((1.0 + step) / (10.0 + step), MAX_DECAY)
    kernels.adam(
        W,
        gradient,
        optimizer.mom1[key],  # type: ignore[arg-type]
        optimizer.mom2[key],  # type: ignore[arg-type]
        optimizer.averages[key] if optimizer.averages is not None else None,  # type: ignore[arg-type]
        scale=_scale(gradient, settings["grad_clip"]),
        beta1=b1,
        beta2=b2,
        eps=settings["eps"],
        rate=rate * (1.0 - b2**step) ** 0.5 / (1.0 - b1**step),
        decay=rate * settings["L2"],
        average=1.0 - decay,
    )
    return True


def _setting(optimizer: Any, name: str, key: tuple[int, str]) -> float:
    """A number, or in thinc 9 the schedule's for this step."""
    value = getattr(optimizer, name)
    return value(optimizer.step, key=key, last_score=optimizer.last_score) if callable(value) else value


def _scale(gradient: Any, limit: float) -> float:
    if not limit:
        return 1.0
    length = kernels.norm(gradient)
    return limit / length if length >= limit else 1.0


def _alike(array: Any, W: Any) -> bool:
    return (
        type(array) is np.ndarray
        and array.dtype == np.float32
        and array.shape == W.shape
        and array.flags.c_contiguous
        and array.flags.writeable
    )
