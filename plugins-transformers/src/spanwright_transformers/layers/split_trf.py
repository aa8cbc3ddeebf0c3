"""The layer between a transformer model and the pooling, where no component is between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thinc.api import Model

    from ..data_classes import FullTransformerBatch, TransformerData

__all__ = ["split_trf_batch"]


def split_trf_batch() -> Model[FullTransformerBatch, list[TransformerData]]:
    """A layer from the output of a batch to those of its Docs."""
    from thinc.model import Model

    return Model("split-trf-batch", forward)


def forward(model: Model, batch: FullTransformerBatch, is_train: bool) -> tuple[list[TransformerData], Callable]:
    """Split the batch, and join the gradients."""

    def backprop(gradients: list[TransformerData] | None) -> FullTransformerBatch:
        found: list[Any] = [[]] * len(batch.doc_data) if gradients is None else [list(one.tensors) for one in gradients]
        return batch.unsplit_by_doc(found)

    return batch.doc_data, backprop
