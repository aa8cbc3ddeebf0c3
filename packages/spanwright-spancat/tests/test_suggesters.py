"""Suggesters: which spans, in which order, and bad settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import NumpyOps

from spanwright import registry
from spanwright.tokens import Doc, Span
from spanwright.vocab import Vocab
from spanwright_spancat.suggesters import Suggester, ngram_suggester, preset_spans_suggester

VOCAB = Vocab()


def docs_of(lengths: list[int]) -> list[Doc]:
    return [Doc(VOCAB, words=["word"] * length) for length in lengths]


def ngrams_twin(lengths: list[int], sizes: list[int]) -> tuple[list[tuple[int, int]], list[int]]:
    """Doc by Doc, size by size, from left to right."""
    spans: list[tuple[int, int]] = []
    counts = []
    for length in lengths:
        own = [(start, start + size) for size in sizes for start in range(length - size + 1)]
        spans += own
        counts.append(len(own))
    return spans, counts


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), max_size=6), st.lists(st.integers(1, 14), min_size=1, max_size=5))
def test_ngrams_equal_their_twin(lengths: list[int], sizes: list[int]) -> None:
    found = ngram_suggester(docs_of(lengths), sizes, ops=NumpyOps())
    spans, counts = ngrams_twin(lengths, sizes)
    assert found.lengths.tolist() == counts
    assert found.dataXd.tolist() == [list(span) for span in spans]
    assert found.dataXd.dtype == found.lengths.dtype == np.int32
    assert found.dataXd.ndim == 2


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=4), st.integers(1, 6), st.integers(0, 5))
def test_a_range_is_a_list_of_sizes(lengths: list[int], least: int, more: int) -> None:
    docs = docs_of(lengths)
    one = registry.get("misc", "spacy.ngram_range_suggester.v1")(least, least + more)(docs)
    other = registry.get("misc", "spacy.ngram_suggester.v1")(list(range(least, least + more + 1)))(docs)
    assert np.array_equal(one.dataXd, other.dataXd)
    assert np.array_equal(one.lengths, other.lengths)


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 7), st.integers(1, 3)), max_size=5), max_size=4))
def test_preset_spans_come_as_they_stand(groups: list[list[tuple[int, int]]]) -> None:
    docs = docs_of([10] * len(groups))
    for doc, group in zip(docs, groups, strict=True):
        doc.spans["found"] = [Span(doc, start, start + size) for start, size in group]
    found = preset_spans_suggester(docs, "found")
    assert found.lengths.tolist() == [len(group) for group in groups]
    assert found.dataXd.tolist() == [[start, start + size] for group in groups for start, size in group]


def test_sizes_of_any_kind_and_above_all_numbers() -> None:
    docs = docs_of([3, 0])
    expected = ngram_suggester(docs, [1, 2]).dataXd.tolist()
    for sizes in (np.asarray([1, 2]), {1, 2}, (1, 2), [1, 2, 2**31, 10**30]):
        found = registry.misc.get("spacy.ngram_suggester.v1")(sizes)(docs)
        assert found.dataXd.tolist() == expected
        assert found.lengths.tolist() == [5, 0]
    found = registry.misc.get("spacy.ngram_range_suggester.v1")(1, 2**40)(docs)
    assert found.lengths.tolist() == [6, 0]
    assert registry.misc.get("spacy.ngram_range_suggester.v1")(4, 2**40)(docs).lengths.tolist() == [0, 0]


def test_nothing_to_suggest_from() -> None:
    for docs in ([], docs_of([0, 0])):
        found = ngram_suggester(docs, [1, 2])
        assert found.dataXd.shape == (0, 0)
        assert found.lengths.tolist() == [0] * len(docs)
    assert isinstance(registry.get("misc", "spacy.ngram_suggester.v1")([1]), Suggester)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("spacy.ngram_suggester.v1", {"sizes": [1, 0]}, "numbers of tokens, each at least 1; got 0 in"),
        ("spacy.ngram_suggester.v1", {"sizes": [-2]}, "each at least 1; got -2"),
        ("spacy.ngram_suggester.v1", {"sizes": []}, "`sizes` is empty"),
        ("spacy.ngram_suggester.v1", {"sizes": [1.5]}, "must be a list of whole numbers"),
        ("spacy.ngram_suggester.v1", {"sizes": "123"}, "must be a list of whole numbers"),
        ("spacy.ngram_suggester.v1", {"sizes": 3}, "must be a list of whole numbers.*got 3"),
        ("spacy.ngram_suggester.v1", {"sizes": None}, "must be a list of whole numbers"),
        ("spacy.ngram_range_suggester.v1", {"min_size": 3, "max_size": 2}, r"`min_size` \(3\) is larger"),
        ("spacy.ngram_range_suggester.v1", {"min_size": 0, "max_size": 2}, "at least 1; got 0 and 2"),
        ("spacy.ngram_range_suggester.v1", {"min_size": "1", "max_size": 2}, "at least 1; got '1' and 2"),
    ],
)
def test_sizes_that_make_no_sense(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        registry.get("misc", name)(**settings)


def test_a_missing_group_of_preset_spans() -> None:
    (doc,) = docs_of([3])
    doc.spans["other"] = []
    message = (
        r"reads candidates from doc\.spans\['found'\], which Doc 0 lacks; its groups: \['other'\].*annotating_comp"
    )
    for kind in (KeyError, ValueError):
        with pytest.raises(kind, match=message):
            preset_spans_suggester([doc], "found")
