"""What is out of order gets an error or a sensible answer: no crash, no memory that is somebody else's, no leak."""

import gc
import zlib

import numpy as np
import pytest

from spanwright_tokens.io import dump_msgpack, read_msgpack
from spanwright_tokens.tokenizer import Tokenizer
from spanwright_tokens.tokens import Doc, DocBin, Span, SpanGroup, scatter
from spanwright_tokens.vocab import StringStore, Vectors, Vocab
from spanwright_tokens.vocab.keyrows import KeyRows
from spanwright_tokens.vocab.morphology import MorphAnalysis

N = 400


def flat_doc(n=N):
    return Doc(Vocab(), words=["a"] * n, heads=[0] * n, deps=["x"] * n)


def shrink(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0 : len(doc) - 10])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ENT_IOB", 7, "ENT_IOB must be from 0 to 3"),
        ("POS", 200, "POS must be the id of a universal part of speech"),
        ("POS", "NOWN", "POS must be the id of a universal part of speech"),
        ("SENT_START", 300, "SENT_START must be 1, 0 or -1"),
    ],
)
def test_retokenizing_sets_no_value_that_cannot_be(name, value, message):
    doc = Doc(Vocab(), words=["a", "b"])
    with pytest.raises(ValueError, match=message), doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2], attrs={name: value})
    assert [token.ent_iob_ for token in doc] == ["", ""]


def test_retokenizing_sets_negative_values():
    doc = Doc(Vocab(), words=["a", "b", "c"])
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[1:3], attrs={"SENT_START": -1, "POS": "NOUN", "ENT_IOB": 2})
    assert (doc[1].is_sent_start, doc[1].pos_, doc[1].ent_iob_) == (False, "NOUN", "O")


def test_one_number_is_no_column():
    doc = Doc(Vocab(), words=["a"])
    with pytest.raises(ValueError, match="1 tokens, but found a single value"):
        scatter([doc], "TAG", 5)


@pytest.mark.parametrize("far", [2**32, 2**33 + 1, 2**62])
def test_far_heads_are_outside(far):
    doc = Doc(Vocab(), words=["a", "b"])
    with pytest.raises(ValueError, match="The head of token 0 lies outside of the Doc"):
        doc.from_array(["HEAD"], np.asarray([far, 0], dtype="int64"))


def test_sentences_while_the_doc_shrinks():
    doc = Doc(Vocab(), words=["a"] * N, sent_starts=[True] * N)
    lengths = []
    for sent in doc.sents:
        lengths.append(len(sent))
        if len(lengths) == 1:
            shrink(doc)
    assert lengths == [1] * 11


def test_children_of_a_span_while_the_doc_shrinks():
    doc = flat_doc()
    seen = []
    for token in doc[0:2].rights:
        seen.append(token.i)
        if len(seen) == 1:
            shrink(doc)
    assert seen == list(range(2, N))
    with pytest.raises(IndexError, match="is gone"):
        token.text  # noqa: B018


def test_morphology_that_is_none():
    vocab = Vocab()
    doc = Doc(vocab, words=["a"])
    vocab.morphology = None
    with pytest.raises(TypeError, match="Morphology"):
        len(doc[0].morph)


def test_an_analysis_that_is_added_after_it_was_asked_for():
    vocab = Vocab()
    key = StringStore(["Case=Nom"])["Case=Nom"]
    assert list(MorphAnalysis.from_id(vocab, key)) == []
    vocab.morphology.add("Case=Nom")
    assert list(MorphAnalysis.from_id(vocab, key)) == ["Case=Nom"]


@pytest.mark.parametrize("attr", ["TAG", 9999, -5])
def test_vectors_by_an_attribute_that_words_lack(attr):
    vocab = Vocab()
    vocab.vectors = Vectors(shape=(2, 2), attr=attr)
    assert not vocab.has_vector("a")
    assert not vocab.get_vector(vocab.strings.add("a")).any()
    assert vocab["a"]._get_attr(9999) == 0


def test_each_key_needs_a_row():
    with pytest.raises(ValueError, match="Each key needs a row, found 9 keys and 2 rows"):
        KeyRows().fill(np.arange(9, dtype="uint64"), np.arange(2, dtype="int32"))


def test_a_span_group_with_a_number_for_a_name():
    doc = flat_doc()
    data = SpanGroup(doc, name="n").to_bytes().replace(b"\xa1n", b"\x03")
    with pytest.raises(ValueError, match="These bytes are no span group"):
        SpanGroup(doc).from_bytes(data)


def test_strings_that_utf8_cannot_express():
    strings = StringStore()
    with pytest.raises(ValueError, match="item 1 is .*, which UTF-8 cannot express"):
        strings.from_bytes(b'["ok", "\\ud800"]')
    assert len(strings) == 0


class Text(str):
    pass


@pytest.mark.parametrize("kind", [np.str_, Text])
def test_strings_of_a_subclass(kind):
    vocab = Vocab()
    key = vocab.strings.add(kind("ab"))
    assert key == vocab.strings["ab"] == vocab.strings[kind("ab")] == vocab.strings.as_int(kind("ab"))
    assert type(vocab.strings[key]) is str
    assert kind("ab") in vocab.strings
    assert vocab[kind("cd")].text == "cd"
    assert kind("cd") in vocab
    doc = Doc(vocab, words=[kind("ab"), kind("ef")])
    for name in ("tag_", "dep_", "lemma_", "norm_", "ent_type_", "ent_kb_id_", "ent_id_"):
        setattr(doc[0], name, kind("X"))
        assert getattr(doc[0], name) == "X"
    span = Span(doc, 0, 1, label=kind("L"), kb_id=kind("Q"), span_id=kind("S"))
    assert (span.label_, span.kb_id_, span.id_) == ("L", "Q", "S")
    span.label_ = kind("M")
    assert span.label_ == "M"


@pytest.mark.parametrize("name", ["tag_", "lemma_"])
@pytest.mark.parametrize("value", [None, 3])
def test_what_is_no_string(name, value):
    with pytest.raises(TypeError, match="A string is needed"):
        setattr(flat_doc()[0], name, value)


def test_reading_a_docbin_again_and_again_leaves_nothing_behind():
    vocab = Vocab()
    data = DocBin(docs=[flat_doc(3)]).to_bytes()
    for _ in range(200):
        assert len(list(DocBin().from_bytes(data).get_docs(vocab))) == 1
    references = [part for part in gc.get_referents(vocab.strings) if type(part) is list]
    assert len(references) == 1
    assert len(references[0]) <= 2


def test_many_tokenizers_of_one_vocabulary_leave_nothing_behind():
    vocab = Vocab()
    tokenizers = [Tokenizer(vocab) for _ in range(100)]
    for _ in range(2):
        for tokenizer in tokenizers:
            doc = tokenizer("one two")
            assert [token.text for token in doc] == ["one", "two"]
    assert len(doc.arena.chunks) <= 16


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("strings", 3, "'strings' is of another kind"),
        ("spans", None, "'spans' is of another kind"),
        ("tensor", [], "'tensor' is no array"),
        ("array_head", [84, 2**40], "'array_head' must hold the ids of attributes"),
        ("user_data_keys", dump_msgpack([{}]), "'user_data_keys' must hold what can be a key"),
    ],
)
def test_a_doc_whose_parts_are_of_another_kind(part, value, message):
    doc = Doc(Vocab(), words=["a"], user_data={"k": 1})
    with pytest.raises(ValueError, match=message):
        Doc(Vocab()).from_dict({**doc.to_dict(), part: value})


def test_a_docbin_with_parts_that_are_none():
    message = read_msgpack(zlib.decompress(DocBin(docs=[flat_doc(2)]).to_bytes()), where="DocBin")
    message.update(span_groups=None, flags=None, user_data=None)
    data = zlib.compress(dump_msgpack(message))
    assert [doc.text for doc in DocBin().from_bytes(data).get_docs(Vocab())] == ["a a "]


def test_a_table_of_norms_that_are_no_strings():
    vocab = Vocab()
    vocab.lookups.add_table("lexeme_norm", {"a": 1, "b": None, "c": np.str_("see")})
    with pytest.raises(TypeError, match="The table 'lexeme_norm' must hold strings, found 1 for 'a'"):
        Doc(vocab, words=["a"])
    assert [token.norm_ for token in Doc(vocab, words=["b", "c"])] == ["b", "see"]
