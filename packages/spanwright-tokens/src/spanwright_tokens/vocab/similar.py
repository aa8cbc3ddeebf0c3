"""The most similar rows of a table of vectors."""

from __future__ import annotations

from typing import Any

import numpy

from ..errors import InvalidValueError

Array = Any


def most_similar(
    data: Array, keys: Array, known: Array, queries: Array, *, batch_size: int, n: int, sort: bool
) -> tuple[Array, Array, Array]:
    """The rows with the largest cosine to each query; see `Vectors.most_similar`.

    data: *Shape* (rows, width). keys: the key of each row, uint64. known: whether a row has a key.
    """
    from .vectors import array_module

    xp = array_module(data)
    if getattr(queries, "ndim", 0) != 2 or queries.shape[1] != data.shape[1]:
        found = getattr(queries, "shape", type(queries).__name__)
        raise InvalidValueError(
            f"The queries must be an array of the shape (number of queries, {data.shape[1]}), found {found}."
        )
    filled = numpy.flatnonzero(known)
    if len(filled) < n:
        raise InvalidValueError(f"There are {len(filled)} vectors with a key, fewer than the {n} asked for.")
    table = _unit(xp, data[xp.asarray(filled)])
    rows, scores = [], []
    for start in range(0, queries.shape[0], batch_size):
        cosines = _unit(xp, queries[start : start + batch_size]) @ table.T
        best = xp.argpartition(cosines, -n, axis=1)[:, -n:]
        score = xp.take_along_axis(cosines, best, axis=1)
        if sort and n >= 2:
            order = xp.argsort(score, axis=1)[:, ::-1]
            best, score = xp.take_along_axis(best, order, axis=1), xp.take_along_axis(score, order, axis=1)
        rows.append(best)
        scores.append(score)
    if not rows:
        return xp.zeros((0, n), dtype="uint64"), xp.zeros((0, n), dtype="i"), xp.zeros((0, n), dtype="f")
    found = xp.asarray(filled, dtype="i")[xp.concatenate(rows)]
    # Rounding may leave a cosine a little beyond 1.
    result = xp.clip(xp.around(xp.concatenate(scores), decimals=4), -1, 1).astype("f")
    return xp.asarray(keys)[found], found, result


def _unit(xp: Any, vectors: Array) -> Array:
    norms = xp.linalg.norm(vectors, axis=1, keepdims=True)
    norms[norms == 0] = 1
    return vectors / norms
