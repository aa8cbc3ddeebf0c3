"""Reading attribute ids from Docs: one gather for a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_columns(columns: Sequence[str | int]) -> None:
    """Raise InvalidValueError (a ValueError) if one of the names is no attribute."""
    from spanwright.attrs import attr_id

    for column in columns:
        attr_id(column)


def gather_features(docs: Sequence[Any], columns: Sequence[str | int]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """The attributes of all tokens of a batch in one matrix, and the number of tokens of each Doc.

    *Shape:* (tokens of the batch, columns) and (docs,). Spans may stand among the Docs.
    """
    from spanwright.tokens import Doc, gather

    if all(type(doc) is Doc for doc in docs):
        lengths = np.fromiter((len(doc) for doc in docs), dtype=np.int32, count=len(docs))
        return gather(docs, columns), lengths
    parts = [_one(doc, columns) for doc in docs]
    lengths = np.fromiter((len(part) for part in parts), dtype=np.int32, count=len(parts))
    return np.concatenate(parts), lengths


def doc_features(docs: Sequence[Any], columns: Sequence[str | int]) -> list[NDArray[np.uint64]]:
    """The attributes of the tokens of each Doc, as views of one matrix."""
    if not docs:
        return []
    matrix, lengths = gather_features(docs, columns)
    return np.split(matrix, np.cumsum(lengths)[:-1])


def _one(doc: Any, columns: Sequence[str | int]) -> NDArray[np.uint64]:
    """The features of one Doc-like object: anything with `to_array`, or a slice of a Doc."""
    if hasattr(doc, "to_array"):
        array = np.asarray(doc.to_array(list(columns)), dtype=np.uint64)
    else:
        array = np.asarray(doc.doc.to_array(list(columns)), dtype=np.uint64)[doc.start : doc.end]
    return array.reshape(len(doc), len(columns))
