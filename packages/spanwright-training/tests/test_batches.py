"""Batches come in the order that the seed gives, and from any place on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_training.batches import Batches, subdivide_batch
from spanwright_training.errors import EmptyCorpusError, ResumeError
from spanwright_training.series import Counted, PerStep


class Item(str):
    """Stands for an Example: it only has a length."""

    @property
    def predicted(self) -> Item:
        return self


ITEMS = [Item("x" * (n % 7 + 1) + str(n)) for n in range(23)]


def by_size(series: Counted) -> Any:
    def batcher(items: Any) -> Iterator[list[Any]]:
        pile: list[Any] = []
        size = next(series.series)
        for item in items:
            pile.append(item)
            if len(pile) >= size:
                yield pile
                pile, size = [], next(series.series)
        if pile:
            yield pile

    return batcher


def make(max_epochs: int = 0, start: Any = None, items: list[Any] = ITEMS) -> Batches:
    series = Counted(iter(range(1, 10**6)))
    return Batches(
        None,
        lambda nlp: list(items),
        by_size(series),
        max_epochs,
        series={"training.batcher.size": series},
        start=start,
    )


def test_the_order_is_that_of_shuffling_the_examples_again_and_again() -> None:
    random.seed(3)
    found = [item for epoch, batch in make(max_epochs=3) for item in batch]
    random.seed(3)
    items, expected = list(ITEMS), []
    for _ in range(3):
        random.shuffle(items)
        expected += items
    assert found == expected


@given(st.integers(0, 25), st.sampled_from([0, -1]), st.integers(0, 9))
def test_a_run_goes_on_from_any_place(taken: int, max_epochs: int, seed: int) -> None:
    random.seed(seed)
    whole = make(max_epochs)
    stream = iter(whole)
    for _ in range(taken):
        next(stream)
    if not taken:
        next(stream)
    position = whole.position
    expected = [next(stream) for _ in range(12)]
    numbers = random.random()
    random.seed(999)
    resumed = iter(make(max_epochs, start=position))
    assert [next(resumed) for _ in range(12)] == expected
    assert random.random() == numbers


def test_data_that_changed_is_noticed() -> None:
    batches = make()
    next(iter(batches))
    with pytest.raises(ResumeError, match=r"had 23 examples with \d+ words, and has 22"):
        next(iter(make(start=batches.position, items=ITEMS[:-1])))
    streamed = make(-1)
    stream = iter(streamed)
    for _ in range(4):
        next(stream)
    with pytest.raises(ResumeError, match="ended after 2 batches of epoch 0, of which 4"):
        next(iter(make(-1, start=streamed.position, items=ITEMS[:3])))


def test_a_corpus_without_examples_or_batches() -> None:
    with pytest.raises(EmptyCorpusError, match=r"\[corpora.train\] has no examples"):
        next(iter(make(items=[])))
    with pytest.raises(EmptyCorpusError, match=r"streamed \(max_epochs = -1\), has no examples"):
        next(iter(Batches(None, lambda nlp: [], lambda items: iter(()), -1)))
    with pytest.raises(EmptyCorpusError, match="No batch can be made of the 23 examples"):
        next(iter(Batches(None, lambda nlp: list(ITEMS), lambda items: iter(()), 0)))


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 6))
def test_a_batch_is_divided_by_length(lengths: list[int], parts: int) -> None:
    batch = [Item("x" * length) for length in lengths]
    found = list(subdivide_batch(batch, parts))
    assert [item for part in found for item in part] == sorted(batch, key=len)
    size = len(batch) // parts
    assert [len(part) for part in found] == [size] * (parts if size else 0) + (
        [len(batch) % parts] if len(batch) % parts else []
    )


def test_values_by_step() -> None:
    assert [PerStep(0.1).at(step) for step in range(3)] == [0.1] * 3
    assert [PerStep([0.3, 0.2]).at(step) for step in range(3)] == [0.3, 0.2, 0.2]
    assert PerStep(iter([5, 6, 7, 8])).at(2) == 7
    assert [PerStep(lambda step: step * 2).at(step) for step in (0, 4)] == [0, 8]
    schedule = SimpleNamespace(to_generator=lambda: iter([4, 5, 6]))
    counted = Counted(schedule)
    counted.forward(2)
    assert (next(counted.series), counted.drawn) == (6, 3)
