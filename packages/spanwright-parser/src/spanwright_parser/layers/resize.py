"""Changing the number of actions of a transition model."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from thinc.api import Model

# Where the actions stand in each parameter.
_UPPER = {"W": 0, "b": 0}
_LOWER = {"W": 1, "b": 0, "pad": 2}


def resize_output(model: Model, new_nO: int) -> Model:
    """Give a transition model another number of actions; those that stay keep their weights, and so their scores.

    New actions start from zero and count as unseen, until training meets one of them.

    model: Such as spacy.TransitionBasedParser.v2 makes.
    new_nO: The new number of actions.
    """
    layer = _output_layer(model)
    if not layer.has_dim("nO"):
        layer.set_dim("nO", new_nO)
        return model
    old = layer.get_dim("nO")
    if old == new_nO:
        return model
    values = {name: layer.maybe_get_param(name) for name in layer.param_names}
    unseen = {action for action in model.attrs["unseen_classes"] if action < new_nO}
    if all(value is not None for value in values.values()):
        axes = _axes(model)
        values = {name: _resized(layer, value, axes[name], new_nO) for name, value in values.items()}
        unseen |= set(range(old, new_nO))
    # Optimizers keep state by node id, and theirs has the old shape.
    with Model.global_id_lock:
        Model.global_id += 1
        number = Model.global_id
    _set(layer, new_nO, values, number)
    model.attrs["unseen_classes"] = unseen
    return model


def snapshot(model: Model) -> Callable[[], None]:
    """A function that gives a transition model its present number of actions back, with their weights."""
    layer = _output_layer(model)
    size, number = layer.maybe_get_dim("nO"), layer.id
    values = {name: layer.maybe_get_param(name) for name in layer.param_names}
    unseen = set(model.attrs["unseen_classes"])

    def restore() -> None:
        if layer.maybe_get_dim("nO") != size:
            _set(layer, size, values, number)
            model.attrs["unseen_classes"] = unseen

    return restore


def untrained(model: Model) -> set[int]:
    """Actions whose weights are all zero, in a model where others have some: added, and never trained.

    Which actions are unseen is not saved with a model, so it is found again like this.
    """
    layer = _output_layer(model)
    axes = _axes(model)
    values: dict[str, Any] = {name: layer.maybe_get_param(name) for name in axes}
    if any(value is None for value in values.values()):
        return set()
    used = [value.any(axis=tuple(i for i in range(value.ndim) if i != axes[name])) for name, value in values.items()]
    empty = ~functools.reduce(operator.or_, used)
    return set() if empty.all() else {int(action) for action in empty.nonzero()[0]}


def _output_layer(model: Model) -> Model:
    return model.layers[2 if model.attrs["has_upper"] else 1]


def _axes(model: Model) -> dict[str, int]:
    return _UPPER if model.attrs["has_upper"] else _LOWER


def _set(layer: Model, size: int | None, values: dict[str, Any], number: int) -> None:
    """Give a layer other outputs, weights and another id, by which thinc finds the weights."""
    for name in values:
        layer.set_param(name, None)
    layer.id = number
    layer._dims["nO"] = size  # thinc sets no dimension back to unknown
    for name, value in values.items():
        if value is not None:
            layer.set_param(name, value)


def _resized(layer: Model, value: Any, axis: int, size: int) -> Any:
    grown = layer.ops.alloc((*value.shape[:axis], size, *value.shape[axis + 1 :]), dtype=value.dtype)
    kept = (slice(None),) * axis + (slice(0, min(size, value.shape[axis])),)
    grown[kept] = value[kept]
    return grown
