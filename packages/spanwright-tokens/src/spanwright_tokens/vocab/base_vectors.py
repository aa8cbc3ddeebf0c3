"""What any kind of vectors offers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from ..errors import InvalidTypeError, UnsupportedError
from .strings import StringStore

Array = Any


class BaseVectors:
    """What a vocabulary asks of its vectors. A plugin's own vectors derive from this class and fill it in."""

    def __init__(self, *, strings: StringStore | None = None) -> None:
        if type(self) is BaseVectors:
            raise InvalidTypeError("BaseVectors says what vectors must offer: use Vectors, or derive a class from it.")

    def _missing(self, name: str) -> UnsupportedError:
        return UnsupportedError(f"{type(self).__name__} does not implement {name}.")

    def __getitem__(self, key: int | str) -> Array:
        raise self._missing("__getitem__")

    def __contains__(self, key: object) -> bool:
        raise self._missing("__contains__")

    def __len__(self) -> int:
        raise self._missing("__len__")

    @property
    def is_full(self) -> bool:
        """Whether no row is free."""
        raise self._missing("is_full")

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and the width."""
        raise self._missing("shape")

    @property
    def size(self) -> int:
        """The number of values."""
        raise self._missing("size")

    @property
    def vectors_length(self) -> int:
        """The width."""
        raise self._missing("vectors_length")

    def get_batch(self, keys: Iterable[int | str]) -> Array:
        """The vectors of some keys."""
        raise self._missing("get_batch")

    def add(self, key: int | str, *, vector: Array = None) -> int:
        """Set the vector of a key."""
        raise self._missing("add")

    def to_ops(self, ops: Any) -> None:
        """Move the vectors to the device of a thinc Ops object."""

    def to_bytes(self, *, exclude: Collection[str] = ()) -> bytes:
        """The vectors as bytes."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Collection[str] = ()) -> BaseVectors:
        """Load what `to_bytes` gave."""
        return self

    def to_disk(self, path: str | Path, *, exclude: Collection[str] = ()) -> None:
        """Write the vectors into a folder."""

    def from_disk(self, path: str | Path, *, exclude: Collection[str] = ()) -> BaseVectors:
        """Load what `to_disk` wrote."""
        return self
