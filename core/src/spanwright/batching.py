"""Batches of a stream of Docs: so many Docs, and no more words than a budget, so that memory has a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

# What the models of a pipeline hold for a word while they run is some kilobytes: this is half a gigabyte.
BATCH_WORDS = 100_000
CHARACTERS = 5  # A text has at most about one word for so many characters


class BatchSize(int):
    """How large batches may be. It is the number of Docs, so that a component may take it for a plain int.

    docs: Most Docs in a batch.
    words: Most words in a batch: of all its Docs while they wait, and of those that a model sees at once when each is
        padded to the longest. A longer Doc is a batch by itself. Advised: 10,000 to 1,000,000.
    """

    words: int

    def __new__(cls, docs: int, words: int = BATCH_WORDS) -> BatchSize:
        size = super().__new__(cls, docs)
        size.words = words
        return size

    def __reduce__(self) -> Any:
        return BatchSize, (int(self), self.words)

    def pairs(self, pairs: Iterable[Any]) -> Iterator[list[Any]]:
        """Cut a stream of (text, context) into batches."""
        return _cut(pairs, int(self), self.words, lambda pair: _words_in_text(pair[0]))

    @classmethod
    def of(cls, size: int) -> BatchSize:
        """The size itself, or a plain number of Docs with the usual budget."""
        return size if isinstance(size, BatchSize) else cls(size)


def batches(stream: Iterable[Any], size: int | Iterable[int]) -> Iterator[list[Any]]:
    """Cut a stream of Docs into lists.

    size: Most Docs in each, with its budget of words if it is a `BatchSize`; or a series of numbers of Docs.
    """
    if isinstance(size, int):
        limit = BatchSize.of(size)
        yield from _cut(stream, int(limit), limit.words, _words)
        return
    items = iter(stream)
    for count in size:
        batch = [item for _, item in zip(range(int(count)), items, strict=False)]
        if not batch:
            return
        yield batch


def padded_groups(docs: list[Any], size: int | Iterable[int]) -> list[list[Any]]:
    """Cut a batch into groups for a model: Docs of similar lengths, within the budget when padded to the longest.

    The batch itself, in its order, if it is within the budget.
    """
    words = size.words if isinstance(size, BatchSize) else BATCH_WORDS
    if len(docs) < 2 or max(map(_words, docs)) * len(docs) <= words:
        return [docs]
    groups: list[list[Any]] = [[]]
    for doc in sorted(docs, key=_words):
        if groups[-1] and _words(doc) * (len(groups[-1]) + 1) > words:
            groups.append([])
        groups[-1].append(doc)
    return groups


def _cut(stream: Iterable[Any], count: int, words: int, measure: Callable[[Any], int]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    held = 0
    for item in stream:
        length = measure(item)
        if batch and held + length > words:
            yield batch
            batch, held = [], 0
        batch.append(item)
        held += length
        if len(batch) >= count:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _words(item: Any) -> int:
    return len(item) if hasattr(item, "__len__") else 1


def _words_in_text(item: Any) -> int:
    return len(item) // CHARACTERS if isinstance(item, (str, bytes)) else _words(item)
