"""The file `contents` of a knowledge base, in spaCy's layout (little-endian), read whole and checked before use.

int64 number of entities n, int64 width w
float32[n * w]                                   vectors
n times: uint64 name, float32 frequency, int32 row of its vector
int64 number of aliases
for each: uint64 alias, int64 number of candidates c, then c times: int64 entity (from 1), float32 prior probability
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any, BinaryIO

import numpy

from spanwright.errors import DataFormatError

from .checks import WIDEST
from .tables import Aliases, Entities

HEADER = 16
ENTRY = numpy.dtype([("key", "<u8"), ("freq", "<f4"), ("vector", "<i4")])
ALIAS_WORDS, CANDIDATE_WORDS = 4, 3  # in words of 4 bytes
# Sums of float32 that were rounded each.
SUM_TOLERANCE = 1e-3


def read_contents(path: str | Path) -> tuple[Entities, Aliases]:
    """Read a file. Vectors stay in the file, memory-mapped. Raises DataFormatError (a ValueError)."""
    where = str(path)
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        if size < HEADER:
            raise _cut(where, f"it has {size} bytes, and the header alone needs {HEADER}")
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    count, width = (int(value) for value in numpy.frombuffer(data, dtype="<i8", count=2))
    entries_at = HEADER + 4 * count * width
    aliases_at = entries_at + ENTRY.itemsize * count
    if count < 0 or not 0 <= width <= WIDEST or aliases_at + 8 > size:
        raise _cut(where, f"it has {size} bytes, and its header speaks of {count} entities with {width} values each")
    vectors = numpy.frombuffer(data, dtype="<f4", count=count * width, offset=HEADER).reshape((count, width))
    entries = numpy.frombuffer(data, dtype=ENTRY, count=count, offset=entries_at)
    entities = make_entities(entries["key"], entries["freq"], entries["vector"], vectors, where)
    return entities, _read_aliases(memoryview(data), aliases_at, count, where)


def make_entities(keys: Any, freqs: Any, rows: Any, vectors: numpy.ndarray, where: str) -> Entities:
    """Entities from the columns of a file, checked."""
    keys = numpy.ascontiguousarray(keys, dtype="uint64")
    freqs = numpy.ascontiguousarray(freqs, dtype="float32")
    count = len(keys)
    entities = Entities(keys, freqs, _in_order(numpy.asarray(rows), vectors, count, where))
    if len(entities.index) != count:
        raise DataFormatError(f"{where}: an entity stands in it twice. This is no knowledge base, or a damaged one.")
    if not numpy.isfinite(freqs).all():
        row = int(numpy.flatnonzero(~numpy.isfinite(freqs))[0])
        raise DataFormatError(f"{where}: the frequency of entity {row + 1} is {freqs[row]}, which is no number.")
    return entities


def _in_order(rows: numpy.ndarray, vectors: numpy.ndarray, count: int, where: str) -> numpy.ndarray:
    """The vectors, the first entity's first."""
    if len(vectors) >= count and numpy.array_equal(rows, numpy.arange(count)):
        return vectors[:count]
    if len(numpy.unique(rows)) == count and (rows >= 0).all() and len(vectors) == count:
        # spaCy skips a row where entities were added to a loaded or filled base, but writes no vector for it.
        return vectors[numpy.argsort(numpy.argsort(rows))]
    if (rows < 0).any() or (rows >= len(vectors)).any():
        raise DataFormatError(
            f"{where}: an entity names the vector {int(rows.max())}, and there are {len(vectors)}. "
            f"This is no knowledge base, or a damaged one."
        )
    return vectors[rows]


def _read_aliases(data: memoryview, start: int, n_entities: int, where: str) -> Aliases:
    size = len(data)
    (count,) = numpy.frombuffer(data, dtype="<i8", count=1, offset=start).tolist()
    start += 8
    if (size - start) % 4 or not 0 <= count <= (size - start) // (4 * ALIAS_WORDS):
        raise _cut(where, f"it has {size - start} bytes for {count} aliases")
    words = numpy.frombuffer(data, dtype="<u4", offset=start)
    places = _places(words, count, where)
    keys, lengths = _wide(words, places), _wide(words, places + 2).astype("int64")
    starts = numpy.concatenate([[0], numpy.cumsum(lengths)])
    first = numpy.repeat(places + ALIAS_WORDS - CANDIDATE_WORDS * starts[:-1], lengths)
    at = first + CANDIDATE_WORDS * numpy.arange(int(starts[-1]))
    numbers = _wide(words, at).astype("int64")
    probs = words[at + 2].view("<f4")
    return make_aliases(keys, lengths, numbers, probs, n_entities, where)


def _places(words: numpy.ndarray, count: int, where: str) -> numpy.ndarray:
    """Where each alias begins. One has to be read to know where the next begins; only that is a loop."""
    native = numpy.ascontiguousarray(words, dtype="uint32").data
    places = []
    place = 0
    try:
        for _ in range(count):
            places.append(place)
            place += ALIAS_WORDS + CANDIDATE_WORDS * (native[place + 2] | native[place + 3] << 32)
    except IndexError:
        place = len(words) + 1
    if place != len(words):
        # Loads check the end of the file: a cut one would give other aliases than were saved.
        text = "it ends within" if place > len(words) else "it goes on after"
        raise _cut(where, f"{text} the {count} aliases that it speaks of")
    return numpy.asarray(places, dtype="int64")


def _wide(words: numpy.ndarray, places: numpy.ndarray) -> numpy.ndarray:
    return words[places].astype("uint64") | words[places + 1].astype("uint64") << numpy.uint64(32)


def make_aliases(keys: Any, lengths: Any, numbers: Any, probs: Any, n_entities: int, where: str) -> Aliases:
    """Aliases from the columns of a file, checked."""
    keys = numpy.ascontiguousarray(keys, dtype="uint64")
    lengths = numpy.asarray(lengths, dtype="int64")
    probs = numpy.asarray(probs, dtype="float32")
    starts = numpy.concatenate([numpy.zeros((1,), dtype="int64"), numpy.cumsum(lengths)])
    if len(numbers) and (int(numpy.min(numbers)) < 0 or int(numpy.max(numbers)) > n_entities):
        raise DataFormatError(
            f"{where}: an alias names entity {int(numpy.max(numbers))}, and there are {n_entities}. "
            f"This is no knowledge base, or a damaged one."
        )
    if not (numpy.isfinite(probs) & (probs >= 0)).all():
        raise DataFormatError(f"{where}: a prior probability is negative or no number.")
    sums = numpy.diff(numpy.concatenate([[0.0], numpy.cumsum(probs, dtype="float64")])[starts])
    if (sums > 1 + SUM_TOLERANCE).any():
        row = int(sums.argmax())
        raise DataFormatError(f"{where}: the prior probabilities of alias {row + 1} sum to {sums[row]:.4f}, above 1.")
    aliases = Aliases(keys, starts, numbers, probs)
    if len(aliases.index) != len(keys):
        raise DataFormatError(f"{where}: an alias stands in it twice. This is no knowledge base, or a damaged one.")
    return aliases


def write_contents(file: BinaryIO, entities: Entities, aliases: Aliases) -> None:
    """Write the columns to an open file."""
    aliases.settle()
    count, vectors = len(entities), entities.vectors
    file.write(numpy.asarray([count, vectors.width], dtype="<i8").tobytes())
    for part in vectors.parts():
        file.write(numpy.ascontiguousarray(part, dtype="<f4").data.cast("B") if part.size else b"")
    entries = numpy.empty((count,), dtype=ENTRY)
    entries["key"], entries["freq"], entries["vector"] = entities.keys, entities.freqs, numpy.arange(count)
    file.write(entries.tobytes())
    file.write(numpy.asarray([len(aliases)], dtype="<i8").tobytes())
    file.write(_alias_words(aliases).tobytes())


def _alias_words(aliases: Aliases) -> numpy.ndarray:
    starts = numpy.frombuffer(aliases.starts, dtype="q").copy()
    rows, at = numpy.arange(len(aliases)), numpy.arange(int(starts[-1]))
    lengths = numpy.diff(starts)
    words = numpy.empty((ALIAS_WORDS * len(aliases) + CANDIDATE_WORDS * len(at),), dtype="<u4")
    heads = ALIAS_WORDS * rows + CANDIDATE_WORDS * starts[:-1]
    pairs = CANDIDATE_WORDS * at + ALIAS_WORDS * (numpy.repeat(rows, lengths) + 1)
    _put_wide(words, heads, numpy.asarray(aliases.keys, dtype="uint64"))
    _put_wide(words, heads + 2, lengths.astype("uint64"))
    _put_wide(words, pairs, numpy.asarray(aliases.numbers, dtype="int64").astype("uint64"))
    words[pairs + 2] = numpy.asarray(aliases.probs, dtype="<f4").view("<u4")
    return words


def _put_wide(words: numpy.ndarray, places: numpy.ndarray, values: numpy.ndarray) -> None:
    words[places] = values & numpy.uint64(0xFFFFFFFF)
    words[places + 1] = values >> numpy.uint64(32)


def _cut(where: str, what: str) -> DataFormatError:
    return DataFormatError(
        f"{where}: this is no knowledge base, or one that was cut short: {what}. Copy or build it again."
    )
