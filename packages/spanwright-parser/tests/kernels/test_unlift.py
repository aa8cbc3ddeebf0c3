"""Lifted arcs brought back by the kernel, against the search in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import projective_trees

from spanwright_parser._kernels.unlift import unlift

# Plain labels, then pairs of them.
NAMES = ["ROOT", "a", "b", "c", *(f"{x}||{y}" for x in "ab" for y in "abc")]
OWN = np.array([-1] * 4 + [NAMES.index(name[0]) for name in NAMES[4:]], dtype="int32")
ABOVE = np.array([-1] * 4 + [NAMES.index(name[-1]) for name in NAMES[4:]], dtype="int32")


def edges(heads: list[int]) -> list[tuple[int, int]]:
    """The outermost tokens below each token, itself included."""
    below: list[set[int]] = [set() for _ in heads]
    for token in range(len(heads)):
        at = token
        below[at].add(token)
        while heads[at] != at:
            at = heads[at]
            below[at].add(token)
    return [(min(tokens), max(tokens)) for tokens in below]


def search(heads: list[int], labels: list[int], space: list[bool], span: Any, token: int, wanted: int) -> int:
    queue = [heads[token]]
    for parent in queue:
        low, high = span[parent]
        for child in range(low, high + 1):
            if child in (parent, token) or heads[child] != parent or space[child]:
                continue
            if labels[child] == wanted:
                return child
            queue.append(child)
    return heads[token]


@st.composite
def labelled(draw: Any) -> tuple[list[int], list[int], list[bool]]:
    heads = draw(projective_trees())
    labels = [0 if head == i else draw(st.integers(1, len(NAMES) - 1)) for i, head in enumerate(heads)]
    return heads, labels, [draw(st.integers(0, 9)) == 0 for _ in heads]


@given(st.lists(labelled(), min_size=1, max_size=4))
def test_arcs_are_brought_back_like_the_twin(docs: list[tuple[list[int], list[int], list[bool]]]) -> None:
    columns = [np.array([value for doc in docs for value in doc[k]], dtype="int32") for k in range(3)]
    lengths = np.array([len(doc[0]) for doc in docs], dtype="int32")
    unlift(columns[0], columns[1], lengths, columns[2].astype("uint8"), OWN, ABOVE)
    expected_heads, expected_labels = [], []
    for heads, labels, space in docs:
        span = edges(heads)
        for i, label in enumerate(list(labels)):
            if ABOVE[label] >= 0:
                labels[i] = int(OWN[label])
                heads[i] = search(heads, labels, space, span, i, int(ABOVE[label]))
        expected_heads += heads
        expected_labels += labels
        assert all(reaches_root(heads, i) for i in range(len(heads)))
    assert columns[0].tolist() == expected_heads
    assert columns[1].tolist() == expected_labels


def reaches_root(heads: list[int], token: int) -> bool:
    for _ in heads:
        token = heads[token]
    return heads[token] == token


@given(st.lists(st.integers(-1, 4), min_size=4, max_size=4), st.lists(st.integers(-1, 12), min_size=4, max_size=4))
def test_arbitrary_heads_and_labels_are_brought_back_or_an_error(heads: list[int], labels: list[int]) -> None:
    given_heads, given_labels = np.array(heads, dtype="int32"), np.array(labels, dtype="int32")
    try:
        unlift(given_heads, given_labels, np.array([4], dtype="int32"), np.zeros(4, dtype="uint8"), OWN, ABOVE)
    except ValueError as error:
        assert "out of range" in str(error)
    else:
        assert given_heads.min() >= 0 and given_heads.max() < 4


def test_columns_of_different_lengths_are_refused() -> None:
    zeros = np.zeros(4, dtype="int32")
    space = np.zeros(4, dtype="uint8")
    with pytest.raises(ValueError, match="must be given for each token"):
        unlift(zeros, zeros, np.array([3], dtype="int32"), space, OWN, ABOVE)
    with pytest.raises(ValueError, match="Both parts"):
        unlift(zeros, zeros, np.array([4], dtype="int32"), space, OWN, ABOVE[1:])
    with pytest.raises(ValueError, match="fewer than no tokens"):
        unlift(zeros, zeros, np.array([5, -1], dtype="int32"), space, OWN, ABOVE)
