"""From batches to Docs and back: outputs, alignments and gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from .data_classes import TransformerData, WordpieceBatch, _empty_align, _new_output
from .errors import TransformerDataError

if TYPE_CHECKING:
    from .data_classes import FullTransformerBatch

# Which axes of a tensor count pieces, by its name; all others that have as many places as the texts are long.
PIECE_AXES = {"last_hidden_state": (1,), "hidden_states": (1,), "pooler_output": (), "attentions": (2, 3)}


def piece_axes(name: str, shape: tuple[int, ...], length: int) -> tuple[int, ...]:
    """The axes of a model's output that run over pieces.

    name: Name of the output. shape: Its shape, texts first. length: How many pieces the texts are padded to.
    """
    if name in PIECE_AXES:
        return tuple(axis for axis in PIECE_AXES[name] if axis < len(shape))
    return tuple(axis for axis in range(1, len(shape)) if shape[axis] == length)


def padded(array: Any, axes: tuple[int, ...], length: int) -> Any:
    """An array with zeros at the end of some axes, up to a length; the array itself if it is as long."""
    if all(array.shape[axis] == length for axis in axes):
        return array
    widths = [(0, length - array.shape[axis] if axis in axes else 0) for axis in range(array.ndim)]
    from thinc.api import get_array_module

    return get_array_module(array).pad(array, widths)


def trimmed(array: Any, axes: tuple[int, ...], length: int) -> Any:
    """A view of an array with some axes cut to a length."""
    return array[tuple(slice(length) if axis in axes else slice(None) for axis in range(array.ndim))]


def join_doc_data(doc_data: list[TransformerData]) -> tuple[WordpieceBatch, Any, Any]:
    """The wordpieces, the outputs (as tensors of PyTorch) and the alignment of Docs together."""
    from thinc.api import xp2torch

    filled = [data for data in doc_data if len(data.wordpieces)]
    if not filled:
        return WordpieceBatch.empty(), _new_output(), _empty_align()
    longest = max(data.wordpieces.input_ids.shape[1] for data in filled)
    output = _new_output()
    for name in filled[0].model_output:
        values = [data.model_output[name] for data in filled]
        if isinstance(values[0], list):
            layers = zip(*values, strict=True)
            output[name] = tuple(xp2torch(_joined(name, list(layer), filled, longest)) for layer in layers)
        else:
            output[name] = xp2torch(_joined(name, values, filled, longest))
    return _join_wordpieces(filled, longest), output, _join_aligns(doc_data, longest)


def _joined(name: str, arrays: list[Any], filled: list[TransformerData], longest: int) -> Any:
    from thinc.api import get_array_module

    lengths = [data.wordpieces.input_ids.shape[1] for data in filled]
    parts = [
        padded(array, piece_axes(name, array.shape, length), longest)
        for array, length in zip(arrays, lengths, strict=True)
    ]
    return get_array_module(parts[0]).concatenate(parts, axis=0)


def _join_wordpieces(filled: list[TransformerData], longest: int) -> WordpieceBatch:
    pieces = [data.wordpieces for data in filled]
    types = [one.token_type_ids for one in pieces]

    def strings() -> list[list[str]]:
        pads = [longest - one.input_ids.shape[1] for one in pieces]
        return [
            [*row, *([row[-1]] * pad if row and len(row) > length else ["[PAD]"] * pad)]
            for one, pad in zip(pieces, pads, strict=True)
            for row, length in zip(one.strings, one.lengths, strict=True)
        ]

    return WordpieceBatch(
        strings=strings,
        input_ids=numpy.concatenate([padded(one.input_ids, (1,), longest) for one in pieces]),
        attention_mask=numpy.concatenate([padded(one.attention_mask, (1,), longest) for one in pieces]),
        lengths=[length for one in pieces for length in one.lengths],
        token_type_ids=None if any(one is None for one in types) else
        numpy.concatenate([padded(one, (1,), longest) for one in types]),
    )  # fmt: skip


def _join_aligns(doc_data: list[TransformerData], longest: int) -> Any:
    from thinc.types import Ragged

    flat, lengths, row = [], [], 0
    for data in doc_data:
        own = data.wordpieces.input_ids.shape[1] if len(data.wordpieces) else 1
        indices = numpy.asarray(data.align.dataXd)
        flat.append((indices // own + row) * longest + indices % own)
        lengths.append(numpy.asarray(data.align.lengths))
        row += len(data.wordpieces)
    return Ragged(numpy.concatenate(flat).astype("i"), numpy.concatenate(lengths).astype("i"))  # type: ignore[arg-type]


def split_by_doc(batch: FullTransformerBatch) -> list[TransformerData]:
    """The outputs of each Doc of a batch that some model has made, as views."""
    from thinc.types import Ragged

    arrays = _as_arrays(batch.model_output)
    width = int(arrays["last_hidden_state"].shape[-1]) if "last_hidden_state" in arrays else None
    # Spans of a Doc without any may belong to no Doc that is known here: it has no tokens in the alignment.
    sizes = [len(spans[0].doc) if spans and len(spans[0]) else 0 for spans in batch.spans]
    length = batch.wordpieces.input_ids.shape[1]
    align = _align_of_all(batch, sizes)
    ends = numpy.cumsum(numpy.asarray(align.lengths))
    outputs, row, token = [], 0, 0
    for spans, size in zip(batch.spans, sizes, strict=True):
        if not size:
            outputs.append(TransformerData.empty(width))
            continue
        rows = slice(row, row + len(spans))
        first, last = int(ends[token - 1]) if token else 0, int(ends[token + size - 1])
        own = Ragged(align.dataXd[first:last] - row * length, align.lengths[token : token + size])
        output = _new_output()
        for name, value in arrays.items():
            output[name] = [one[rows] for one in value] if isinstance(value, list) else value[rows]
        outputs.append(TransformerData(batch.wordpieces[rows], output, own))
        row, token = row + len(spans), token + size
    return outputs


def _align_of_all(batch: FullTransformerBatch, sizes: list[int]) -> Any:
    """The alignment of all tokens: models of others may have made one of those tokens alone that some span covers."""
    from thinc.types import Ragged

    align, total = batch.align, sum(sizes)
    lengths = numpy.asarray(align.lengths)
    if len(lengths) == total:
        return align
    starts = numpy.cumsum([0, *sizes])
    covered = dict.fromkeys(
        int(start) + place
        for start, size, spans in zip(starts, sizes, batch.spans, strict=False)
        if size
        for span in spans
        for place in range(span.start, span.end)
    )
    if len(lengths) != len(covered):
        raise TransformerDataError(
            f"This FullTransformerBatch has an alignment of {len(lengths)} tokens. Its spans cover {len(covered)} "
            f"tokens, of Docs that have {total}: expected a row of `align` for each token of the Docs."
        )
    places = numpy.fromiter(covered, dtype="i8", count=len(covered))
    order = numpy.argsort(places)
    parts = numpy.split(numpy.asarray(align.dataXd), numpy.cumsum(lengths)[:-1])
    whole = numpy.zeros(total, dtype="i")
    whole[places] = lengths
    flat = numpy.concatenate([parts[index] for index in order.tolist()]) if len(parts) else align.dataXd
    return Ragged(flat.astype("i"), whole)  # type: ignore[arg-type]


def _as_arrays(output: Any) -> dict[str, Any]:
    """The outputs with one row for each text, as arrays: a tensor, or a list for a tuple of tensors."""
    from thinc.api import torch2xp

    arrays: dict[str, Any] = {}
    for name, value in output.items():
        if isinstance(value, (tuple, list)):
            rows = output["last_hidden_state"].shape[0]
            if all(hasattr(one, "shape") and one.shape[:1] == (rows,) for one in value):
                arrays[name] = [_as_array(one, torch2xp) for one in value]
        elif hasattr(value, "shape"):
            arrays[name] = _as_array(value, torch2xp)
    return arrays


def _as_array(value: Any, torch2xp: Any) -> Any:
    return torch2xp(value) if hasattr(value, "requires_grad") else value


def join_gradients(gradients: list[list[Any]]) -> Any:
    """The gradients of Docs together, as tensors of PyTorch named by their number."""
    from thinc.api import get_array_module, xp2torch

    filled = [arrays for arrays in gradients if arrays]
    output = _new_output()
    for index in range(max(map(len, filled), default=0)):
        parts = [arrays[index] for arrays in filled]
        longest = max(part.shape[1] for part in parts)
        joined = get_array_module(parts[0]).concatenate([padded(part, (1,), longest) for part in parts], axis=0)
        output[f"output_{index}"] = xp2torch(joined)
    return output
