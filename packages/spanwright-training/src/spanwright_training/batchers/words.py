"""Batches of about so many words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .sizes import Sizes, Sizing


def batch_by_words_v1(
    *, size: Sizing, tolerance: float, discard_oversize: bool, get_length: Callable[[Any], int] | None = None
) -> WordBatcher:
    """spacy.batch_by_words.v1: batches of about so many words, in the order of the stream.

    size: Words in a batch: a number, or a schedule.
    tolerance: Share of the size by which a batch may exceed it; 0.2 is usual.
    discard_oversize: Leave out items that are too long by themselves; otherwise they get a batch of their own.
    get_length: Words of an item; by default `len`.

    Returns a callable: `items -> Iterator[list]`.
    """
    return WordBatcher(size, tolerance=tolerance, discard_oversize=discard_oversize, get_length=get_length)


def minibatch_by_words(
    seqs: Iterable[Any],
    size: Sizing,
    tolerance: float = 0.2,
    discard_oversize: bool = False,
    get_length: Callable[[Any], int] = len,
) -> Iterator[list[Any]]:
    """Batches of about so many words; see `batch_by_words_v1`."""
    return WordBatcher(size, tolerance=tolerance, discard_oversize=discard_oversize, get_length=get_length)(seqs)


class WordBatcher:
    """Cuts a stream into lists with about so many words in all.

    sizes: The series of sizes, which goes on from one call to the next.
    """

    def __init__(
        self,
        size: Sizing,
        *,
        tolerance: float = 0.2,
        discard_oversize: bool = False,
        get_length: Callable[[Any], int] | None = None,
    ) -> None:
        self.sizes = Sizes(size)
        self.tolerance = tolerance
        self.discard_oversize = discard_oversize
        self.get_length = get_length or len

    def __call__(self, items: Iterable[Any]) -> Iterator[list[Any]]:
        """The batches."""
        pile = _Pile(next(self.sizes), self.tolerance)
        for item in items:
            length = self.get_length(item)
            if length > pile.most:
                # Too long beside anything else; the pile waits.
                if not self.discard_oversize:
                    yield [item]
                continue
            if pile.take(item, length):
                continue
            # The batch is full. What exceeded it begins the next, which may have no room for the item either.
            if pile.batch:
                yield pile.batch
            pile = _Pile(next(self.sizes), self.tolerance, pile.extra, pile.extra_words)
            if pile.take(item, length):
                continue
            if pile.batch:
                yield pile.batch
            pile = _Pile(next(self.sizes), self.tolerance, [item], length)
        if pile.batch or pile.extra:
            yield pile.batch + pile.extra


class _Pile:
    """A batch in the making: the items within the size, and those that exceed it by no more than the tolerance."""

    def __init__(self, size: float, tolerance: float, batch: list[Any] | None = None, words: int = 0) -> None:
        self.size = size
        self.most = size + size * tolerance
        self.batch = [] if batch is None else batch
        self.words = words
        self.extra: list[Any] = []
        self.extra_words = 0

    def take(self, item: Any, length: int) -> bool:
        """Add the item if there is room for it. Once an item exceeded the size, later ones do not go before it."""
        if not self.extra_words and self.words + length <= self.size:
            self.batch.append(item)
            self.words += length
        elif self.words + self.extra_words + length <= self.most:
            self.extra.append(item)
            self.extra_words += length
        else:
            return False
        return True
