"""Batches of so many items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from .sizes import Sizes, Sizing


def batch_by_sequence_v1(size: Sizing, get_length: Callable[[Any], int] | None = None) -> SequenceBatcher:
    """spacy.batch_by_sequence.v1: batches of so many items, however long.

    size: Items in a batch: a number, or a schedule.
    get_length: Accepted and not used: items are not measured.

    Returns a callable: `items -> Iterator[list]`.
    """
    return SequenceBatcher(size)


class SequenceBatcher:
    """Cuts a stream into lists of so many items.

    sizes: The series of sizes, which goes on from one call to the next.
    """

    def __init__(self, size: Sizing) -> None:
        self.sizes = Sizes(size)

    def __call__(self, items: Iterable[Any]) -> Iterator[list[Any]]:
        """The batches."""
        stream = iter(items)
        # A size is taken before it is known whether items are left, as spaCy does: schedules stay in step.
        while batch := list(islice(stream, int(next(self.sizes)))):
            yield batch
