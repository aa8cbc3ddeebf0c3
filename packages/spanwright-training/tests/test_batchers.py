"""Batchers: the batches that spaCy makes (recorded), and what holds of all of them."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright import registry
from spanwright.errors import InvalidTypeError, InvalidValueError
from spanwright_training.batchers.padded import batch_by_padded_v1, minibatch_by_padded_size
from spanwright_training.batchers.sequence import batch_by_sequence_v1
from spanwright_training.batchers.sizes import Sizes
from spanwright_training.batchers.words import batch_by_words_v1, minibatch_by_words

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "batches.json").read_text(encoding="utf8"))
LENGTHS = st.lists(st.integers(0, 60), max_size=60)
SIZE = st.integers(1, 80)


@pytest.mark.parametrize("case", GOLDENS, ids=lambda case: case["kind"])
def test_batches_are_those_of_spacy_over_two_epochs(case: dict[str, Any]) -> None:
    batcher = registry.batchers.get(f"spacy.batch_by_{case['kind']}.v1")
    lengths = case["lengths"]
    made = batcher(size=iter(case["sizes"]), get_length=lengths.__getitem__, **case["settings"])
    assert [list(made(range(len(lengths)))) for _ in range(2)] == case["batches"]


@given(LENGTHS, SIZE, st.sampled_from([0.0, 0.2, 0.5]))
def test_by_words_keeps_the_items_and_bounds_the_batches(lengths: list[int], size: int, tolerance: float) -> None:
    items = list(range(len(lengths)))
    batcher = batch_by_words_v1(size=size, tolerance=tolerance, discard_oversize=False, get_length=lengths.__getitem__)
    batches = list(batcher(items))
    assert sorted(itertools.chain.from_iterable(batches)) == items
    for batch in batches:
        words = sum(lengths[i] for i in batch)
        assert len(batch) == 1 or words <= size * (1 + tolerance) + 1e-9
    discarding = batch_by_words_v1(
        size=size, tolerance=tolerance, discard_oversize=True, get_length=lengths.__getitem__
    )
    kept = sorted(itertools.chain.from_iterable(discarding(items)))
    assert kept == [i for i in items if lengths[i] <= size + size * tolerance]


@given(LENGTHS, SIZE, st.integers(1, 30))
def test_by_padded_size_keeps_the_items_and_bounds_the_padding(lengths: list[int], size: int, buffer: int) -> None:
    items = list(range(len(lengths)))
    batcher = batch_by_padded_v1(size=size, buffer=buffer, discard_oversize=False, get_length=lengths.__getitem__)
    batches = list(batcher(items))
    assert sorted(itertools.chain.from_iterable(batches)) == items
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= size


@given(st.integers(0, 50), SIZE)
def test_by_sequence_cuts_in_order(number: int, size: int) -> None:
    batches = list(batch_by_sequence_v1(size)(range(number)))
    assert list(itertools.chain.from_iterable(batches)) == list(range(number))
    assert all(len(batch) == size for batch in batches[:-1])


def test_generators_lists_and_schedule_objects_give_the_same_sizes() -> None:
    series = [1, 2, 4, 8, 8]
    from_generator = Sizes(value for value in series)
    from_object = Sizes(lambda step, **kwargs: series[step])
    from_list = Sizes([1, 2, 4, 8])
    for expected in series:
        assert next(from_generator) == next(from_object) == next(from_list) == expected


def test_sizes_go_on_from_one_epoch_to_the_next_and_can_be_moved() -> None:
    batcher = batch_by_sequence_v1(itertools.count(1))
    assert [len(batch) for batch in batcher(range(6))] == [1, 2, 3]
    taken = batcher.sizes.taken
    rest = [len(batch) for batch in batcher(range(20))]
    other = batch_by_sequence_v1(lambda step: step + 1)
    other.sizes.move_to(taken)
    assert [len(batch) for batch in other(range(20))] == rest
    with pytest.raises(InvalidValueError, match="can't go back from place"):
        other.sizes.move_to(0)


def test_schedules_of_the_installed_thinc() -> None:
    size = registry.resolve({"size": {"@schedules": "compounding.v1", "start": 2, "stop": 8, "compound": 2.0}})["size"]
    sizes = Sizes(size)
    assert [int(next(sizes)) for _ in range(4)] == [2, 4, 8, 8]


def test_functions_under_their_early_names() -> None:
    words = ["aa", "b", "cccc", "d"]
    assert list(minibatch_by_words(words, 3)) == [["cccc"], ["aa", "b"], ["d"]]
    assert list(minibatch_by_padded_size(words, 4)) == [["cccc"], ["aa"], ["b", "d"]]


def test_sizes_that_cannot_be() -> None:
    with pytest.raises(InvalidTypeError, match="must be a number or a schedule, found bool: True"):
        Sizes(True)
    with pytest.raises(InvalidValueError, match="must be at least 1, found 0"):
        Sizes(0)
    with pytest.raises(InvalidValueError, match="series of batch sizes is empty"):
        next(Sizes([]))
    with pytest.raises(InvalidValueError, match="the buffer holds at least one item, found 0"):
        batch_by_padded_v1(size=10, buffer=0, discard_oversize=False)
