"""From the vectors of pieces to those of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from ..errors import TransformerSettingError

if TYPE_CHECKING:
    from thinc.api import Model

    from ..data_classes import TransformerData


def check_pooling(pooling: Any) -> None:
    """Raise TransformerSettingError (a ValueError) if something is no layer."""
    from thinc.model import Model

    if not isinstance(pooling, Model):
        raise TransformerSettingError(
            f"`pooling` must be a layer from Ragged to Floats2d, such as reduce_mean.v1 of @layers; "
            f"found {type(pooling).__name__}."
        )


def pool(
    pooling: Model, datas: Sequence[TransformerData], *, is_train: bool, width: int = 0
) -> tuple[list[Any], Callable[[Sequence[Any]], list[Any]]]:
    """Pool the vectors of each token's pieces.

    pooling: A layer from Ragged to Floats2d. It sees only tokens that have pieces; all others get zeros.
    datas: The transformer's outputs, one for each Doc.
    width: Width of the vectors where no output tells.

    Returns one matrix for each Doc, and a function from their gradients to those of `last_hidden_state`, with None
    for a Doc without pieces. *Shape:* (tokens, width), and (windows, longest window, width).
    """
    from thinc.types import Ragged

    ops: Any = pooling.ops
    filled = [index for index, data in enumerate(datas) if data.align.dataXd.shape[0]]
    width = next((data.width for data in datas if data.has_width), width)
    outputs: list[Any] = [ops.alloc2f(len(data.align.lengths), width) for data in datas]
    if not filled:
        return outputs, lambda gradients: [None] * len(datas)
    # All that is only counted stays on the CPU: a GPU is never waited for.
    places = [_on_cpu(datas[index].align.dataXd) for index in filled]
    indices = [ops.asarray1i(rows) for rows in places]
    sources = [ops.as_contig(datas[index].piece_vectors)[rows] for index, rows in zip(filled, indices, strict=True)]
    lengths = numpy.concatenate([_on_cpu(datas[index].align.lengths) for index in filled])
    with_pieces = numpy.flatnonzero(lengths)
    every = len(with_pieces) == len(lengths)
    ragged = Ragged(ops.xp.concatenate(sources), ops.asarray1i(lengths if every else lengths[with_pieces]))
    pooled, backprop_pooling = pooling(ragged, is_train)
    if getattr(pooled, "ndim", None) != 2 or len(pooled) != len(ragged.lengths):
        raise TransformerSettingError(
            f"The pooling '{pooling.name}' must make one vector of the pieces of each token: a layer from Ragged to "
            f"Floats2d, such as reduce_mean.v1. For {len(ragged.lengths)} tokens it gave "
            f"{getattr(pooled, 'shape', type(pooled).__name__)}."
        )
    if every:
        vectors = pooled
    else:
        vectors = ops.alloc2f(len(lengths), pooled.shape[1])
        vectors[ops.asarray1i(with_pieces)] = pooled
    start = 0
    for index in filled:
        end = start + len(datas[index].align.lengths)
        outputs[index], start = vectors[start:end], end

    def backprop(gradients: Sequence[Any]) -> list[Any]:
        d_vectors = ops.xp.concatenate([gradients[index] for index in filled])
        d_pieces = backprop_pooling(d_vectors if every else d_vectors[ops.asarray1i(with_pieces)]).dataXd
        results: list[Any] = [None] * len(datas)
        begin = 0
        for index, own, rows in zip(filled, places, indices, strict=True):
            shape = datas[index].model_output["last_hidden_state"].shape
            d_source = ops.alloc2f(int(numpy.prod(shape[:-1])), shape[-1])
            stop = begin + len(own)
            # Where no piece serves two tokens, which is the rule, plain assignment does.
            if numpy.bincount(own).max() == 1:
                d_source[rows] = d_pieces[begin:stop]
            else:
                ops.scatter_add(d_source, rows, ops.as_contig(d_pieces[begin:stop]))
            results[index], begin = d_source.reshape(shape), stop
        return results

    return outputs, backprop


def _on_cpu(array: Any) -> Any:
    return array.get() if hasattr(array, "get") else numpy.asarray(array)
