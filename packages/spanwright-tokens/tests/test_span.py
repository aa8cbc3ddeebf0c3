"""Span: a view of consecutive tokens."""

from __future__ import annotations

import pickle

import pytest

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import InvalidIndexError, InvalidValueError
from spanwright_tokens.tokens import Doc, Span
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()


@pytest.fixture
def doc():
    return Doc(
        VOCAB,
        words=["This", "is", "it", ".", "That", "was", "all", "."],
        spaces=[True, True, False, True, True, True, False, False],
        lemmas=["this", "be", "it", ".", "that", "be", "all", "."],
        sent_starts=[True, False, False, False, True, False, False, False],
        ents=["B-A", "O", "O", "O", "O", "B-B", "I-B", "O"],
    )


def test_text_and_place(doc):
    span = doc[1:4]
    assert span.text == span.orth_ == repr(span) == "is it."
    assert span.text_with_ws == "is it. "
    assert span.lemma_ == "be it."
    assert (span.start, span.end, span.start_char, span.end_char, len(span)) == (1, 4, 5, 11, 3)
    assert [token.i for token in span] == [1, 2, 3]
    assert span.doc is doc
    assert span.vocab is VOCAB


def test_an_empty_span(doc):
    for i in range(9):
        span = doc[i:i]
        assert span.text == ""
        assert len(span) == 0
        assert span.start_char == span.end_char == (doc[i].idx if i < 8 else len(doc.text))
    with pytest.raises(InvalidIndexError, match="An empty span at the end of a Doc has no root"):
        _ = doc[8:8].root


def test_tokens_and_slices_of_a_span(doc):
    span = doc[1:4]
    assert (span[0].text, span[-1].text) == ("is", ".")
    assert span[1:].text == "it."
    assert span[-2:-1].text == "it"
    for i in (3, -4):
        with pytest.raises(InvalidIndexError, match=f"There is no token {i} in the span: it has 3 tokens"):
            span[i]
    with pytest.raises(InvalidValueError, match="without a step"):
        span[::2]


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 9)])
def test_a_span_outside(doc, start, end):
    with pytest.raises(InvalidIndexError, match=f"There is no span from {start} to {end}: the Doc has 8 tokens"):
        Span(doc, start, end)


def test_labels_and_ids(doc):
    span = Span(doc, 0, 1, label="MYORG", kb_id="Q1", span_id="s1")
    assert (span.label_, span.kb_id_, span.id_) == ("MYORG", "Q1", "s1")
    assert span.label == VOCAB.strings["MYORG"]
    assert "MYORG" in set(VOCAB.strings)
    span.label_, span.kb_id_, span.id_ = "GPE", "Q2", "s2"
    assert (span.label_, span.kb_id_, span.id_) == ("GPE", "Q2", "s2")
    other = doc[1:2]
    other.label, other.kb_id, other.id = span.label, span.kb_id, span.id
    assert (other.label_, other.kb_id_, other.id_) == ("GPE", "Q2", "s2")
    with pytest.raises(InvalidValueError, match="label is the id 987654321, but no string of that id is known"):
        Span(doc, 0, 1, label=987654321)


@pytest.mark.parametrize("name", ["start", "end", "start_char", "end_char"])
def test_bounds_can_be_set_and_are_not_negative(doc, name):
    span = doc[1:3]
    setattr(span, name, 2)
    assert getattr(span, name) == 2
    with pytest.raises(InvalidIndexError, match=f"`{name}` of a Span must not be negative, but found -1"):
        setattr(span, name, -1)


@pytest.mark.parametrize("name", ["ent_id", "ent_id_"])
def test_entity_ids_are_the_roots(doc, name):
    doc[1].ent_id_ = "x"
    assert getattr(doc[1:3], name) == getattr(doc[1], name)
    with pytest.raises(NotImplementedError, match=f"`{name}` of a Span cannot be set"):
        setattr(doc[1:3], name, "y")


def test_order_and_identity(doc):
    assert doc[1:3] == doc[1:3]
    assert doc[1:3] != doc[1:4]
    assert Span(doc, 1, 3, "A") != doc[1:3]
    assert Span(doc, 1, 3, kb_id="A") != doc[1:3]
    assert Span(doc, 1, 3, span_id="A") != doc[1:3]
    assert doc[0:3] < doc[1:2] <= doc[1:2]
    assert doc[1:3] > doc[1:2] >= doc[0:5]
    assert doc[1:3] != None  # noqa: E711
    assert doc[1:3] > None
    assert doc[1:3] != "is it"
    assert doc.copy()[1:3] != doc[1:3]
    assert len({doc[1:3], doc[1:3], doc[1:4], Span(doc, 1, 3, "A")}) == 3


def test_sentences(doc):
    assert doc[1:2].sent.text == "This is it."
    assert doc[2:6].sent.text == "This is it."
    assert [sent.start for sent in doc[2:6].sents] == [0, 4]
    assert [sent.start for sent in doc[4:8].sents] == [4]
    assert [sent.start for sent in doc[7:8].sents] == [4]
    assert doc[5].sent.text == "That was all."


def test_sentences_that_are_not_set():
    doc = Doc(VOCAB, words=["a", "b"])
    for read in (lambda: doc[0:1].sent, lambda: list(doc[0:1].sents)):
        with pytest.raises(InvalidValueError, match="sentence boundaries of this Doc are not set"):
            read()


def test_entities_and_noun_chunks_within(doc):
    assert [ent.label_ for ent in doc[4:7].ents] == ["B"]
    assert [ent.label_ for ent in doc[0:6].ents] == ["A"]
    doc.noun_chunks_iterator = lambda doc: [(0, 1, 0), (5, 7, 0)]
    assert [chunk.text for chunk in doc[4:8].noun_chunks] == ["was all"]


def test_char_span_counts_from_the_span(doc):
    span = doc[4:8]
    assert span.char_span(5, 8).text == "was"
    assert span.char_span(5, 7) is None
    assert span.char_span(6, 10, alignment_mode="expand", label="X").label_ == "X"


def test_arrays(doc):
    assert doc[4:6].to_array(["ORTH", IDS["ENT_IOB"]]).tolist() == doc.to_array(["ORTH", "ENT_IOB"])[4:6].tolist()
    assert doc[4:6].get_lca_matrix().tolist() == [[0, -1], [-1, 1]]


def test_a_span_cannot_be_pickled_by_itself(doc):
    with pytest.raises(NotImplementedError, match="view of its Doc and cannot be pickled"):
        pickle.dumps(doc[0:2])


def test_a_span_that_retokenizing_took_away(doc):
    span = doc[6:8]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:3])
    for read in (lambda: span.text, lambda: list(span), lambda: span[0], lambda: span.root, lambda: span.sent):
        with pytest.raises(InvalidIndexError, match="span from 6 to 8 is not in the Doc, which has 6 tokens"):
            read()


def test_hooks(doc):
    span = doc[0:2]
    doc.user_span_hooks.update(
        {
            "sent": lambda span: "sent",
            "sents": lambda span: iter(["sents"]),
            "root": lambda span: "root",
            "vector": lambda span: "vector",
            "vector_norm": lambda span: "norm",
            "has_vector": lambda span: "has",
            "similarity": lambda span, other: ("similar", other),
            "sentiment": lambda span: 0.5,
        }
    )
    assert (span.sent, list(span.sents), span.root) == ("sent", ["sents"], "root")
    assert (span.vector, span.vector_norm, span.has_vector) == ("vector", "norm", "has")
    assert span.similarity(1) == ("similar", 1)
    assert span.sentiment == 0.5
    doc.user_span_hooks.clear()
    doc.user_hooks["sents"] = lambda doc: iter([doc[0:6], doc[6:8]])
    assert doc[1:3].sent == doc[0:6]
    assert [sent.end for sent in doc[3:7].sents] == [6, 8]
    assert [sent.end for sent in doc[3:4].sents] == [6]
