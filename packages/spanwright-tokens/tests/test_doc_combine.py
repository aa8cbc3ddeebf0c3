"""Copies, joined Docs, and spans that become Docs."""

from __future__ import annotations

from itertools import pairwise

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.errors import InvalidValueError, SpanwrightWarning
from spanwright_tokens.tokens import Doc, Span, Token, Underscore
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()


@pytest.fixture(autouse=True)
def _restored():
    state = [dict(extensions) for extensions in Underscore.get_state()]
    yield
    Underscore.load_state(tuple(state))


def make():
    doc = Doc(
        VOCAB,
        words=["We", "saw", "her", "duck", ".", "It", "swam"],
        spaces=[True, True, True, False, True, True, False],
        heads=[1, 1, 3, 1, 1, 6, 6],
        deps=["nsubj", "ROOT", "poss", "dobj", "punct", "nsubj", "ROOT"],
        tags=["A", "B", "C", "D", "E", "F", "G"],
        ents=["O", "O", "B-X", "I-X", "O", "O", "B-Y"],
    )
    doc.tensor = numpy.arange(14, dtype="float32").reshape(7, 2)
    doc.spans["g"] = [Span(doc, 2, 4, "L", kb_id="K", span_id="I")]
    return doc


def annotations(doc):
    return doc.to_array(["ORTH", "SPACY", "TAG", "HEAD", "DEP", "ENT_IOB", "ENT_TYPE", "SENT_START", "IDX"]).tolist()


def test_a_copy_is_the_same_and_shares_nothing():
    doc = make()
    doc.cats, doc.user_data = {"A": 1.0}, {"k": [1]}
    doc.user_hooks["x"] = len
    other = doc.copy()
    assert annotations(other) == annotations(doc)
    assert other.arena is doc.arena
    assert [(span.start, span.end, span.label_) for span in other.spans["g"]] == [(2, 4, "L")]
    other[0].tag_ = "Z"
    other.cats["A"] = 0.0
    other.user_data["k"].append(2)
    other.tensor[0, 0] = 9
    other.user_hooks.clear()
    other.spans["g"].append(other[0:1])
    assert doc[0].tag_ == "A"
    assert (doc.cats, doc.user_data, doc.user_hooks) == ({"A": 1.0}, {"k": [1]}, {"x": len})
    assert doc.tensor[0, 0] == 0
    assert len(doc.spans["g"]) == 1


def test_empty_spans_are_copied_too():
    doc = make()
    doc.spans["empty"] = [doc[i:i] for i in range(8)]
    other = doc.copy()
    assert [(span.start, span.end) for span in other.spans["empty"]] == [(i, i) for i in range(8)]


def test_joined_docs():
    one, two = make(), make()
    joined = Doc.from_docs([one, two])
    assert joined.text == one.text + " " + two.text
    assert [token.head.i for token in joined] == [1, 1, 3, 1, 1, 6, 6, 8, 8, 10, 8, 8, 13, 13]
    entities = [(ent.start, ent.end, ent.label_) for ent in joined.ents]
    assert entities == [(2, 4, "X"), (6, 7, "Y"), (9, 11, "X"), (13, 14, "Y")]
    assert [(span.start, span.end, span.label_, span.kb_id_) for span in joined.spans["g"]] == [
        (2, 4, "L", "K"),
        (9, 11, "L", "K"),
    ]
    assert joined.tensor.shape == (14, 2)
    assert len(list(joined.sents)) == 4


def test_joined_keeps_empty_spans_and_groups():
    one, two = make(), make()
    two.spans["g"].append(two[7:7])
    two.spans["none"] = []
    joined = Doc.from_docs([one, two])
    assert [(span.start, span.end) for span in joined.spans["g"]] == [(2, 4), (9, 11), (14, 14)]
    assert len(joined.spans["none"]) == 0


def test_joined_without_spaces_between():
    assert Doc.from_docs([make(), make()], ensure_whitespace=False).text == 2 * make().text


def test_joined_takes_some_attributes():
    joined = Doc.from_docs([make(), make()], attrs=["TAG"])
    assert [token.tag_ for token in joined] == list("ABCDEFG") * 2
    assert not joined.has_annotation("DEP")


def test_joined_user_data():
    Token.set_extension("x", default=0)
    Span.set_extension("x", default=0)
    one, two = make(), make()
    two[1]._.x, two[1:3]._.x = 5, 6
    joined = Doc.from_docs([one, two])
    assert (joined[8]._.x, joined[8:10]._.x, joined[1]._.x) == (5, 6, 0)
    assert not Doc.from_docs([one, two], exclude=["user_data"]).user_data
    Doc.set_extension("x", default=0)
    one._.x = 1
    with pytest.warns(SpanwrightWarning, match="Joining Docs leaves out the custom attribute 'x' of a Doc"):
        Doc.from_docs([one, two])
    one = make()
    one.user_data["k"] = 1
    with pytest.warns(SpanwrightWarning, match="Joining Docs leaves out the user data 'k': 1"):
        Doc.from_docs([one, two])


def test_joined_leaves_out_what_is_excluded():
    joined = Doc.from_docs([make(), make()], exclude=["spans", "tensor"])
    assert not joined.spans
    assert not joined.tensor.size


def test_joining_nothing_and_empty_docs():
    assert Doc.from_docs([]) is None
    assert Doc.from_docs([Doc(VOCAB), Doc(VOCAB)]).text == ""
    assert Doc.from_docs([Doc(VOCAB), make(), Doc(VOCAB)]).text == make().text + " "


def test_joining_docs_of_two_vocabularies():
    with pytest.raises(InvalidValueError, match="share a vocabulary, but Doc 1 has another one"):
        Doc.from_docs([make(), Doc(Vocab(), words=["a"])])


def test_joining_tensors_of_two_widths():
    one, two = make(), make()
    two.tensor = numpy.zeros((7, 3), dtype="float32")
    with pytest.raises(InvalidValueError, match=r"tensors of the Docs cannot be joined.*`exclude=\['tensor'\]`"):
        Doc.from_docs([one, two])


WORD_AND_SPACE = st.tuples(st.sampled_from(["a", "bc", " ", "\n"]), st.booleans())


@given(st.lists(st.lists(WORD_AND_SPACE, max_size=4), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_joined_text(rows):
    docs = [Doc(VOCAB, words=[w for w, _ in each], spaces=[s for _, s in each]) for each in rows]
    text = ""
    for i, doc in enumerate(docs):
        text += doc.text
        if i < len(docs) - 1 and len(doc) and not doc[-1].is_space and not doc[-1].whitespace_:
            text += " "
    assert Doc.from_docs(docs).text == text
    assert Doc.from_docs(docs, ensure_whitespace=False).text == "".join(doc.text for doc in docs)


# A span as a Doc


def test_a_span_becomes_a_doc():
    doc = make()
    doc.cats = {(3, 15, "C"): 0.5, "D": 1.0}
    other = doc[1:4].as_doc()
    assert other.text == "saw her duck"
    assert [token.head.i for token in other] == [0, 2, 0]
    assert [(ent.text, ent.label_) for ent in other.ents] == [("her duck", "X")]
    assert other.tensor.tolist() == doc.tensor[1:4].tolist()
    assert other.cats == {"C": 0.5}
    assert other.arena is doc.arena
    other[0].tag_ = "Z"
    assert doc[1].tag_ == "B"


def test_heads_that_are_cut_off():
    other = make()[2:5].as_doc()
    assert [token.head.i for token in other] == [1, 1, 1]
    assert [token.dep_ for token in other] == ["poss", "dep", "dep"]
    assert [token.is_sent_start for token in other] == [True, False, False]
    crossing = make()[3:6].as_doc()
    assert [token.head.i for token in crossing] == [0, 0, 2]
    assert len(list(crossing.sents)) == 2


def test_entities_that_are_cut_are_not_known():
    doc = make()
    assert [token.ent_iob_ for token in doc[3:7].as_doc()] == ["", "O", "O", "B"]
    assert [token.ent_iob_ for token in doc[0:3].as_doc()] == ["O", "O", ""]
    assert doc[3:4].as_doc().ents == ()


def test_a_span_takes_its_user_data_along():
    Token.set_extension("x", default=0)
    doc = make()
    doc[3]._.x = 5
    doc.user_data["k"] = [1]
    other = doc[2:5].as_doc(copy_user_data=True)
    assert other[1]._.x == 5
    assert other.user_data["k"] == [1]
    assert not doc[2:5].as_doc().user_data


def test_a_span_with_a_vector_of_its_own():
    doc = make()
    span = Span(doc, 0, 2, vector=numpy.ones(3, dtype="float32"))
    assert span.as_doc().vector.tolist() == [1, 1, 1]


def test_an_array_that_the_caller_has():
    doc = make()
    attrs = doc._get_array_attrs()
    array = doc.to_array(attrs)
    other = doc[1:4].as_doc(array_head=attrs, array=array)
    assert annotations(other) == annotations(doc[1:4].as_doc())
    assert array.tolist() == doc.to_array(attrs).tolist()


@settings(deadline=None)
@given(st.data())
def test_a_span_as_a_doc_has_the_entities_that_lie_within_it(data):
    n = data.draw(st.integers(0, 8))
    doc = Doc(Vocab(), words=["w"] * n)
    cuts = sorted(data.draw(st.sets(st.integers(0, n))))
    # Neighbours may touch, with one label or another.
    pairs = [pair for pair in pairwise(cuts) if data.draw(st.booleans())]
    doc.ents = [Span(doc, start, end, label=data.draw(st.sampled_from("AB"))) for start, end in pairs]
    start = data.draw(st.integers(0, n))
    end = data.draw(st.integers(start, n))
    found = [(ent.start + start, ent.end + start, ent.label_) for ent in doc[start:end].as_doc().ents]
    assert found == [(ent.start, ent.end, ent.label_) for ent in doc[start:end].ents]


def test_an_empty_span_as_a_doc():
    assert len(make()[3:3].as_doc()) == 0


@given(st.integers(0, 7), st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_any_span_becomes_a_doc_of_its_text(one, other):
    start, end = sorted((one, other))
    doc = make()[start:end].as_doc()
    assert doc.text == make()[start:end].text_with_ws
    assert all(0 <= token.head.i < len(doc) for token in doc)
