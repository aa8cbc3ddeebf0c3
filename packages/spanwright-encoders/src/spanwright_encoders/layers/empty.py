"""Batches without a single token, which the layers of thinc do not all take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thinc.layers.with_array import forward as plain_forward


def is_empty(Xs: Any) -> bool:
    """Whether a list of sequences has no row at all."""
    return isinstance(Xs, (list, tuple)) and not any(len(X) for X in Xs)


def pass_empty(Xs: Any) -> tuple[list[Any], Callable]:
    """The output of an encoder for such a batch: as many empty matrices, and no gradient but theirs."""
    return [X.copy() for X in Xs], lambda dYs: [dY.copy() for dY in dYs]


def forward_unless_empty(model: Any, Xs: Any, is_train: bool) -> tuple[Any, Callable]:
    """Callback of a `with_array` node: what the node does, if there is anything to do it with."""
    return pass_empty(Xs) if is_empty(Xs) else plain_forward(model, Xs, is_train)
