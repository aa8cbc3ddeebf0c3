"""Networks that give a matrix without rows for inputs without a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thinc.api import Model
from thinc.types import Ragged


class UnlessEmpty:
    """The forward of a node that gives one matrix, not run for inputs without a token: some layers of thinc fail.

    forward: The node's own.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, inputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the node on a batch."""
        if _is_empty(inputs) and model.has_dim("nO"):
            return model.ops.alloc2f(0, model.get_dim("nO")), lambda d_output: inputs
        return self.forward(model, inputs, is_train)


def _is_empty(inputs: Any) -> bool:
    if isinstance(inputs, Ragged):
        return not len(inputs.lengths)
    return not any(map(len, inputs))


def pass_empty_batches(model: Model) -> Model:
    """Let a network take batches without a token; return it. Nodes, names, attributes and numbers stay as they are."""
    model.replace_callbacks(UnlessEmpty(model._func), init=model.init)
    return model
