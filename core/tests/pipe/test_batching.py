"""Batches of a stream: so many Docs, no more padded words than a budget, and nothing lost or out of order."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright.batching import BATCH_WORDS, BatchSize, batches, padded_groups
from spanwright.errors import PipelineError
from spanwright.language import blank
from spanwright.pipe import TrainablePipe
from spanwright.tokens import Doc
from spanwright.vocab import Vocab

VOCAB = Vocab()
lengths = st.lists(st.integers(0, 30), max_size=25)


class Sized(TrainablePipe):
    """Remembers the lengths of the Docs that its model sees together."""

    def __init__(self, name: str = "sized") -> None:
        super().__init__(VOCAB, None, name)  # type: ignore[arg-type]
        self.seen: list[list[int]] = []

    def predict(self, docs: Any) -> Any:
        self.seen.append([len(doc) for doc in docs])
        return [len(doc) for doc in docs]

    def set_annotations(self, docs: Any, scores: Any) -> None:
        for doc, score in zip(docs, scores, strict=True):
            doc.user_data["length"] = score


def doc(length: int) -> Doc:
    return Doc(VOCAB, words=["w"] * length)


@given(lengths, st.integers(1, 8), st.integers(1, 60))
def test_batches_keep_both_bounds_and_the_order(sizes: list[int], docs: int, words: int) -> None:
    stream = [doc(size) for size in sizes]
    found = list(batches(stream, BatchSize(docs, words)))
    assert [id(one) for batch in found for one in batch] == [id(one) for one in stream]
    for batch in found:
        assert 1 <= len(batch) <= docs
        assert len(batch) == 1 or sum(map(len, batch)) <= words
    # No batch could have taken the first Doc of the next.
    for batch, after in pairwise(found):
        assert len(batch) == docs or sum(map(len, batch)) + len(after[0]) > words


@given(lengths.filter(bool), st.integers(1, 60))
def test_groups_hold_no_more_padded_words_than_the_budget(sizes: list[int], words: int) -> None:
    docs = [doc(size) for size in sizes]
    groups = padded_groups(docs, BatchSize(len(docs), words))
    assert sorted(id(one) for group in groups for one in group) == sorted(map(id, docs))
    assert all(len(group) == 1 or len(group) * max(map(len, group)) <= words for group in groups)
    if max(sizes) * len(sizes) <= words:
        assert groups == [docs]


def test_one_long_text_among_short_ones_is_a_model_s_batch_by_itself() -> None:
    nlp = blank("xx")
    sized = Sized()
    nlp._components.append(("sized", sized))
    texts = ["a b c"] * 10 + ["w " * 500] + ["a b"] * 10
    docs = list(nlp.pipe(texts, batch_words=600))
    assert [len(one) for one in docs] == [3] * 10 + [500] + [2] * 10
    assert [one.user_data["length"] for one in docs] == [len(one) for one in docs]
    assert [500] in sized.seen
    assert all(len(seen) * max(seen) <= 600 for seen in sized.seen)
    sized.seen.clear()
    list(nlp.pipe(texts))
    assert sized.seen == [[len(one) for one in docs]]


def test_the_config_may_hold_the_budget() -> None:
    nlp = blank("xx", config={"spanwright": {"batch_words": 4}})
    sized = Sized()
    nlp._components.append(("sized", sized))
    list(nlp.pipe(["a b"] * 5))
    assert sized.seen == [[2, 2], [2, 2], [2]]
    sized.seen.clear()
    list(nlp.pipe(["a b"] * 5, batch_words=2))
    assert sized.seen == [[2]] * 5


@pytest.mark.parametrize("wrong", [0, -3, 2.5, "many", True])
def test_budgets_are_checked(wrong: Any) -> None:
    with pytest.raises(PipelineError, match="^batch_words must be a whole number of at least 1; found"):
        blank("xx").pipe(["a"], batch_words=wrong)
    with pytest.raises(PipelineError, match=r"^\[spanwright\] batch_words must be a whole number of at least 1; found"):
        blank("xx", config={"spanwright": {"batch_words": wrong}}).pipe(["a"])


def test_a_size_is_a_plain_number_to_others_and_pickles() -> None:
    size = BatchSize(5, 7)
    assert size == 5 and isinstance(size, int)
    copy = pickle.loads(pickle.dumps(size))
    assert (copy, copy.words) == (5, 7)
    assert BatchSize.of(3).words == BATCH_WORDS and BatchSize.of(size) is size
