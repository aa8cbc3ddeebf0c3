"""The sizes of batches: one number, or a series of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from spanwright.errors import InvalidTypeError, InvalidValueError

# A number, a series (a generator of thinc 8, any iterable), or a function of the step (a schedule of thinc 9).
Sizing = int | float | Iterable[Any] | Callable[..., Any]


class Sizes:
    """An endless series of sizes that remembers its place over epochs.

    size: A number; an iterator, or a schedule of thinc (a generator in thinc 8, a function of the step in thinc 9). A
        list is gone through once, and its last value stays.

    taken: How many sizes were given so far; `move_to(taken)` of a new object brings it to the same place.
    """

    def __init__(self, size: Sizing) -> None:
        self.taken = 0
        self._last: Any = None
        if isinstance(size, bool) or not (
            isinstance(size, (int, float)) or callable(size) or hasattr(size, "__iter__")
        ):
            raise InvalidTypeError(
                f"The size of batches must be a number or a schedule, found {type(size).__name__}: {size!r}."
            )
        if isinstance(size, (int, float)) and size < 1:
            raise InvalidValueError(f"The size of batches must be at least 1, found {size}.")
        self._size = size
        self._series = None if isinstance(size, (int, float)) or _is_function(size) else iter(size)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._series is not None:
            self._last = next(self._series, self._last)
            if self._last is None:
                raise InvalidValueError("The series of batch sizes is empty.")
            value = self._last
        elif callable(self._size):
            value = self._size(self.taken)
        else:
            value = self._size
        self.taken += 1
        return value

    def move_to(self, taken: int) -> None:
        """Go on to the place after so many sizes. Raises InvalidValueError for a place that is past."""
        if taken < self.taken:
            raise InvalidValueError(f"A series of batch sizes can't go back from place {self.taken} to {taken}.")
        if self._series is None:
            self.taken = taken
        while self.taken < taken:
            next(self)


def _is_function(size: Any) -> bool:
    return callable(size) and not hasattr(size, "__next__")
