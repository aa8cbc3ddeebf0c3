"""Tables of word vectors: by key, or by the hashes of subwords (floret)."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy

from ..attrs import IDS, ORTH
from ..errors import (
    InvalidValueError,
    MissingKeyError,
    SpanwrightWarning,
    UnsupportedError,
)
from .base_vectors import BaseVectors
from .keyrows import KeyRows, floret_rows
from .similar import most_similar
from .strings import StringStore, get_string_id

Array = Any


class Mode(str, Enum):
    """How a table finds the vector of a word."""

    default = "default"
    floret = "floret"

    @classmethod
    def values(cls) -> list[str]:
        """The names of the modes."""
        return [mode.value for mode in cls]


class Vectors(BaseVectors):
    """A table of word vectors.

    In the mode "default" `key2row` maps the ids of words to rows of `data`; several keys may share a row, and rows may
    be free. In the mode "floret" the vector of a word is the mean of the rows that its subwords hash to, so that
    every word has one; such a table is made by training, and cannot be changed word by word.

    strings: the string store; a new one if None.
    shape: rows and width of an empty table; (0, 0) if None. Without meaning if there is `data`.
    data: the vectors, float32, NumPy or CuPy. *Shape* (rows, width).
    keys: the keys of the rows of `data`, in order.
    name: a name for the table.
    mode: "default" or "floret".
    minn, maxn: floret: the lengths of n-grams, in characters; advised 4 and 5.
    hash_count: floret: rows for each subword, 1 to 4; advised 2.
    hash_seed: floret: the seed of the hash.
    bow, eow: floret: the marks of a word's beginning and end.
    attr: the token attribute whose values are the keys, by name or id.

    Raises InvalidValueError (a ValueError) for settings that cannot be.
    """

    def __init__(
        self,
        *,
        strings: StringStore | None = None,
        shape: tuple[int, int] | None = None,
        data: Array = None,
        keys: Iterable[int | str] | None = None,
        name: str | None = None,
        mode: str = "default",
        minn: int = 0,
        maxn: int = 0,
        hash_count: int = 1,
        hash_seed: int = 0,
        bow: str = "<",
        eow: str = ">",
        attr: int | str = "ORTH",
    ) -> None:
        self.strings = StringStore() if strings is None else strings
        self.name = name
        self.key2row: KeyRows = KeyRows()
        self._free_from = 0
        self._set_settings(
            {
                "mode": mode,
                "minn": minn,
                "maxn": maxn,
                "hash_count": hash_count,
                "hash_seed": hash_seed,
                "bow": bow,
                "eow": eow,
                "attr": attr,
            }
        )
        if self.mode == "floret" and (data is None or keys is not None):
            raise InvalidValueError("A floret table needs data, and takes no keys: every word has a vector in it.")
        # For each row, whether it has a key or came with data of its own; of another length: not known now.
        self._taken = bytearray()
        if data is None:
            data = on_device(numpy.zeros((0, 0) if shape is None else shape, dtype="f"))
            self._taken = bytearray(data.shape[0])
        else:
            self._taken = bytearray(b"\x01") * data.shape[0]
        self.data: Array = data
        if keys is not None:
            self._fill(keys)

    def _fill(self, keys: Iterable[int | str]) -> None:
        numbers = _key_array(keys)
        if len(numbers) > self.data.shape[0]:
            raise InvalidValueError(f"There are {len(numbers)} keys for {self.data.shape[0]} rows of vectors.")
        self.key2row.fill(numbers, numpy.arange(len(numbers), dtype="int32"))

    # ---------------------------------------------------------------- settings

    def _settings(self) -> dict[str, Any]:
        if self.mode == "default":
            # spaCy writes no attribute here, and reads one.
            return {"mode": self.mode} if self.attr == ORTH else {"mode": self.mode, "attr": self.attr}
        names = ("mode", "minn", "maxn", "hash_count", "hash_seed", "bow", "eow", "attr")
        return {name: getattr(self, name) for name in names}

    def _set_settings(self, settings: Mapping[str, Any]) -> None:
        mode = settings.get("mode", "default")
        mode = mode.value if isinstance(mode, Mode) else mode
        if mode not in Mode.values():
            raise InvalidValueError(f"The mode of vectors is one of {Mode.values()}, found {mode!r}.")
        minn, maxn = settings.get("minn", 0), settings.get("maxn", 0)
        hash_count = settings.get("hash_count", 1)
        if mode == "floret" and maxn < minn:
            raise InvalidValueError(f"The longest n-gram, maxn={maxn}, must not be shorter than minn={minn}.")
        if mode == "floret" and not 1 <= hash_count <= 4:
            raise InvalidValueError(f"hash_count must lie between 1 and 4, found {hash_count}.")
        attr = settings.get("attr", ORTH)
        if isinstance(attr, str):
            attr = IDS.get("ORTH" if attr.upper() == "TEXT" else attr.upper(), ORTH)
        self.mode: str = mode
        self.minn, self.maxn, self.hash_count = minn, maxn, hash_count
        self.hash_seed = settings.get("hash_seed", 0)
        self.bow, self.eow = settings.get("bow", "<"), settings.get("eow", ">")
        self.attr: int = attr

    # ---------------------------------------------------------------- what there is

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and the width."""
        return (self.data.shape[0], self.data.shape[1])

    @property
    def vectors_length(self) -> int:
        """The width."""
        return self.shape[1]

    @property
    def size(self) -> int:
        """The number of values: rows times width."""
        return int(self.data.size)

    @property
    def is_full(self) -> bool:
        """Whether no row is free for a new key."""
        return self.mode == "floret" or self._next_free() is None

    @property
    def n_keys(self) -> int:
        """The number of keys, -1 for floret vectors."""
        return -1 if self.mode == "floret" else len(self.key2row)

    def __len__(self) -> int:
        return self.shape[0]

    def __contains__(self, key: object) -> bool:
        return self.mode == "floret" or get_string_id(key) in self.key2row

    def __iter__(self) -> Iterator[int]:
        return iter(self.key2row)

    def keys(self) -> list[int]:
        """The keys, in the order in which they were added."""
        return self.key2row.keys()

    def values(self) -> Iterator[Array]:
        """The vectors of the rows that have a key."""
        taken = self._rows_taken()
        return (self.data[row] for row in range(len(taken)) if taken[row])

    def items(self) -> Iterator[tuple[int, Array]]:
        """The pairs (key, vector)."""
        return ((key, self.data[row]) for key, row in self.key2row.items())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vectors):
            return NotImplemented
        return (
            self.shape == other.shape
            and self._settings() == other._settings()
            and self.key2row == other.key2row
            and bool((to_numpy(self.data) == to_numpy(other.data)).all())
        )

    __hash__ = None  # type: ignore[assignment]

    # ---------------------------------------------------------------- look-up

    def __getitem__(self, key: int | str) -> Array:
        """The vector of a word or its id. *Shape* (width,). Raises MissingKeyError (a KeyError) if it has none."""
        if self.mode == "floret":
            return self.get_batch([key])[0]
        row = self.key2row.get(get_string_id(key), -1)
        if row < 0:
            raise MissingKeyError(f"There is no vector for {key!r}. Ask `key in vectors`, or use vocab.get_vector.")
        return self.data[row]

    def zeros(self) -> Array:
        """The vector of a word that has none. *Shape* (width,)."""
        return array_module(self.data).zeros((self.shape[1],), dtype="f")

    def find(
        self,
        *,
        key: int | str | None = None,
        keys: Iterable[int | str] | None = None,
        row: int | None = None,
        rows: Iterable[int] | None = None,
    ) -> Any:
        """Look up rows by keys, or keys by rows. Exactly one argument is given.

        key: a word or id; gives its row, -1 if it is missing.
        keys: words or ids; gives an array of rows, int32.
        row: gives a key of the row. rows: gives an array of keys, uint64.

        Raises MissingKeyError (a KeyError) for a row without a key; UnsupportedError for floret vectors.
        """
        self._need_default("find", " Use vectors[key] or vectors.get_batch(keys) instead.")
        given = {"key": key, "keys": keys, "row": row, "rows": rows}
        if sum(value is not None for value in given.values()) != 1:
            raise InvalidValueError(f"find takes exactly one of key, keys, row and rows, found {given}.")
        xp = array_module(self.data)
        if key is not None:
            return self.key2row.get(get_string_id(key), -1)
        if keys is not None:
            return xp.asarray(self.key2row.rows_of(_key_array(keys)))
        wanted = [row] if rows is None else rows
        found = [self._key_of(int(number)) for number in wanted]  # type: ignore[arg-type]
        return found[0] if rows is None else xp.asarray(found, dtype="uint64")

    def _key_of(self, row: int) -> int:
        keys, known = self._row_keys()
        if not 0 <= row < len(known) or not known[row]:
            raise MissingKeyError(f"No key belongs to the row {row} of {len(known)}.")
        return int(keys[row])

    def _row_keys(self) -> tuple[Array, Array]:
        # The key of each row (the last one added, if several share it), and whether it has one.
        keys, rows = self.key2row.arrays()
        of_row = numpy.zeros((self.shape[0],), dtype="uint64")
        known = numpy.zeros((self.shape[0],), dtype=bool)
        of_row[rows] = keys
        known[rows] = True
        return of_row, known

    def get_batch(self, keys: Iterable[int | str]) -> Array:
        """The vectors of words or their ids. *Shape* (number of keys, width). Words without one get zeros."""
        if self.mode == "floret":
            return self._floret_batch([self.strings.as_string(key) for key in keys])
        xp = array_module(self.data)
        rows = self.key2row.rows_of(_key_array(keys))
        if not self.shape[0]:
            return xp.zeros((len(rows), self.shape[1]), dtype="f")
        vectors = xp.ascontiguousarray(self.data[xp.asarray(rows)])
        vectors[xp.asarray(rows < 0)] = 0
        return vectors

    def _floret_batch(self, words: list[str]) -> Array:
        xp = array_module(self.data)
        unique = {word: i for i, word in enumerate(dict.fromkeys(words))}
        means = xp.zeros((len(unique), self.shape[1]), dtype="f")
        names = list(unique)
        for start in range(0, len(names), 1024):
            part = names[start : start + 1024]
            rows, lengths = floret_rows(
                part, self.bow, self.eow, self.minn, self.maxn, self.hash_count, self.hash_seed, self.shape[0]
            )
            full = numpy.flatnonzero(lengths)
            if not len(full):
                continue
            begins = numpy.cumsum(lengths[full]) - lengths[full]
            sums = xp.add.reduceat(self.data[xp.asarray(rows)], xp.asarray(begins), axis=0)
            means[xp.asarray(full + start)] = sums / xp.asarray(lengths[full][:, None], dtype="f")
        return means[xp.asarray([unique[word] for word in words], dtype="int64")]

    def most_similar(
        self, queries: Array, *, batch_size: int = 1024, n: int = 1, sort: bool = True
    ) -> tuple[Array, Array, Array]:
        """The entries most similar to each of some vectors, by cosine.

        queries: the vectors. *Shape* (number of queries, width).
        batch_size: queries compared at a time; more is faster and takes more memory.
        n: how many entries to give for each. sort: whether the best comes first.

        Returns the keys (uint64), their rows and their scores between -1 and 1, rounded to four digits;
        each of *shape* (number of queries, n).

        Raises InvalidValueError if there are fewer than n vectors, or the queries are no rows of the table's width;
        UnsupportedError for floret vectors.
        """
        self._need_default("most_similar")
        return most_similar(self.data, *self._row_keys(), queries, batch_size=batch_size, n=n, sort=sort)

    def _need_default(self, method: str, instead: str = "") -> None:
        if self.mode == "floret":
            raise FloretError(f"vectors.{method} cannot work in the mode 'floret', which has no keys.{instead}")

    # ---------------------------------------------------------------- change

    def _rows_taken(self) -> bytearray:
        if len(self._taken) != self.shape[0]:
            taken = numpy.zeros((self.shape[0],), dtype="uint8")
            taken[self.key2row.arrays()[1]] = 1
            self._taken = bytearray(taken.tobytes())
            self._free_from = 0
        return self._taken

    def _next_free(self) -> int | None:
        row = self._rows_taken().find(0, self._free_from)
        self._free_from = len(self._rows_taken()) if row < 0 else row
        return None if row < 0 else row

    def add(self, key: int | str, *, vector: Array = None, row: int | None = None) -> int:
        """Map a key to a row, and set its vector.

        key: a word or id. row: the row; None: the key's own, or the first that is free.
        vector: *Shape* (width,); None leaves the row as it is.

        Returns the row; -1 for floret vectors, where it warns and does nothing.
        Raises InvalidValueError (a ValueError) if the table is full or lacks the row, or the vector does not fit.
        """
        if self._warn_floret("add"):
            return -1
        key = int(get_string_id(key))
        if row is None:
            row = self.key2row.get(key)
        if row is None:
            row = self._next_free()
        if row is None:
            raise InvalidValueError(
                f"The table of vectors is full (shape {self.shape}): use vectors.resize, "
                "or vocab.set_vector, which grows it."
            )
        if not 0 <= row < self.shape[0]:
            raise InvalidValueError(f"There is no row {row} for {key!r}: the table has {self.shape[0]} rows.")
        if vector is not None:
            self._set_row(row, vector)
        taken = self._rows_taken()
        self.key2row[key] = row
        taken[row] = 1
        return int(row)

    def __setitem__(self, key: int | str, vector: Array) -> None:
        """Set the vector of a key that has a row. Raises MissingKeyError (a KeyError) for another key."""
        if not self._warn_floret("__setitem__"):
            self._set_row(self.key2row[get_string_id(key)], vector)

    def _set_row(self, row: int, vector: Array) -> None:
        values = array_module(self.data).asarray(vector)
        try:
            self.data[row] = values
        except ValueError:
            raise InvalidValueError(
                f"The vectors of this table have {self.shape[1]} values, found an array of shape {values.shape}. "
                "vectors.resize changes the width, and vocab.reset_vectors starts anew."
            ) from None

    def resize(self, shape: tuple[int, int], inplace: bool = False) -> Any:
        """Change the number of rows and the width; vectors are cut, or filled up with zeros.

        inplace: use the same memory, which makes other references to `data` invalid. The width must stay.

        Returns the pairs (key, row) of keys whose row is gone; -1 for floret vectors, where it warns.
        """
        if self._warn_floret("resize"):
            return -1
        if inplace:
            self._resize_inplace(shape)
        else:
            larger = array_module(self.data).zeros(shape, dtype=self.data.dtype)
            rows, width = (min(new, old) for new, old in zip(shape, self.shape, strict=True))
            larger[:rows, :width] = self.data[:rows, :width]
            self.data = larger
        removed = [(key, row) for key, row in self.key2row.items() if row >= shape[0]]
        for key, _ in removed:
            del self.key2row[key]
        self._forget_taken()
        return removed

    def _resize_inplace(self, shape: tuple[int, int]) -> None:
        if shape[1] != self.shape[1]:
            raise InvalidValueError(f"In place the width must stay {self.shape[1]}, found {shape[1]}.")
        if not isinstance(self.data, numpy.ndarray):
            raise InvalidValueError("Vectors on a GPU cannot be resized in place: leave out inplace=True.")
        if not self.data.flags.owndata or not self.data.flags.writeable:
            self.data = self.data.copy()  # it was mapped from a file
        self.data.resize(shape, refcheck=False)

    def _forget_taken(self) -> None:
        self._taken = bytearray()
        self._free_from = 0

    def clear(self) -> None:
        """Remove all keys; the rows become free. Raises UnsupportedError for floret vectors."""
        self._need_default("clear")
        self.key2row.clear()
        self._taken, self._free_from = bytearray(self.shape[0]), 0

    def _warn_floret(self, method: str) -> bool:
        if self.mode != "floret":
            return False
        warnings.warn(
            f"Vectors.{method} does nothing in the mode 'floret': such a table is not changed word by word.",
            SpanwrightWarning,
            stacklevel=3,
        )
        return True

    def to_ops(self, ops: Any) -> None:
        """Move the vectors to the device of a thinc Ops object."""
        self.data = ops.asarray(self.data)

    # ---------------------------------------------------------------- files

    def to_disk(self, path: str | Path, *, exclude: Collection[str] = ()) -> None:
        """Write vectors, keys and settings into a folder. exclude: any of "strings", "vectors", "key2row"."""
        from .vector_files import write_folder

        write_folder(self, Path(path), exclude)

    def from_disk(self, path: str | Path, *, exclude: Collection[str] = ()) -> Vectors:
        """Load a folder that `to_disk` wrote; large tables are mapped into memory, not read.

        exclude: any of "strings", "vectors", "key2row". A load that fails changes nothing. Raises DataFormatError.
        """
        from .vector_files import read_folder

        return read_folder(self, Path(path), exclude)

    def to_bytes(self, *, exclude: Collection[str] = ()) -> bytes:
        """Vectors, keys and settings as a message. exclude: any of "strings", "vectors", "key2row"."""
        from .vector_files import to_message

        return to_message(self, exclude)

    def from_bytes(self, data: bytes, *, exclude: Collection[str] = ()) -> Vectors:
        """Load what `to_bytes` gave. A load that fails changes nothing. Raises DataFormatError."""
        from .vector_files import from_message

        return from_message(self, data, exclude)

    def __reduce__(self) -> Any:
        return _unpickle, (type(self), self.name, self.to_bytes())


class FloretError(UnsupportedError, ValueError):
    """The mode 'floret' has no keys, and cannot do what was asked."""


def _unpickle(cls: type[Vectors], name: str | None, data: bytes) -> Vectors:
    vectors = cls(name=name)
    return vectors.from_bytes(data)


def _key_array(keys: Iterable[int | str]) -> Array:
    if isinstance(keys, numpy.ndarray) and keys.dtype.kind in "ui":
        return keys
    if hasattr(keys, "get") and hasattr(keys, "dtype"):
        return keys.get()
    return numpy.array([get_string_id(key) for key in keys], dtype="uint64")


def array_module(data: Array) -> Any:
    """NumPy, or CuPy where the array is CuPy's."""
    return sys.modules["cupy"] if type(data).__module__.split(".")[0] == "cupy" else numpy


def to_numpy(data: Array) -> Array:
    """The array in the memory of the CPU."""
    return data.get() if array_module(data) is not numpy else data


def on_device(data: Array) -> Array:
    """The array on the device that thinc uses now; unchanged on the CPU, and where thinc is not in use."""
    backends = sys.modules.get("thinc.backends")
    ops = backends.get_current_ops() if backends is not None and hasattr(backends, "get_current_ops") else None
    if ops is None or getattr(ops, "xp", numpy) is numpy:
        return data
    return ops.asarray(data)
