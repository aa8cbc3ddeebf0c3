"""From windows of Docs to rows of wordpieces that a transformer can take, and how they are batched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from .alignment import UNKNOWN, offsets_of_pieces
from .data_classes import WordpieceBatch

__all__ = ["Rows", "batches_of_rows", "longest_row", "tokenize"]


@dataclass
class Rows:
    """Rows of wordpieces, without padding.

    ids: The pieces' ids, one array for each row.
    types: Their segment ids, or None where the model has none.
    offsets: First character and end of each piece in the text of its window. *Shape:* (pieces, 2) each.
    windows: For each row the number of the window that it comes from: a window that is too long has several rows.
    pad_id, pad_type: What rows are padded with. pad_left: Whether padding stands before the pieces.
    """

    ids: list[Any]
    types: list[Any] | None
    offsets: list[Any]
    windows: list[int]
    tokenizer: Any
    pad_id: int = 0
    pad_type: int = 0
    pad_left: bool = False

    @property
    def lengths(self) -> list[int]:
        """How many pieces each row has."""
        return [len(row) for row in self.ids]

    def batch(self, rows: Sequence[int], length: int | None = None) -> WordpieceBatch:
        """Some of the rows, padded to the longest of them or to a length."""
        lengths = [len(self.ids[row]) for row in rows]
        longest = max(lengths, default=0) if length is None else length
        ids = numpy.full((len(rows), longest), self.pad_id, dtype="i8")
        mask = numpy.zeros((len(rows), longest), dtype="f")
        types = None if self.types is None else numpy.full((len(rows), longest), self.pad_type, dtype="i8")
        for index, (row, size) in enumerate(zip(rows, lengths, strict=True)):
            place = slice(longest - size, longest) if self.pad_left else slice(size)
            ids[index, place] = self.ids[row]
            mask[index, place] = 1
            if types is not None and self.types is not None:
                types[index, place] = self.types[row]
        tokenizer = self.tokenizer

        def strings() -> list[list[str]]:
            return [tokenizer.convert_ids_to_tokens(row.tolist()) for row in ids]

        return WordpieceBatch(strings, ids, mask, lengths, types)


def tokenize(tokenizer: Any, texts: Sequence[str], limit: int) -> Rows:
    """The wordpieces of texts.

    limit: How many pieces a row may have, special ones included. A longer text gets several rows, which overlap by a
        quarter so that each piece has its context in one of them.
    """
    rows = Rows([], None, [], [], tokenizer, *_padding(tokenizer))
    if not texts:
        return rows
    encoded = tokenizer(
        list(texts),
        add_special_tokens=True,
        padding=False,
        truncation=False,
        return_attention_mask=False,
        return_special_tokens_mask=True,
        return_offsets_mapping=bool(tokenizer.is_fast),
        verbose=False,
    )
    types = encoded.get("token_type_ids")
    rows.types = None if types is None else []
    for index, text in enumerate(texts):
        ids = numpy.asarray(encoded["input_ids"][index], dtype="i8")
        special = numpy.asarray(encoded["special_tokens_mask"][index], dtype=bool)
        if tokenizer.is_fast:
            offsets = numpy.asarray(encoded["offset_mapping"][index], dtype="i8").reshape(-1, 2)
        else:
            unknown = tokenizer.unk_token
            pieces = [UNKNOWN if one == unknown else one for one in tokenizer.convert_ids_to_tokens(ids.tolist())]
            offsets = numpy.asarray(offsets_of_pieces(text, pieces, special.tolist()), dtype="i8").reshape(-1, 2)
        for part in _parts(special, limit):
            rows.ids.append(ids if part is None else ids[part])
            rows.offsets.append(offsets if part is None else offsets[part])
            rows.windows.append(index)
            if rows.types is not None:
                row_types = numpy.asarray(types[index], dtype="i8")
                rows.types.append(row_types if part is None else row_types[part])
    return rows


def _padding(tokenizer: Any) -> tuple[int, int, bool]:
    # Models without a token for padding take any: it is masked.
    pad = tokenizer.pad_token_id
    return (0 if pad is None else pad), getattr(tokenizer, "pad_token_type_id", 0), tokenizer.padding_side == "left"


def _parts(special: Any, limit: int) -> list[Any]:
    """Where to cut a row: indices of the pieces of each part, with the special ones at both ends; None for no cut."""
    if len(special) <= limit:
        return [None]
    content = numpy.flatnonzero(~special)
    if not len(content):
        return [numpy.arange(limit)]
    head, tail = numpy.arange(content[0]), numpy.arange(content[-1] + 1, len(special))
    inside = numpy.arange(content[0], content[-1] + 1)
    room = max(limit - len(head) - len(tail), 1)
    step = max(room - room // 4, 1)
    count = -(-(len(inside) - room) // step) + 1
    starts = numpy.linspace(0, len(inside) - room, count).round().astype("i8")
    return [numpy.concatenate([head, inside[start : start + room], tail]) for start in starts]


def batches_of_rows(lengths: Sequence[int], most: int, cost: int = 0) -> list[list[int]]:
    """Rows of about the same length, in the batches that take the least work together.

    most: How many pieces a batch may have, padding included. A row that is longer is a batch by itself.
    cost: What a batch takes beside the work on its pieces, in pieces: the more, the fewer batches and the more padding.
    """
    order = numpy.argsort(numpy.asarray(lengths, dtype="i8"), kind="stable")
    ordered = [lengths[row] for row in order.tolist()]
    # Shortest first, each batch is a stretch of rows and as long as its last: `least[end]` is the least work for all
    # rows before `end`, and `begin[end]` where the last batch of that solution begins.
    least = numpy.zeros(len(ordered) + 1, dtype="i8")
    begin = numpy.zeros(len(ordered) + 1, dtype="i8")
    for end, longest in enumerate(ordered, start=1):
        first = max(end - max(most // max(longest, 1), 1), 0)
        work = least[first:end] + longest * numpy.arange(end - first, 0, -1)
        best = int(work.argmin())
        least[end], begin[end] = work[best] + cost, first + best
    batches, end = [], len(ordered)
    while end:
        batches.append(sorted(order[begin[end] : end].tolist()))
        end = int(begin[end])
    return batches[::-1]


def longest_row(tokenizer: Any, transformer: Any) -> int:
    """How many pieces the model takes at once, special ones included."""
    # Tokenizers that do not know say a very large number.
    found = [int(tokenizer.model_max_length)] if tokenizer.model_max_length < 1 << 40 else []
    table = _position_table(transformer)
    if table is not None:
        # Some models number positions after their padding's.
        padding = getattr(table, "padding_idx", None)
        found.append(table.num_embeddings - (padding + 1 if padding is not None else 0))
    else:
        positions = getattr(transformer.config, "max_position_embeddings", None)
        if isinstance(positions, int) and positions > 0:
            found.append(positions)
    return min(found, default=1 << 40)


def _position_table(transformer: Any) -> Any:
    for name in ("embeddings", "embedding"):
        table = getattr(getattr(transformer, name, None), "position_embeddings", None)
        if hasattr(table, "num_embeddings"):
            return table
    return None
