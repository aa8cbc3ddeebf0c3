"""The layer that stands for the outputs of a component `transformer`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from spanwright.listener import Listener

from ..data_classes import TransformerData
from .schedules import copyable, value_at

if TYPE_CHECKING:
    from spanwright.tokens import Doc

__all__ = ["TransformerListener"]


class _Shaped(NamedTuple):
    shape: tuple[int, int]


class TransformerListener(Listener):
    """The listener of a transformer: list of Docs in, `TransformerData` for each out. See `Listener` of the core.

    upstream_name: Name of the upstream component, or "*" for the nearest transformer before.
    """

    def __init__(self, upstream_name: str) -> None:
        super().__init__(upstream_name, None, name="transformer-listener", kind="transformer")
        self.schedule: Any = None
        self._paced: tuple[int, float] | None = None

    def scheduled_factor(self) -> float:
        """The value of `schedule` for the upstream's current step, by which the pooling scales its gradients.

        `schedule` is a generator, or a thinc Schedule. Where a model of its own has taken this listener's place, each
        call is for another step.
        """
        before = self._paced[0] if self._paced is not None else 0
        step = self.broadcast.steps_taken if self.broadcast is not None else before + 1
        if self._paced is None or before != step:
            self._paced = (step, value_at(self.schedule, max(step - 1, 0)))
        return self._paced[1]

    def known_width(self) -> int:
        """The upstream's width, or 0 while nobody knows it."""
        return self.maybe_get_dim("nO") or 0

    def _state(self) -> dict[str, Any]:
        state = super()._state()
        state["schedule"] = copyable(self.schedule, self._paced[1] if self._paced is not None else 1.0)
        return state

    def check_width(self, outputs: Sequence[Any]) -> None:
        """Raise ListenerError if the upstream's vectors have another width than this layer was built for."""
        found = next((data for data in outputs if getattr(data, "has_width", False)), None)
        if found is not None:
            super().check_width([_Shaped((0, found.width))])

    def placeholder(self, docs: Sequence[Doc]) -> list[Any]:
        """Zeros of the right shape, which only shape inference sees."""
        arrays = super().placeholder(docs)
        return [
            TransformerData.zeros(len(doc), array.shape[1], xp=self.ops.xp)
            for doc, array in zip(docs, arrays, strict=True)
        ]
