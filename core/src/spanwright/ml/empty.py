"""Networks that give nothing for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thinc.api import Model
from thinc.types import Ragged

Pass = tuple[Any, Callable[[Any], Any]]


class UnlessEmpty:
    """The forward of a node, not run for batches without a token: some layers of thinc refuse those.

    forward: The node's own.

    A list of Docs or matrices gives as many empty matrices, a matrix without rows another one.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, inputs: Any, is_train: bool) -> Pass:
        """Run the node on a batch."""
        nothing = self.answer(model, inputs)
        return self.forward(model, inputs, is_train) if nothing is None else nothing

    def answer(self, model: Model, inputs: Any) -> Pass | None:
        """What the node gives for an empty batch; None if it is not empty, or the node's width is unknown."""
        if isinstance(inputs, (list, tuple)):
            if not inputs:
                return [], lambda d_output: []
            if not any(map(len, inputs)) and model.has_dim("nO"):
                width = model.get_dim("nO")
                return [model.ops.alloc2f(0, width) for _ in inputs], lambda d_output: list(inputs)
        elif getattr(inputs, "ndim", 0) == 2 and not len(inputs) and model.has_dim("nO"):
            return model.ops.alloc2f(0, model.get_dim("nO")), lambda d_output: inputs
        return None


class MatrixUnlessEmpty(UnlessEmpty):
    """The forward of a node that gives one matrix for a whole batch; one without rows if there is no token.

    forward: The node's own.
    """

    def answer(self, model: Model, inputs: Any) -> Pass | None:
        """What the node gives for an empty batch; None if it is not empty, or the node's width is unknown."""
        filled = len(inputs.lengths) if isinstance(inputs, Ragged) else any(map(len, inputs))
        if filled or not model.has_dim("nO"):
            return None
        return model.ops.alloc2f(0, model.get_dim("nO")), lambda d_output: inputs


class ScoresUnlessEmpty(UnlessEmpty):
    """The forward of a network that gives each Doc a row of scores; rows of zeros if there is no token.

    forward: The node's own.
    """

    def answer(self, model: Model, inputs: Any) -> Pass | None:
        """What the network gives for an empty batch; None if it is not empty, or its width is unknown."""
        if any(map(len, inputs)) or not model.has_dim("nO"):
            return None
        return model.ops.alloc2f(len(inputs), model.get_dim("nO")), lambda d_output: []


def pass_empty_batches(model: Model) -> Model:
    """Let a network take batches without a token; return it. Nodes, names, attributes and numbers stay as they are."""
    return _guarded(model, UnlessEmpty)


def join_empty_batches(model: Model) -> Model:
    """As `pass_empty_batches`, for a network that gives one matrix for all its inputs."""
    return _guarded(model, MatrixUnlessEmpty)


def score_empty_batches(model: Model) -> Model:
    """As `pass_empty_batches`, for a network that gives each Doc a row of scores."""
    return _guarded(model, ScoresUnlessEmpty)


def _guarded(model: Model, kind: type[UnlessEmpty]) -> Model:
    model.replace_callbacks(kind(model._func), init=model.init)
    return model
