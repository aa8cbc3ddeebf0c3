"""Alignment of two tokenizations of one text."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import SpanwrightError
from spanwright_tokens.tokens import Doc
from spanwright_tokens.tokens.alignment import Alignment, AlignmentArray, get_alignments, is_space_mask, token_bounds
from spanwright_tokens.vocab import Vocab

# All kinds of scripts, and letters whose lower case is longer, depends on its place, or has marks.
LETTERS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("aB \n\t\u0130\u03a3\u03c3\u03c2\u00df\u1e9e\u00a0")
    ),
    min_size=1,
    max_size=24,
)


@st.composite
def cut(draw, text):
    """The text in pieces, none empty."""
    places = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=8)) - {len(text)})
    return [text[i:j] for i, j in zip([0, *places], [*places, len(text)], strict=True)]


@st.composite
def two_tokenizations(draw):
    text = draw(LETTERS)
    return draw(cut(text)), draw(cut(text))


def rows(array):
    return [row.tolist() for row in array]


@given(two_tokenizations())
def test_alignment_is_total_and_both_ways_agree(words):
    x, y = words
    alignment = Alignment.from_strings(x, y)
    assert len(alignment.x2y) == len(x)
    assert len(alignment.y2x) == len(y)
    for word, aligned in zip([*x, *y], [*alignment.x2y, *alignment.y2x], strict=True):
        assert len(aligned) or word.isspace()
    pairs = {(i, j) for i, row in enumerate(rows(alignment.x2y)) for j in row}
    assert pairs == {(i, j) for j, row in enumerate(rows(alignment.y2x)) for i in row}
    assert all(row == sorted(set(row)) for row in rows(alignment.x2y))


def plain_pairs(x, y):
    """The twin of the kernel, for words without whitespace: which tokens hold the same character."""
    of_char = [np.repeat(np.arange(len(words)), [len(word) for word in words]) for words in (x, y)]
    return np.unique(np.stack(of_char, axis=1), axis=0).tolist()


@given(two_tokenizations())
def test_kernel_agrees_with_its_twin(words):
    x, y = ([piece for piece in ("".join(word.split()) for word in side) if piece] for side in words)
    alignment = Alignment.from_strings(x, y)
    assert [[i, j] for i, row in enumerate(rows(alignment.x2y)) for j in row] == plain_pairs(x, y)


@given(two_tokenizations(), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_of_plain_letters_does_not_matter(words, change):
    x, y = words
    if not all(word.isascii() for word in x):
        return
    assert rows(Alignment.from_strings(x, [change(word) for word in y]).x2y) == rows(Alignment.from_strings(x, y).x2y)


@pytest.mark.parametrize(
    ("x", "y", "x2y", "y2x"),
    [
        (["a", "b"], ["a", "b"], [[0], [1]], [[0], [1]]),
        (["ab", "c"], ["a", "bc"], [[0, 1], [1]], [[0], [0, 1]]),
        (["a", "b"], ["ab"], [[0], [0]], [[0, 1]]),
        ([], [], [], []),
        ([" "], [], [[]], []),
        (["a", " ", "b"], ["a", "b"], [[0], [], [1]], [[0], [2]]),
        (["a", "\n", "b"], ["a", " ", "b"], [[0], [], [2]], [[0], [], [2]]),
        (["a", " \n", "b"], ["a", "\n", "b"], [[0], [1], [2]], [[0], [1], [2]]),
        (["a b"], ["a", "b"], [[0, 1]], [[0], [0]]),
        (["Apple"], ["ap", "PLE"], [[0, 1]], [[0], [0]]),
        (["\u0130x"], ["i\u0307", "x"], [[0, 1]], [[0], [0]]),
        (["\u03a3\u0391\u03a3", "x"], ["\u03c3\u03b1\u03c3x"], [[0], [0]], [[0, 1]]),
    ],
)
def test_known_alignments(x, y, x2y, y2x):
    alignment = Alignment.from_strings(x, y)
    assert rows(alignment.x2y) == x2y
    assert rows(alignment.y2x) == y2x
    assert get_alignments(x, y) == (x2y, y2x)


@pytest.mark.parametrize(
    ("x", "y"), [(["a"], ["b"]), (["a", "b"], ["a"]), (["a"], ["a", "b"]), ([], ["a"]), (["ab"], ["ac"])]
)
def test_other_texts_are_refused(x, y):
    with pytest.raises(SpanwrightError, match="differ in more than whitespace and case, first at predicted token"):
        Alignment.from_strings(x, y)
    with pytest.raises(ValueError, match="Make both Docs from the same text"):
        Alignment.from_strings(x, y)


def test_docs_are_aligned_by_their_offsets():
    vocab = Vocab()
    x = Doc(vocab, words=["New York", "!"], spaces=[True, False])
    y = Doc(vocab, words=["New", "York", "!"], spaces=[True, False, False])
    alignment = Alignment.from_docs(x, y)
    assert rows(alignment.x2y) == [[0, 1], [2]]
    starts, ends = token_bounds(y)
    assert (starts.tolist(), ends.tolist()) == ([0, 4, 8], [3, 8, 9])


@given(st.lists(LETTERS, min_size=1, max_size=8))
def test_space_mask_is_what_str_says(words):
    doc = Doc(Vocab(), words=words, spaces=[True] * len(words))
    assert is_space_mask(doc).tolist() == [word.isspace() for word in words]
    starts, ends = token_bounds(doc)
    assert [doc.text[i:j] for i, j in zip(starts.tolist(), ends.tolist(), strict=True)] == words


@pytest.fixture
def array():
    return AlignmentArray([[0, 1, 2], [3], [], [4, 5]])


def test_array_parts(array):
    assert array.data.tolist() == [0, 1, 2, 3, 4, 5]
    assert array.lengths.tolist() == [3, 1, 0, 2]
    assert array.starts.tolist() == [0, 3, 4, 4]
    assert array.ends.tolist() == [3, 4, 4, 6]
    assert {part.dtype for part in (array.data, array.lengths, array.starts)} == {np.dtype("int32")}
    assert len(array) == 4
    assert repr(array) == "AlignmentArray([[0, 1, 2], [3], [], [4, 5]])"


def test_array_items(array):
    assert array[0].tolist() == [0, 1, 2]
    assert array[-1].tolist() == [4, 5]
    assert array[np.int64(1)].tolist() == [3]
    assert array[2].tolist() == []
    assert array[0:2].tolist() == [0, 1, 2, 3]
    assert array[2:].tolist() == [4, 5]
    assert array[:].tolist() == [0, 1, 2, 3, 4, 5]
    assert array[3:3].tolist() == array[3:1].tolist() == array[9:].tolist() == []
    with pytest.raises(IndexError):
        array[4]


@pytest.mark.parametrize("key", ["a", (0, 1), 1.0])
def test_array_index_of_another_type(array, key):
    with pytest.raises(ValueError, match="indexed by an int or a slice"):
        array[key]


def test_array_step(array):
    with pytest.raises(ValueError, match="a step of 1 only, not 2"):
        array[0:4:2]


def test_alignment_from_indices_and_pickle():
    alignment = pickle.loads(pickle.dumps(Alignment.from_indices(x2y=[[0], [0, 1]], y2x=[[0, 1], [1]])))
    assert rows(alignment.x2y) == [[0], [0, 1]]
    assert rows(alignment.y2x) == [[0, 1], [1]]
