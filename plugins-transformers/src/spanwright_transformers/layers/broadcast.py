"""The broadcast of a transformer, whose outputs are no arrays."""

from __future__ import annotations

from typing import Any

from spanwright.broadcast import Broadcast

from ..data_classes import TransformerData, _new_output

__all__ = ["TransformerBroadcast", "squared_sum"]


class TransformerBroadcast(Broadcast):
    """What a transformer publishes: a `TransformerData` for each Doc. See `Broadcast` of the core.

    component: The upstream. name: Its name in the pipeline.
    """

    def __init__(self, component: Any, *, name: str | None = None) -> None:
        super().__init__(component, name=name, kind="transformer")

    def zeros(self, output: TransformerData) -> TransformerData:
        """A gradient of zeros for an output."""
        from thinc.api import get_array_module

        gradient = _new_output()
        state = output.model_output.get("last_hidden_state")
        if state is not None:
            gradient["last_hidden_state"] = get_array_module(state).zeros(state.shape, dtype=state.dtype)
        return TransformerData(output.wordpieces, gradient, output.align)

    def add(self, first: TransformerData, second: TransformerData) -> TransformerData:
        """The sum of two gradients, as a new object."""
        total = _new_output()
        for name in {**first.model_output, **second.model_output}:
            parts = [one.model_output[name] for one in (first, second) if name in one.model_output]
            total[name] = parts[0] if len(parts) == 1 else parts[0] + parts[1]
        return TransformerData(first.wordpieces, total, first.align)


def squared_sum(gradient: TransformerData) -> float:
    """The sum of the squares of a gradient."""
    return sum(float((tensor**2).sum()) for tensor in gradient.tensors)
