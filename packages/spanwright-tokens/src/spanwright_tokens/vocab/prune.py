"""Making a vocabulary's table of vectors smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from .vectors import Vectors, array_module, to_numpy

if TYPE_CHECKING:
    from .vocab import Vocab


def deduplicate(vocab: Vocab) -> None:
    """Keep one row of vectors that are equal; see `Vocab.deduplicate_vectors`."""
    old = vocab.vectors
    old._need_default("deduplicate")
    xp = array_module(old.data)
    keys, rows = old.key2row.arrays()
    filled, position = numpy.unique(rows, return_inverse=True)
    data, of_filled = numpy.unique(to_numpy(old.data[xp.asarray(filled)]), axis=0, return_inverse=True)
    if data.shape == old.data.shape:
        return
    new = Vectors(strings=vocab.strings, data=xp.asarray(data), name=old.name, attr=old.attr)
    new.key2row.fill(keys, of_filled.reshape(-1)[position.reshape(-1)])
    vocab.vectors = new


def prune(vocab: Vocab, nr_row: int, batch_size: int) -> dict[str, tuple[str, float]]:
    """Keep the vectors of the likeliest words; see `Vocab.prune_vectors`."""
    old = vocab.vectors
    old._need_default("prune_vectors")
    xp = array_module(old.data)
    for key in old:
        vocab[key]  # makes the lexeme
    priority = []
    for lexeme in vocab:
        value = lexeme._get_attr(old.attr)
        row = old.key2row.get(value)
        if row is not None:
            priority.append((-lexeme.prob, row, value))
    priority.sort()
    keys = numpy.array([key for _, _, key in priority], dtype="uint64")
    rows = xp.asarray([row for _, row, _ in priority], dtype="int64")
    kept = xp.ascontiguousarray(old.data[rows[:nr_row]])
    tossed = xp.ascontiguousarray(old.data[rows[nr_row:]])
    vocab.vectors = new = Vectors(strings=vocab.strings, data=kept, keys=keys[:nr_row], name=old.name, attr=old.attr)
    like_keys, like_rows, scores = (to_numpy(found) for found in new.most_similar(tossed, batch_size=batch_size))
    remap: dict[str, tuple[str, float]] = {}
    for i, key in enumerate(keys[nr_row:]):
        new.add(int(key), row=int(like_rows[i][0]))
        remap[vocab.strings[key]] = (vocab.strings[like_keys[i][0]], float(scores[i][0]))
    return remap
