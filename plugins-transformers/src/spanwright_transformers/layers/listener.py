"""The layer that stands for the outputs of a component `transformer`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from spanwright.listener import Listener

from ..data_classes import TransformerData

if TYPE_CHECKING:
    from spanwright.tokens import Doc

__all__ = ["TransformerListener"]


class TransformerListener(Listener):
    """The listener of a transformer: list of Docs in, `TransformerData` for each out. See `Listener` of the core.

    upstream_name: Name of the upstream component, or "*" for the nearest transformer before.
    """

    def __init__(self, upstream_name: str) -> None:
        super().__init__(upstream_name, None, name="transformer-listener", kind="transformer")

    def placeholder(self, docs: Sequence[Doc]) -> list[Any]:
        """Zeros of the right shape, which only shape inference sees."""
        arrays = super().placeholder(docs)
        return [
            TransformerData.zeros(len(doc), array.shape[1], xp=self.ops.xp)
            for doc, array in zip(docs, arrays, strict=True)
        ]
