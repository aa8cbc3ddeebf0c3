"""Batches of similar lengths, by their size when padded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from spanwright.errors import InvalidValueError

from .sizes import Sizes, Sizing


def batch_by_padded_v1(
    *, size: Sizing, buffer: int, discard_oversize: bool, get_length: Callable[[Any], int] | None = None
) -> PaddedBatcher:
    """spacy.batch_by_padded.v1: batches of items of similar lengths, whose padded size is bounded.

    size: Largest padded size, which is the length of the longest item times the number of items; a number, or a
        schedule.
    buffer: Items that are sorted by length at a time; 256 is usual. More waste less on padding, and are less random.
    discard_oversize: Leave out batches whose padded size reaches the limit, among them items that are too long by
        themselves.
    get_length: Length of an item; by default `len`.

    Returns a callable: `items -> Iterator[list]`. Raises InvalidValueError (a ValueError) for a buffer below 1.
    """
    return PaddedBatcher(size, buffer=buffer, discard_oversize=discard_oversize, get_length=get_length)


def minibatch_by_padded_size(
    seqs: Iterable[Any],
    size: Sizing,
    buffer: int = 256,
    discard_oversize: bool = False,
    get_length: Callable[[Any], int] = len,
) -> Iterator[list[Any]]:
    """Batches of items of similar lengths; see `batch_by_padded_v1`."""
    return PaddedBatcher(size, buffer=buffer, discard_oversize=discard_oversize, get_length=get_length)(seqs)


class PaddedBatcher:
    """Cuts a stream into lists of items of similar lengths, the longest items of each buffer first.

    sizes: The series of sizes, which goes on from one call to the next; a size holds for a buffer.
    """

    def __init__(
        self,
        size: Sizing,
        *,
        buffer: int = 256,
        discard_oversize: bool = False,
        get_length: Callable[[Any], int] | None = None,
    ) -> None:
        if buffer < 1:
            raise InvalidValueError(f"spacy.batch_by_padded.v1: the buffer holds at least one item, found {buffer}.")
        self.sizes = Sizes(size)
        self.buffer = buffer
        self.discard_oversize = discard_oversize
        self.get_length = get_length or len

    def __call__(self, items: Iterable[Any]) -> Iterator[list[Any]]:
        """The batches."""
        stream = iter(items)
        while held := list(islice(stream, self.buffer)):
            size = next(self.sizes)
            lengths = [self.get_length(item) for item in held]
            for places in reversed(_by_length(lengths, size)):
                padded = max(lengths[place] for place in places) * len(places)
                if not (self.discard_oversize and padded >= size):
                    yield [held[place] for place in sorted(places)]


def _by_length(lengths: list[int], size: float) -> list[list[int]]:
    """Places in order of length, cut wherever one more item would exceed the padded size."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        # The newest item is the longest.
        if batches and lengths[place] * (len(batches[-1]) + 1) <= size:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
