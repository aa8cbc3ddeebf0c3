"""A Doc as bytes, on disk, pickled, and as JSON."""

from __future__ import annotations

import json
import pickle

import numpy
import pytest
import srsly
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import DataFormatError, InvalidValueError, SpanwrightWarning
from spanwright_tokens.tokens import Doc, Span, Token, Underscore
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()
HEAD = [71, 81, 65, 67, 75, 79, 76, 77, 78, 452, 454, 73, 453, 74, 80]


@pytest.fixture(autouse=True)
def _restored():
    state = [dict(extensions) for extensions in Underscore.get_state()]
    yield
    Underscore.load_state(tuple(state))


@pytest.fixture
def doc():
    doc = Doc(
        VOCAB,
        words=["I", "like", "New", "York", ".", "\n"],
        spaces=[True, True, True, False, False, False],
        tags=["PRP", "VBP", "NNP", "NNP", ".", "_SP"],
        pos=["PRON", "VERB", "PROPN", "PROPN", "PUNCT", "SPACE"],
        morphs=["Number=Sing", "", "", None, None, ""],
        lemmas=["I", "like", "New", "York", ".", "\n"],
        heads=[1, 1, 3, 1, 1, 4],
        deps=["nsubj", "ROOT", "compound", "dobj", "punct", "dep"],
        ents=["O", "O", "B-GPE", "I-GPE", "", ""],
        user_data={"key": [1, "two"], ("a", ("b", 3)): 4.5},
    )
    doc.tensor = numpy.arange(12, dtype="float32").reshape(6, 2)
    doc.cats = {"A": 0.25}
    doc.sentiment = 0.5
    doc.spans["g"] = [Span(doc, 0, 2, "L", kb_id="K", span_id="I")]
    doc[0].norm_, doc[2].ent_kb_id_, doc[2].ent_id_ = "ich", "Q60", "pattern"
    return doc


def shown(doc):
    return (
        doc.text,
        [
            (
                t.text,
                t.tag_,
                t.pos_,
                str(t.morph),
                t.has_morph(),
                t.lemma_,
                t.norm_,
                t.dep_,
                t.head.i,
                t.ent_iob_,
                t.ent_type_,
                t.ent_kb_id_,
                t.ent_id_,
                t.is_sent_start,
                t.n_lefts,
                t.right_edge.i,
            )
            for t in doc
        ],
        doc.tensor.tolist(),
        doc.cats,
        doc.sentiment,
        doc.user_data,
        {k: [(s.start, s.end, s.label_, s.kb_id_, s.id_) for s in group] for k, group in doc.spans.items()},
        doc.has_unknown_spaces,
    )


def test_bytes_go_round_into_another_vocabulary(doc):
    other = Doc(Vocab()).from_bytes(doc.to_bytes())
    assert shown(other) == shown(doc)
    assert other.to_bytes() == doc.to_bytes()


def test_the_message_has_the_layout_of_spacys(doc):
    message = srsly.msgpack_loads(doc.to_bytes())
    assert message["text"] == doc.text
    assert message["array_head"] == HEAD
    assert message["array_body"].shape == (6, len(HEAD))
    assert message["array_body"].dtype == numpy.uint64
    assert {"New", "nsubj", "GPE", "Q60", "pattern", "ich", "L", "K", "I", "Number=Sing"} <= set(message["strings"])
    assert sorted(message) == sorted(
        "text array_head array_body sentiment tensor cats spans strings has_unknown_spaces user_data_keys "
        "user_data_values".split()
    )


@pytest.mark.parametrize("name", ["tensor", "cats", "spans", "sentiment", "user_data", "has_unknown_spaces"])
def test_exclude(doc, name):
    assert name not in doc.to_dict(exclude=[name])
    for other in (
        Doc(VOCAB).from_bytes(doc.to_bytes(exclude=[name])),
        Doc(VOCAB).from_bytes(doc.to_bytes(), exclude=[name]),
    ):
        fresh = Doc(VOCAB)
        value = getattr(other, name)
        assert not len(value) if name in ("tensor", "spans", "cats", "user_data") else value == getattr(fresh, name)
        assert other.text == doc.text


def test_empty_docs_go_round():
    for doc in (Doc(VOCAB), Doc(VOCAB, words=[" "], spaces=[False])):
        assert Doc(VOCAB).from_bytes(doc.to_bytes()).text == doc.text


def test_disk(doc, tmp_path):
    doc.to_disk(tmp_path / "doc")
    assert shown(Doc(VOCAB).from_disk(str(tmp_path / "doc"))) == shown(doc)
    with pytest.raises(FileNotFoundError, match="nothing"):
        Doc(VOCAB).from_disk(tmp_path / "nothing")


def test_pickle(doc):
    doc.user_hooks["vector"] = lambda doc: 3
    other = pickle.loads(pickle.dumps(doc))
    assert shown(other) == shown(doc)
    assert other.vector == 3
    docs = pickle.loads(pickle.dumps([Doc(doc.vocab, words=["a"]), Doc(doc.vocab, words=["b"])]))
    assert docs[0].vocab is docs[1].vocab


def test_hooks_are_not_saved(doc):
    doc.user_token_hooks["vector"] = len
    with pytest.warns(SpanwrightWarning, match="user hooks of a Doc are functions and are not saved"):
        doc.to_bytes()
    doc.to_bytes(exclude=["user_hooks"])


def test_only_an_empty_doc_is_loaded_into(doc):
    with pytest.raises(InvalidValueError, match="Only an empty Doc can be loaded into, but this one has 6 tokens"):
        doc.from_bytes(doc.to_bytes())
    with pytest.raises(InvalidValueError, match="Only an empty Doc"):
        doc.from_json(doc.to_json())


def broken(doc, **changes):
    return {**doc.to_dict(), **changes}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda doc: [1], "expected a message that is a table, found list"),
        (lambda doc: broken(doc, text=3), "'text' is missing or of another kind: found int"),
        (lambda doc: broken(doc, array_body=[1]), "'array_body' is missing or of another kind: found list"),
        (lambda doc: broken(doc, array_head=[1, 2]), r"'array_head' must begin with the ids of LENGTH and SPACY"),
        (
            lambda doc: broken(doc, array_body=numpy.zeros((6, 3), dtype="uint64")),
            r"'array_body' must be integers of the shape \(n_tokens, 15\), found uint64 of the shape \(6, 3\)",
        ),
        (lambda doc: broken(doc, text="I"), "lengths of the tokens do not fit the text of 1 characters"),
        (lambda doc: broken(doc, text=doc.text + "x"), "the tokens make 17 characters, but the text has 18"),
        (lambda doc: broken(doc, strings=[]), "the message lacks strings that it needs"),
        (lambda doc: broken(doc, strings=[3]), "'strings' must hold strings, found 3"),
    ],
)
def test_other_messages_leave_the_doc_empty(doc, change, message):
    target = Doc(Vocab())
    with pytest.raises(DataFormatError, match=message):
        target.from_bytes(srsly.msgpack_dumps(change(doc)))
    assert len(target) == 0
    assert not target.user_data


@pytest.mark.parametrize("data", [b"", b"\xc1", b"garbage", b"\x80"])
def test_garbage(data):
    with pytest.raises(DataFormatError, match="Doc"):
        Doc(VOCAB).from_bytes(data)


def test_truncated_bytes(doc):
    data = doc.to_bytes()
    for end in range(0, len(data), 97):
        with pytest.raises(DataFormatError):
            Doc(VOCAB).from_bytes(data[:end])


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=4), st.booleans(), st.text(max_size=3), st.text(max_size=3)), max_size=6
    )
)
@settings(max_examples=100, deadline=None)
def test_any_doc_goes_round(rows):
    try:
        "".join(map("".join, ((a, c, d) for a, _, c, d in rows))).encode()
    except UnicodeEncodeError:
        return
    words, spaces, tags, lemmas = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    doc = Doc(VOCAB, words=words, spaces=spaces, tags=tags, lemmas=lemmas)
    other = Doc(Vocab()).from_bytes(doc.to_bytes())
    assert other.text == doc.text
    assert [(t.text, t.tag_, t.lemma_) for t in other] == list(zip(words, tags, lemmas, strict=True))
    assert other.to_array(HEAD).tolist() == doc.to_array(HEAD).tolist()


# JSON


def test_json_goes_round(doc):
    data = json.loads(json.dumps(doc.to_json()))
    other = Doc(Vocab()).from_json(data, validate=True)
    assert other.to_json() == data
    assert other.text == doc.text
    assert [token.dep_ for token in other] == [token.dep_ for token in doc]
    assert data["tokens"][2] == {
        "id": 2,
        "start": 7,
        "end": 10,
        "tag": "NNP",
        "pos": "PROPN",
        "morph": "",
        "lemma": "New",
        "dep": "compound",
        "head": 3,
    }
    assert data["ents"] == [{"start": 7, "end": 15, "label": "GPE"}]
    assert data["sents"] == [{"start": 0, "end": 17}]
    assert data["spans"] == {"g": [{"start": 0, "end": 6, "label": "L", "kb_id": "K"}]}
    assert data["cats"] == {"A": 0.25}


def test_json_of_a_bare_doc():
    doc = Doc(VOCAB, words=["a", "b"])
    data = doc.to_json()
    assert sorted(data) == ["text", "tokens"]
    assert Doc(VOCAB).from_json(data).text == "a b "


def test_json_sentences_without_a_parse():
    doc = Doc(VOCAB, words=["a", "b", "c"], sent_starts=[True, False, True])
    other = Doc(VOCAB).from_json(doc.to_json())
    assert [sent.text for sent in other.sents] == ["a b", "c"]


def test_json_with_custom_attributes():
    for cls in (Doc, Token, Span):
        cls.set_extension("x", default=None)
    Doc.set_extension("length", getter=len)
    doc = Doc(VOCAB, words=["a", "b"])
    doc._.x, doc[1]._.x, doc[0:2]._.x = 1, "two", [3]
    data = doc.to_json(underscore=["x", "length"])
    assert data["_"] == {"x": 1, "length": 2}
    assert data["underscore_token"] == {"x": [{"start": 2, "value": "two"}]}
    assert data["underscore_span"] == {"x": [{"start": 0, "end": 3, "value": [3]}]}
    del data["_"]["length"]
    for cls in (Doc, Token, Span):
        cls.remove_extension("x")
    other = Doc(VOCAB).from_json(data)
    assert (other._.x, other[1]._.x, other[0:2]._.x) == (1, "two", [3])


def test_json_of_unknown_or_unfit_attributes():
    doc = Doc(VOCAB, words=["a"])
    with pytest.raises(InvalidValueError, match="no custom attribute 'nope' to put into JSON"):
        doc.to_json(underscore=["nope"])
    Doc.set_extension("bad", default=None)
    doc._.bad = object()
    with pytest.raises(InvalidValueError, match="The custom attribute 'bad' does not fit into JSON"):
        doc.to_json(underscore=["bad"])


def test_json_that_is_invalid_names_every_mistake():
    data = {"text": 3, "ents": {}}
    with pytest.raises(DataFormatError, match="'text' must be a str, found int; 'tokens' is missing; 'ents' must be"):
        Doc(VOCAB).from_json(data, validate=True)
    data = {
        "text": "a",
        "tokens": [{"id": 0, "start": "0", "end": 1, "tag": 1.5}, 3],
        "cats": {"A": "x"},
        "spans": {"k": 3},
        "sents": [{"start": 0}],
    }
    message = (
        r"tokens\[0\].start must be int, found '0'; tokens\[0\].tag must be a string or a whole number, found 1.5; "
        r"tokens\[1\] must be a table, found 3; sents\[0\].end must be int, found None; spans.k must be a list, found "
        r"int; cats.A must be a float, found 'x'"
    )
    with pytest.raises(DataFormatError, match=message):
        Doc(VOCAB).from_json(data, validate=True)
    with pytest.raises(DataFormatError, match="expected a table, found list"):
        Doc(VOCAB).from_json([], validate=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokens": [{"id": 0, "start": 0, "end": 9}]}, "Token 0 of the JSON, from 0 to 9, does not follow"),
        ({"tokens": [{"id": 0, "start": 0, "end": 1}, {"id": 1, "start": 0, "end": 1}]}, "Token 1 of the JSON"),
        ({"tokens": [{"id": 0, "start": 0, "end": 1}]}, "The tokens of the JSON end at 1, but the text goes on: ' b'"),
        ({"ents": [{"start": 0, "end": 2, "label": "X"}]}, "The entity from 0 to 2 does not begin and end where"),
        ({"sents": [{"start": 0, "end": 2}]}, "The sentence from 0 to 2"),
        ({"spans": {"k": [{"start": 0, "end": 2, "label": "X"}]}}, "The span from 0 to 2"),
    ],
)
def test_json_that_does_not_fit_its_text(change, message):
    target = Doc(VOCAB)
    data = {"text": "a b", "tokens": [{"id": 0, "start": 0, "end": 1}, {"id": 1, "start": 2, "end": 3}], **change}
    with pytest.raises(InvalidValueError if "tokens" not in change else DataFormatError, match=message):
        target.from_json(data)
    assert len(target) == 0


def test_json_with_annotations_on_some_tokens_only():
    tokens = [{"id": 0, "start": 0, "end": 1, "tag": "X"}, {"id": 1, "start": 2, "end": 3}]
    with pytest.raises(InvalidValueError, match="the same annotations, but 1 of 2 lack 'tag'"):
        Doc(VOCAB).from_json({"text": "a b", "tokens": tokens})
    tokens = [{"id": 0, "start": 0, "end": 1, "head": 0}]
    with pytest.raises(InvalidValueError, match="`head` without `dep`"):
        Doc(VOCAB).from_json({"text": "a", "tokens": tokens})


@pytest.mark.parametrize("head", [1, -1, "0"])
def test_json_with_a_head_that_is_no_token(head):
    data = {"text": "a", "tokens": [{"id": 0, "start": 0, "end": 1, "dep": "x", "head": head}]}
    with pytest.raises(DataFormatError, match=f"must be the number of a token, from 0 to 0, but is {head!r}"):
        Doc(VOCAB).from_json(data)


def test_json_keeps_whitespace_between_tokens():
    tokens = [
        {"id": 0, "start": 1, "end": 2, "dep": "x", "head": 1},
        {"id": 1, "start": 5, "end": 6, "dep": "y", "head": 1},
    ]
    doc = Doc(VOCAB).from_json({"text": "\na   b \n", "tokens": tokens})
    assert doc.text == "\na   b \n"
    assert [token.text for token in doc] == ["\n", "a", "  ", "b", "\n"]
    assert doc[1].head.text == "b"


def test_attributes_are_those_that_files_have():
    assert list(Doc._get_array_attrs()) == HEAD
    assert all(number in IDS.values() for number in HEAD)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentiment": "x"}, "'sentiment' is of another kind: found 'x'"),
        ({"cats": [1]}, r"'cats' is of another kind: found \[1\]"),
        ({"user_data_values": b"\x91\x01"}, "must be lists of one length"),
    ],
)
def test_other_parts_are_checked_too(doc, change, message):
    with pytest.raises(DataFormatError, match=message):
        Doc(Vocab()).from_dict(broken(doc, **change))


def test_annotations_that_cannot_be(doc):
    message = doc.to_dict()
    message["array_body"] = message["array_body"].copy()
    message["array_body"][:, HEAD.index(79)] = 100
    with pytest.raises(DataFormatError, match="annotations that cannot be. The head of token 0 lies outside"):
        Doc(Vocab()).from_dict(message)
