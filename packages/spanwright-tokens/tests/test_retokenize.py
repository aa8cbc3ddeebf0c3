"""Merging and splitting tokens."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.errors import InvalidIndexError, InvalidValueError
from spanwright_tokens.tokens import Doc, Span, Token, Underscore
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()


@pytest.fixture(autouse=True)
def _restored():
    state = [dict(extensions) for extensions in Underscore.get_state()]
    yield
    Underscore.load_state(tuple(state))


@pytest.fixture
def doc():
    return Doc(
        VOCAB,
        words=["I", "live", "in", "New", "York", "City", "now"],
        spaces=[True] * 6 + [False],
        tags=["PRP", "VBP", "IN", "NNP", "NNPS", "NNP", "RB"],
        pos=["PRON", "VERB", "ADP", "PROPN", "PROPN", "PROPN", "ADV"],
        lemmas=["I", "live", "in", "new", "york", "city", "now"],
        heads=[1, 1, 1, 5, 5, 2, 1],
        deps=["nsubj", "ROOT", "prep", "compound", "compound", "pobj", "advmod"],
        ents=["O", "O", "O", "B-GPE", "I-GPE", "I-GPE", "O"],
    )


def heads(doc):
    return [token.head.i for token in doc]


def test_merge(doc):
    doc.tensor = numpy.arange(14, dtype="float32").reshape(7, 2)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[3:6])
    assert [token.text for token in doc] == ["I", "live", "in", "New York City", "now"]
    assert doc.text == "I live in New York City now"
    merged = doc[3]
    assert (merged.tag_, merged.pos_, merged.dep_) == ("NNP", "PROPN", "pobj")
    assert (merged.lemma_, merged.norm_, merged.idx) == ("new york city", "new york city", 10)
    assert heads(doc) == [1, 1, 1, 2, 1]
    assert [token.i for token in doc[1].children] == [0, 2, 4]
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("New York City", "GPE")]
    assert doc.tensor.tolist() == [[0, 1], [2, 3], [4, 5], [10, 11], [12, 13]]


def test_merge_with_attributes(doc):
    Token.set_extension("kind", default=None)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(
            doc[3:6],
            attrs={
                "TAG": "NP",
                "lemma": "NYC",
                "POS": "PROPN",
                "MORPH": "Number=Sing",
                "ENT_TYPE": "CITY",
                "NORM": "nyc",
                "IS_STOP": True,
                "_": {"kind": "place"},
            },
        )
    merged = doc[3]
    assert (merged.tag_, merged.lemma_, merged.norm_, merged.ent_type_) == ("NP", "NYC", "nyc", "CITY")
    assert str(merged.morph) == "Number=Sing"
    assert merged._.kind == "place"
    assert merged.is_stop
    assert VOCAB["New York City"].is_stop


def test_several_at_once_in_any_order(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[3:6])
        retokenizer.merge(doc[0:2])
        retokenizer.merge(doc[3:6])
    assert [token.text for token in doc] == ["I live", "in", "New York City", "now"]
    assert heads(doc) == [0, 0, 1, 0]
    assert [sent.text for sent in doc.sents] == ["I live in New York City now"]


def test_split(doc):
    doc.tensor = numpy.ones((7, 2), dtype="float32")
    with doc.retokenize() as retokenizer:
        retokenizer.split(
            doc[1], ["li", "ve"], heads=[(doc[1], 1), (doc[1], 1)], attrs={"TAG": ["A", "B"], "DEP": ["x", "ROOT"]}
        )
    assert [token.text for token in doc][:4] == ["I", "li", "ve", "in"]
    assert doc.text == "I live in New York City now"
    assert [token.idx for token in doc][:4] == [0, 2, 4, 7]
    assert [token.tag_ for token in doc][:4] == ["PRP", "A", "B", "IN"]
    assert [token.pos_ for token in doc][:4] == ["PRON", "VERB", "VERB", "ADP"]
    assert [token.lemma_ for token in doc][1:3] == ["li", "ve"]
    assert doc.tensor[:, 0].tolist() == [1, 0, 0, 1, 1, 1, 1, 1]


def test_split_hangs_parts_on_other_tokens(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.split(doc[5], ["Ci", "ty"], heads=[(doc[5], 1), doc[2]])
    assert heads(doc) == [1, 1, 1, 5, 5, 6, 2, 1]
    assert [(ent.text, len(ent)) for ent in doc.ents] == [("New York City", 4)]


@pytest.mark.parametrize(
    ("starts", "place", "expected"),
    [
        (None, 0, [None, None, None]),
        (None, 1, [None, None, None]),
        ([True, False, True], 0, [False, False, True]),
        ([True, None, True], 0, [None, None, True]),
        ([True, False, True], 2, [False, True, False]),
    ],
)
def test_split_says_no_more_of_sentences_than_was_said(starts, place, expected):
    doc = Doc(VOCAB, words=["abcd", "efgh", "ijkl"], sent_starts=starts)
    with doc.retokenize() as retokenizer:
        text = doc[place].text
        retokenizer.split(doc[place], [text[:2], text[2:]], heads=[(doc[place], 0), (doc[place], 1)])
    assert [token.is_sent_start for token in doc] == [True, *expected]
    assert doc.has_annotation("SENT_START") == (starts is not None)


def test_merge_and_split_in_one_block(doc):
    Token.set_extension("n", default=0)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[3:6])
        retokenizer.split(doc[6], ["no", "w"], heads=[(doc[6], 1), doc[1]], attrs={"_": [{"n": 1}, {"n": 2}]})
    assert [token.text for token in doc] == ["I", "live", "in", "New York City", "no", "w"]
    assert heads(doc) == [1, 1, 1, 2, 5, 1]
    assert [token._.n for token in doc] == [0, 0, 0, 0, 1, 2]


def test_span_groups_follow(doc):
    doc.spans["x"] = [Span(doc, 3, 5, "A"), Span(doc, 6, 7, "B"), Span(doc, 0, 1, "C")]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[3:6])
    assert [(span.text, span.label_) for span in doc.spans["x"]] == [("New York City", "A"), ("now", "B"), ("I", "C")]
    with doc.retokenize() as retokenizer:
        retokenizer.split(doc[3], ["New ", "York City"], heads=[doc[2], doc[2]])
    assert [(span.text, len(span)) for span in doc.spans["x"]] == [("New York City", 2), ("now", 1), ("I", 1)]


def test_a_merged_word_gets_a_vector():
    vocab = Vocab()
    vocab.set_vector("a", numpy.array([1, 0], dtype="float32"))
    vocab.set_vector("b", numpy.array([0, 1], dtype="float32"))
    doc = Doc(vocab, words=["a", "b"], spaces=[True, False])
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert doc[0].vector.tolist() == [0.5, 0.5]


def test_an_entity_goes_on_over_a_merge_inside_of_it(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[4:6])
    assert [token.ent_iob_ for token in doc] == ["O", "O", "O", "B", "I", "O"]
    assert len(doc.ents) == 1


def test_nothing_to_do_changes_nothing(doc):
    before = doc.structure
    with doc.retokenize():
        pass
    assert doc.structure == before


def unchanged_after(doc, action, error, message):
    before = doc.to_bytes()
    structure = doc.structure
    with pytest.raises(error, match=message), doc.retokenize() as retokenizer:
        action(retokenizer)
    assert doc.to_bytes() == before
    assert doc.structure == structure


BAD = [
    (lambda r, d: r.merge(d[2:2]), InvalidValueError, r"The span doc\[2:2\] is empty and cannot be merged"),
    (lambda r, d: (r.merge(d[1:3]), r.merge(d[2:4])), InvalidValueError, r"overlap .*'in' \(token 2\).*`filter_spans`"),
    (lambda r, d: r.merge(d.copy()[0:2]), InvalidValueError, "is of another Doc"),
    (lambda r, d: r.merge(d[0:2], attrs={"LEMA": "x"}), ValueError, "no token attribute 'LEMA'.*'LEMMA'"),
    (lambda r, d: r.merge(d[0:2], attrs={"HEAD": 1}), InvalidValueError, "HEAD cannot be set while retokenizing"),
    (lambda r, d: r.merge(d[0:2], attrs={"_": 3}), InvalidValueError, "must be given as a dict of names.*found 3"),
    (lambda r, d: r.merge(d[0:2], attrs={"_": {"zz": 3}}), InvalidValueError, "no custom attribute 'zz'"),
    (lambda r, d: r.merge(d[0:2], attrs={"_": {"get": 3}}), InvalidValueError, "'get' cannot be set: it has a getter"),
    (lambda r, d: r.split(d[1], ["li", "f"], [d[0], d[0]]), InvalidValueError, "must make up its text 'live'"),
    (lambda r, d: r.split(d[1], ["live", ""], [d[0], d[0]]), InvalidValueError, "none of them empty"),
    (lambda r, d: r.split(d[1], ["li", "ve"], [d[0]]), InvalidValueError, "needs a head: expected 2, found 1"),
    (
        lambda r, d: r.split(d[1], ["li", "ve"], [d[0], d[0]], {"TAG": ["x"]}),
        InvalidValueError,
        "'TAG' needs one value for each part of 'live': expected 2, found 1",
    ),
    (
        lambda r, d: (r.merge(d[0:2]), r.split(d[1], ["li", "ve"], [d[2], d[2]])),
        InvalidIndexError,
        "token to be split, 'live', is gone: it was merged",
    ),
    (
        lambda r, d: (r.merge(d[3:6]), r.split(d[1], ["li", "ve"], [d[4], d[4]])),
        InvalidIndexError,
        "head of a part of 'live' is gone",
    ),
    (lambda r, d: r.split(d[6], ["no", "w"], [(d[6], 5), d[0]]), InvalidIndexError, "out of range: there are 8 tokens"),
    (lambda r, d: r.split(d[1], ["li", "ve"], [(d[1], 1), (d[1], 0)]), InvalidValueError, "cycle"),
]


@pytest.mark.parametrize(("action", "error", "message"), BAD)
def test_mistakes_leave_the_doc_as_it_was(doc, action, error, message):
    Token.set_extension("get", getter=len)
    unchanged_after(doc, lambda retokenizer: action(retokenizer, doc), error, message)


def test_an_error_in_the_block_leaves_the_doc_as_it_was(doc):
    def action(retokenizer):
        retokenizer.merge(doc[0:2])
        raise RuntimeError("stop")

    unchanged_after(doc, action, RuntimeError, "stop")


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_merging_keeps_the_text_and_contracts_the_tree(data):
    n = data.draw(st.integers(1, 10))
    wanted = [data.draw(st.integers(0, i)) for i in range(n)]
    doc = Doc(
        VOCAB,
        words=[f"w{i}" for i in range(n)],
        spaces=data.draw(st.lists(st.booleans(), min_size=n, max_size=n)),
        heads=wanted,
        deps=["dep"] * n,
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, n - 1)))) if n > 1 else []
    pieces = list(zip([0, *cuts], [*cuts, n], strict=True))
    text, place = doc.text, {i: k for k, (start, end) in enumerate(pieces) for i in range(start, end)}
    expected = [place[doc[start:end].root.head.i] for start, end in pieces]
    with doc.retokenize() as retokenizer:
        for start, end in pieces:
            retokenizer.merge(doc[start:end])
    assert doc.text == text
    assert [text[token.idx : token.idx + len(token)] for token in doc] == [token.text for token in doc]
    assert heads(doc) == expected
