"""Entities: doc.ents and doc.set_ents."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.errors import InvalidValueError
from spanwright_tokens.tokens import Doc, Span
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()


def make(n=6, **annotations):
    return Doc(VOCAB, words=[f"w{i}" for i in range(n)], **annotations)


def iob(doc):
    return " ".join(token.ent_iob_ + ("-" + token.ent_type_ if token.ent_type_ else "") or "_" for token in doc)


def test_spans_become_entities():
    doc = make()
    doc.ents = [Span(doc, 1, 3, "ORG", kb_id="Q1", span_id="p"), Span(doc, 4, 5, "GPE")]
    assert iob(doc) == "O B-ORG I-ORG O B-GPE O"
    assert [(ent.start, ent.end, ent.label_, ent.kb_id_, ent.id_) for ent in doc.ents] == [
        (1, 3, "ORG", "Q1", "p"),
        (4, 5, "GPE", "", ""),
    ]
    assert doc[1].ent_kb_id_ == doc[2].ent_kb_id_ == "Q1"
    assert doc[1].ent_id_ == "p"


def test_tuples_become_entities():
    doc = make()
    doc.ents = [("A", 0, 1), ("B", "Q7", 1, 2), ("id", "Q8", "C", 2, 4)]
    assert [(ent.label_, ent.kb_id_, ent.id_, ent.start, ent.end) for ent in doc.ents] == [
        ("A", "", "", 0, 1),
        ("B", "Q7", "", 1, 2),
        ("C", "Q8", "id", 2, 4),
    ]


def test_something_else_is_no_entity():
    doc = make()
    with pytest.raises(InvalidValueError, match=r"An entity is given as a Span, \(label, start, end\).*found 'ORG'"):
        doc.ents = ["ORG"]


def test_no_entities_make_every_token_outside():
    doc = make(2)
    assert iob(doc) == "_ _"
    doc.ents = []
    assert iob(doc) == "O O"
    assert doc.has_annotation("ENT_IOB", require_complete=True)


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("outside", "B-X B _ O O O"),
        ("missing", "B-X B _ O _ _"),
        ("blocked", "B-X B _ O B B"),
        ("unmodified", "B-X B _ O B-OLD I-OLD"),
    ],
)
def test_set_ents(default, expected):
    doc = make(ents=["O"] * 4 + ["B-OLD", "I-OLD"])
    doc.set_ents([Span(doc, 0, 1, "X")], blocked=[doc[1:2]], missing=[doc[2:3]], outside=[doc[3:4]], default=default)
    assert iob(doc) == expected


def test_what_is_cut_off_an_entity_begins_another():
    doc = make(ents=["B-OLD"] + ["I-OLD"] * 5)
    doc.set_ents([Span(doc, 1, 2, "X")], outside=[doc[3:4]], default="unmodified")
    assert iob(doc) == "B-OLD B-X B-OLD O B-OLD I-OLD"


def test_spans_without_a_label_are_no_entities():
    doc = make(2)
    doc.set_ents([doc[0:1]])
    assert iob(doc) == "O O"


def test_an_id_of_a_token_outlives_an_entity_without_one():
    doc = make(2)
    doc[0].ent_id_ = "kept"
    doc.ents = [Span(doc, 0, 1, "X")]
    assert doc.ents[0].id_ == "kept"


def test_overlap_names_the_token():
    doc = make()
    with pytest.raises(InvalidValueError, match=r"Token 2 \('w2'\) is in more than one of the spans"):
        doc.ents = [Span(doc, 0, 3, "A"), Span(doc, 2, 4, "B")]
    with pytest.raises(InvalidValueError, match="more than one"):
        doc.set_ents([Span(doc, 0, 3, "A")], blocked=[doc[2:3]])
    assert iob(doc) == "_ _ _ _ _ _"


def test_an_unknown_default():
    with pytest.raises(InvalidValueError, match="`default` of set_ents must be one of 'blocked'.*found 'other'"):
        make().set_ents([], default="other")


def test_things_that_are_no_spans():
    with pytest.raises(InvalidValueError, match=r"`blocked` of set_ents must be spans, but found \(0, 1\) \(tuple\)"):
        make().set_ents([], blocked=[(0, 1)])


def test_an_entity_that_does_not_begin():
    doc = make(ents=["O"] * 6)
    doc.from_array("ENT_IOB", [2, 2, 1, 2, 2, 2])
    with pytest.raises(InvalidValueError, match=r"token 2 is inside of one \(I\), but none begins.*w2\|I"):
        _ = doc.ents


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["", "A", "B"])), max_size=8))
@settings(max_examples=100, deadline=None)
def test_entities_come_back_as_they_were_set(pieces):
    doc = make(sum(length for length, _ in pieces))
    spans, at = [], 0
    for length, label in pieces:
        if label:
            spans.append((at, at + length, label))
        at += length
    doc.ents = [Span(doc, *span) for span in spans]
    assert [(ent.start, ent.end, ent.label_) for ent in doc.ents] == spans
