"""Entities as IOB tags, BILUO tags, offsets and spans."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import SpanwrightError, SpanwrightWarning
from spanwright_tokens.tokens import Doc, iob
from spanwright_tokens.vocab import Vocab

LABELS = st.sampled_from(["PER", "ORG", "B-L-U-I", "U-", "Ünï"])
WORDS = ["I", "flew", "to", "San", "Francisco", "via", "London", "."]


@pytest.fixture
def doc():
    return Doc(Vocab(), words=WORDS, spaces=[True] * 6 + [False, False])


@st.composite
def entities(draw):
    """Tokens, and entities (label, first token, last token) that do not overlap, by position."""
    lengths = draw(st.lists(st.integers(1, 4), max_size=8))
    result, start = [], 0
    for length in lengths:
        if draw(st.booleans()):
            result.append((draw(LABELS), start, start + length - 1))
        start += length
    return start, result


def biluo_of(n, ents):
    tags = ["O"] * n
    for label, first, last in ents:
        tags[first : last + 1] = (
            [f"U-{label}"] if first == last else [f"B-{label}", *[f"I-{label}"] * (last - first - 1), f"L-{label}"]
        )
    return tags


@given(entities())
def test_iob_and_biluo_are_each_others_inverse(given_entities):
    n, ents = given_entities
    biluo = biluo_of(n, ents)
    tags = iob.biluo_to_iob(biluo)
    assert {tag[:2] for tag in tags} <= {"O", "B-", "I-"}
    assert iob.iob_to_biluo(tags) == biluo
    assert iob.tags_to_entities(biluo) == ents


@given(entities())
def test_offsets_and_tags_are_each_others_inverse(given_entities):
    n, ents = given_entities
    doc = Doc(Vocab(), words=[f"w{i}" for i in range(n)], spaces=[i % 2 == 0 for i in range(n)])
    tags = biluo_of(n, ents)
    offsets = iob.biluo_tags_to_offsets(doc, tags)
    assert iob.offsets_to_biluo_tags(doc, offsets) == tags
    doc.ents = iob.biluo_tags_to_spans(doc, tags)
    assert iob.doc_to_biluo_tags(doc) == tags


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([], []),
        (["O", "I-A", "I-A", "O"], ["O", "B-A", "L-A", "O"]),
        (["B-A", "B-A", "I-B"], ["U-A", "U-A", "U-B"]),
        (["B-A", "I-A", "L-A"], ["B-A", "I-A", "L-A"]),
        (["B", "I", "O"], ["B-", "L-", "O"]),
    ],
)
def test_iob_to_biluo(tags, expected):
    assert iob.iob_to_biluo(tags) == expected


@pytest.mark.parametrize("tag", ["B", "", "-", None, "X-"])
def test_iob_tag_without_label(tag):
    with pytest.raises(SpanwrightError, match=r"at position 1: expected 'O' or a prefix and a label"):
        iob.iob_to_biluo(["O", tag])


def test_biluo_to_iob_changes_prefixes_only():
    assert iob.biluo_to_iob(["U-GPL-1", "B-U-X", "L-L-", None, "-", "O"]) == [
        "B-GPL-1",
        "B-U-X",
        "I-L-",
        None,
        "-",
        "O",
    ]


def test_prefix_and_label():
    assert iob.split_bilu_label("B-GPL-1") == ("B", "GPL-1")
    assert iob.remove_bilu_prefix("U-ORG") == "ORG"
    with pytest.raises(ValueError, match="BILUO tag 'O' has no label"):
        iob.remove_bilu_prefix("O")


def test_missing_tags():
    assert iob.tags_to_entities(["O", None, "-", "U-A"]) == [("", 1, 1), ("", 2, 2), ("A", 3, 3)]
    # What is missing ends an entity that was begun.
    assert iob.tags_to_entities(["B-A", "-", "O"]) == []


@pytest.mark.parametrize("tags", [["I-A"], ["O", "L-A"], ["U-A", "L-A"], ["B-A", "L-A", "L-A"]])
def test_tag_that_goes_on_with_nothing(tags):
    with pytest.raises(ValueError, match="goes on with an entity that no 'B' has started"):
        iob.tags_to_entities(tags)


def test_unknown_tag():
    with pytest.raises(ValueError, match="'X-A' at position 0: a tag must start with B, I, L, U, O or -"):
        iob.tags_to_entities(["X-A"])


def test_offsets(doc):
    start = doc.text.index("San")
    offsets = [(start, start + len("San Francisco"), "LOC"), (28, 34, "GPE")]
    tags = ["O", "O", "O", "B-LOC", "L-LOC", "O", "U-GPE", "O"]
    assert iob.offsets_to_biluo_tags(doc, offsets) == tags
    assert iob.biluo_tags_to_offsets(doc, tags) == offsets
    spans = iob.biluo_tags_to_spans(doc, tags)
    assert [(span.text, span.label_) for span in spans] == [("San Francisco", "LOC"), ("London", "GPE")]
    assert iob.offsets_to_biluo_tags(doc, offsets, missing=None) == [tag if tag != "O" else None for tag in tags]
    assert iob.biluo_tags_from_offsets is iob.offsets_to_biluo_tags
    assert iob.offsets_from_biluo_tags is iob.biluo_tags_to_offsets
    assert iob.spans_from_biluo_tags is iob.biluo_tags_to_spans


def test_offset_without_label_says_that_there_is_no_entity(doc):
    assert iob.offsets_to_biluo_tags(doc, [(0, 6, "")], missing="-") == ["O", "O", *["-"] * 6]


def test_empty_offset_is_nothing(doc):
    assert iob.offsets_to_biluo_tags(doc, [(3, 3, "A"), (500, 600, "A")]) == ["O"] * 8


def test_misaligned_offset_warns(doc):
    with pytest.warns(SpanwrightWarning, match="do not start and end at token boundaries"):
        tags = iob.offsets_to_biluo_tags(doc, [(10, 14, "LOC")])
    assert tags == ["O", "O", "O", "-", "O", "O", "O", "O"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        iob.offsets_to_biluo_tags(doc, [(10, 14, "LOC")], missing="-")


def test_overlapping_offsets(doc):
    with pytest.raises(ValueError, match=r"Entities \(0, 6, 'A'\) and \(5, 9, 'B'\) overlap"):
        iob.offsets_to_biluo_tags(doc, [(5, 9, "B"), (0, 6, "A")])


@pytest.mark.parametrize("entity", [(0, 1), (0, 1, "A", "B"), 3, ("a", "b", "c")])
def test_ill_formed_offset(doc, entity):
    with pytest.raises(ValueError, match=r"must be given as \(start_char, end_char, label\)"):
        iob.offsets_to_biluo_tags(doc, [entity])


def test_wrong_number_of_tags(doc):
    with pytest.raises(ValueError, match="Got 2 BILUO tags for a Doc of 8 tokens"):
        iob.biluo_tags_to_spans(doc, ["O", "O"])


def test_tags_of_a_doc_that_is_partly_annotated(doc):
    doc.set_ents([doc[3:5]], missing=[doc[0:2]])
    doc.ents = [type(doc[3:5])(doc, 3, 5, label="LOC")]
    assert iob.doc_to_biluo_tags(doc) == ["O", "O", "O", "B-LOC", "L-LOC", "O", "O", "O"]
    doc.set_ents(list(doc.ents), missing=[doc[0:2]])
    assert iob.doc_to_biluo_tags_with_partial(doc) == ["-", "-", "O", "B-LOC", "L-LOC", "O", "O", "O"]
