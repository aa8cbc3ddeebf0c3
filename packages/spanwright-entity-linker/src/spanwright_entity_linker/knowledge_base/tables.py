"""The columns of a knowledge base: a flat array for each fact, grown at the end, and an index by string id."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy

from spanwright_tokens.vocab.keyrows import KeyRows

NOBODY = 0  # The entity number of a candidate that no longer exists; numbers begin at 1, as in files


def column(code: str, values: Any = ()) -> array[Any]:
    """An array that can grow. code: As for `array.array`. values: Numbers, or a NumPy array of them."""
    made = array(code)
    if len(values):
        made.frombytes(numpy.ascontiguousarray(values, dtype=code).tobytes())
    return made


def view(values: array[Any]) -> numpy.ndarray:
    """A growing array as a NumPy array of its own."""
    return numpy.frombuffer(values.tobytes(), dtype=values.typecode)


class VectorRows:
    """Vectors: those that came together, which may lie in a mapped file, and those added since.

    base: *Shape:* (n, width), float32.
    """

    def __init__(self, base: numpy.ndarray) -> None:
        self.base = base
        self.width = int(base.shape[1])
        self.more = array("f")
        self.added = 0

    def append(self, vector: numpy.ndarray) -> None:
        """Add a row."""
        self.more.frombytes(vector.tobytes())
        self.added += 1

    def row(self, number: int) -> numpy.ndarray:
        """One vector. Those of `base` are views."""
        known = len(self.base)
        if number < known:
            return self.base[number]
        start = (number - known) * self.width
        return numpy.array(self.more[start : start + self.width], dtype="float32")

    def parts(self) -> list[numpy.ndarray]:
        """All rows, in one or two matrices."""
        if not self.added:
            return [self.base]
        return [self.base, view(self.more).reshape((self.added, self.width))]

    def whole(self) -> numpy.ndarray:
        """All rows in one matrix."""
        parts = self.parts()
        return parts[0] if len(parts) == 1 else numpy.concatenate(parts)


class Entities:
    """Names, frequencies and vectors of entities. Row i of each column is the entity with number i + 1."""

    def __init__(self, keys: Any, freqs: Any, vectors: numpy.ndarray) -> None:
        self.keys = column("Q", keys)
        self.freqs = column("f", freqs)
        self.vectors = VectorRows(vectors)
        self.index = KeyRows()
        self.index.fill(keys, numpy.arange(len(self.keys), dtype="int32"))

    @classmethod
    def none(cls, width: int) -> Entities:
        """No entities, whose vectors would have this width."""
        return cls(numpy.zeros((0,), dtype="uint64"), (), numpy.zeros((0, width), dtype="float32"))

    def __len__(self) -> int:
        return len(self.keys)

    def append(self, key: int, freq: float, vector: numpy.ndarray) -> None:
        """Add an entity that is not there yet."""
        self.index[key] = len(self.keys)
        self.keys.append(key)
        self.freqs.append(freq)
        self.vectors.append(vector)


class Aliases:
    """Aliases with their candidates: candidates `starts[i]` to `starts[i + 1]` belong to alias i.

    keys: String ids. starts: One more than there are aliases. numbers: The candidates' entities, counted from 1.
    probs: Their prior probabilities.
    """

    def __init__(self, keys: Any, starts: Any, numbers: Any, probs: Any) -> None:
        self.keys = column("Q", keys)
        self.starts = column("q", starts)
        self.numbers = column("q", numbers)
        self.probs = column("f", probs)
        # Candidates appended to an alias that has others after it, until the next `settle`.
        self.more: dict[int, list[tuple[int, float]]] = {}
        self.index = KeyRows()
        self.index.fill(keys, numpy.arange(len(self.keys), dtype="int32"))

    @classmethod
    def none(cls) -> Aliases:
        """No aliases."""
        return cls(numpy.zeros((0,), dtype="uint64"), [0], (), ())

    def __len__(self) -> int:
        return len(self.keys)

    def candidates(self, row: int) -> Iterable[tuple[int, float]]:
        """Number and prior probability of each candidate of an alias."""
        span = slice(self.starts[row], self.starts[row + 1])
        found = zip(self.numbers[span], self.probs[span], strict=True)
        return [*found, *self.more[row]] if row in self.more else found

    def append(self, key: int, numbers: Sequence[int], probs: Sequence[float]) -> None:
        """Add an alias that is not there yet."""
        self.index[key] = len(self.keys)
        self.keys.append(key)
        self.numbers.extend(numbers)
        self.probs.extend(probs)
        self.starts.append(len(self.numbers))

    def extend(self, row: int, number: int, prob: float) -> None:
        """Add a candidate to an alias."""
        if row == len(self.keys) - 1:
            self.numbers.append(number)
            self.probs.append(prob)
            self.starts[row + 1] += 1
        else:
            # Rounded as in a column.
            self.more.setdefault(row, []).append((number, array("f", [prob])[0]))

    def settle(self) -> None:
        """Put candidates that were appended into the columns."""
        if not self.more:
            return
        rows = [row for row in sorted(self.more) for _ in self.more[row]]
        pairs = [pair for row in sorted(self.more) for pair in self.more[row]]
        places = view(self.starts)[numpy.asarray(rows) + 1]
        numbers = numpy.insert(view(self.numbers), places, [number for number, _ in pairs])
        probs = numpy.insert(view(self.probs), places, numpy.asarray([prob for _, prob in pairs], dtype="float32"))
        added = numpy.bincount(rows, minlength=len(self))
        starts = view(self.starts) + numpy.concatenate([[0], numpy.cumsum(added)])
        self.starts, self.numbers, self.probs = column("q", starts), column("q", numbers), column("f", probs)
        self.more = {}

    def renumber(self, numbers: numpy.ndarray) -> int:
        """Give each candidate another entity number; return how many have become NOBODY.

        numbers: New number of each old one, from 0 on.
        """
        self.settle()
        old = view(self.numbers)
        new = numbers[old]
        self.numbers = column("q", new)
        return int(((new == NOBODY) & (old != NOBODY)).sum())
