"""Networks that give nothing for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thinc.api import Model


class UnlessEmpty:
    """The forward of a node, not run for batches without a token: some layers of thinc refuse those.

    forward: The node's own.

    A list of Docs or matrices gives as many empty matrices, a matrix without rows another one.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, inputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the node on a batch."""
        if isinstance(inputs, (list, tuple)):
            if not inputs:
                return [], lambda d_output: []
            if not any(map(len, inputs)) and model.has_dim("nO"):
                width = model.get_dim("nO")
                return [model.ops.alloc2f(0, width) for _ in inputs], lambda d_output: list(inputs)
        elif getattr(inputs, "ndim", 0) == 2 and not len(inputs) and model.has_dim("nO"):
            return model.ops.alloc2f(0, model.get_dim("nO")), lambda d_output: inputs
        return self.forward(model, inputs, is_train)


def pass_empty_batches(model: Model) -> Model:
    """Let a network take batches without a token; return it. Nodes, names, attributes and numbers stay as they are."""
    model.replace_callbacks(UnlessEmpty(model._func), init=model.init)
    return model


class UnlessNoTokens:
    """The forward of a network that scores Docs, not run for batches without a token: those get zeros.

    forward: The node's own.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, docs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the network on a batch."""
        if not any(map(len, docs)) and model.has_dim("nO"):
            return model.ops.alloc2f(len(docs), model.get_dim("nO")), lambda d_output: []
        return self.forward(model, docs, is_train)


def score_empty_batches(model: Model) -> Model:
    """Let a network that gives each Doc a row of scores take batches without a token; return it. Nodes, names,
    attributes and numbers stay as they are.
    """
    model.replace_callbacks(UnlessNoTokens(model._func), init=model.init)
    return model
