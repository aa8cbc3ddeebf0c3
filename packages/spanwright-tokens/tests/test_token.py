"""Token: a view that reads and writes the columns."""

from __future__ import annotations

import pickle

import numpy
import pytest

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import InvalidIndexError, InvalidTypeError, InvalidValueError
from spanwright_tokens.tokens import Doc, MorphAnalysis, Token
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()
WORDS = ["Give", "it", "back", "to", "New", "York", ",", "10", "http://a.com", "a@b.com", "(", "\n", "ÉTÉ", "$", '"']


@pytest.fixture
def doc():
    return Doc(VOCAB, words=WORDS, spaces=[True] * 5 + [False] * 10)


def test_text(doc):
    token = doc[4]
    assert token.text == token.orth_ == str(token) == repr(token) == "New"
    assert bytes(doc[12]) == "ÉTÉ".encode()
    assert (token.text_with_ws, token.whitespace_) == ("New ", " ")
    assert (doc[5].text_with_ws, doc[5].whitespace_) == ("York", "")
    assert (token.i, token.idx, len(token)) == (4, 16, 3)
    assert (token.doc, token.vocab) == (doc, VOCAB)


def test_what_it_has_from_its_lexeme(doc):
    token = doc[12]
    assert (token.lower_, token.shape_, token.prefix_, token.suffix_) == ("été", "XXX", "É", "ÉTÉ")
    for name in ("orth", "lower", "shape", "prefix", "suffix", "norm"):
        assert VOCAB.strings[getattr(token, name + "_")] == getattr(token, name)
    assert token.lex.orth == token.orth
    assert token.rank == token.lex_id == token.lex.rank
    assert (token.prob, token.cluster, token.sentiment) == (token.lex.prob, token.lex.cluster, token.lex.sentiment)
    assert token.lang_ == VOCAB.lang


@pytest.mark.parametrize(
    ("i", "flags"),
    [
        (0, {"is_alpha", "is_ascii", "is_title"}),
        (1, {"is_alpha", "is_ascii", "is_lower"}),
        (6, {"is_ascii", "is_punct"}),
        (7, {"is_ascii", "is_digit", "like_num"}),
        (10, {"is_ascii", "is_punct", "is_bracket", "is_left_punct"}),
        (11, {"is_ascii", "is_space"}),
        (12, {"is_alpha", "is_upper"}),
        (13, {"is_ascii", "is_currency"}),
    ],
)
def test_flags(doc, i, flags):
    names = (
        "is_alpha is_ascii is_digit is_lower is_upper is_title is_punct is_space is_bracket is_left_punct "
        "is_right_punct is_currency like_num like_url like_email"
    ).split()
    assert {name for name in names if getattr(doc[i], name)} == flags


def test_addresses_and_quotes(doc):
    assert doc[8].like_url
    assert doc[9].like_email
    assert doc[14].is_quote
    assert not doc[0].is_stop
    assert not doc[0].is_right_punct
    assert doc[0].is_oov


def test_check_flag(doc):
    assert doc[6].check_flag(IDS["IS_PUNCT"]) is True
    assert doc[0].check_flag(IDS["IS_PUNCT"]) is False
    with pytest.raises(InvalidValueError, match="id from 1 to 63, but found 65"):
        doc[0].check_flag(65)


@pytest.mark.parametrize("name", ["tag", "dep", "lemma", "norm", "ent_type", "ent_id", "ent_kb_id"])
def test_annotations_are_set_as_strings_and_as_ids(doc, name):
    setattr(doc[0], name + "_", "Some text")
    assert getattr(doc[0], name + "_") == "Some text"
    assert getattr(doc[0], name) == VOCAB.strings["Some text"]
    setattr(doc[1], name, getattr(doc[0], name))
    assert getattr(doc[1], name + "_") == "Some text"
    setattr(doc[0], name + "_", "")
    assert getattr(doc[0], name) == (doc[0].lex.norm if name == "norm" else 0)
    with pytest.raises(TypeError):
        setattr(doc[0], name + "_", 5)
    with pytest.raises(TypeError):
        setattr(doc[0], name + "_", None)


def test_the_norm_is_the_tokens_own_or_the_lexemes(doc):
    assert doc[4].norm_ == "new"
    doc[4].norm_ = "nu"
    assert doc[4].norm_ == "nu"
    assert VOCAB["New"].norm_ == "new"


def test_an_id_from_another_doc_keeps_its_text():
    vocab = Vocab()
    one = Doc(vocab, words=["a"], lemmas=["far away"])
    with vocab.memory_zone():
        other = Doc(vocab, words=["b"])
        other[0].lemma = one[0].lemma
        del one
        assert other[0].lemma_ == "far away"


def test_part_of_speech(doc):
    doc[0].pos_ = "VERB"
    assert (doc[0].pos, doc[0].pos_) == (IDS.get("VERB", 100), "VERB")
    doc[0].pos = 0
    assert doc[0].pos_ == ""
    with pytest.raises(InvalidValueError, match="'verbs' is not a universal part of speech.*'VERB'.*`tag_`"):
        doc[0].pos_ = "verbs"
    with pytest.raises(InvalidValueError, match="5 is not the id of a universal part of speech"):
        doc[0].pos = 5


def test_morphology(doc):
    token = doc[0]
    assert not token.has_morph()
    assert not token.morph
    token.set_morph("Number=Sing|Case=Nom")
    assert str(token.morph) == "Case=Nom|Number=Sing"
    assert token.morph.get("Case") == ["Nom"]
    token.set_morph({"Tense": "Past"})
    assert token.morph.to_dict() == {"Tense": "Past"}
    doc[1].morph = token.morph
    assert doc[1].morph == token.morph
    doc[2].set_morph(token.morph)
    doc[3].set_morph(token.morph.key)
    assert str(doc[2].morph) == str(doc[3].morph) == "Tense=Past"
    token.set_morph("")
    assert token.has_morph()
    token.set_morph(None)
    assert not token.has_morph()
    with pytest.raises(InvalidValueError, match="belongs to another vocabulary"):
        token.morph = MorphAnalysis(Vocab(), "A=b")
    with pytest.raises(InvalidTypeError, match="takes a MorphAnalysis, but found str"):
        token.morph = "A=b"


def test_sentence_starts(doc):
    assert doc[0].is_sent_start is True
    assert doc[1].is_sent_start is None
    assert doc[0].is_sent_end is None
    doc[1].is_sent_start = True
    doc[2].is_sent_start = False
    doc[3].sent_start = numpy.bool_(True)
    assert (doc[0].is_sent_end, doc[1].is_sent_end, doc[14].is_sent_end) == (True, False, True)
    assert (doc[0].sent_start, doc[1].sent_start, doc[2].sent_start) == (False, 1, -1)
    assert doc[2].sent.text == "it back "[:-1]
    doc[1].is_sent_start = None
    assert doc[1].is_sent_start is None
    with pytest.raises(InvalidValueError, match="must be True, False or None, but found 2"):
        doc[1].is_sent_start = 2
    with pytest.raises(InvalidValueError, match="`is_sent_end` cannot be set: set `is_sent_start` of the next"):
        doc[1].is_sent_end = True


def test_sentence_starts_of_a_parsed_doc_are_its_trees():
    doc = Doc(VOCAB, words=["a", "b"], heads=[0, 0], deps=["ROOT", "dep"])
    with pytest.raises(InvalidValueError, match="`is_sent_start` of token 1 cannot be set: the Doc is parsed"):
        doc[1].is_sent_start = True


def test_neighbours(doc):
    assert doc[4].nbor().text == "York"
    assert doc[4].nbor(-4).text == "Give"
    with pytest.raises(InvalidIndexError, match="Token 14 has no neighbour 1 places away: the Doc has 15 tokens"):
        doc[14].nbor()
    with pytest.raises(InvalidIndexError, match="no neighbour -1"):
        doc[0].nbor(-1)


def test_order_and_identity(doc):
    other = Doc(VOCAB, words=WORDS)
    assert doc[1] == doc[1]
    assert doc[1] != doc[2]
    assert doc[1] != other[1]
    assert doc[1] < doc[2] <= doc[2]
    assert doc[2] > doc[1] >= doc[1]
    assert doc[1] != None  # noqa: E711
    assert doc[1] > None
    assert doc[1] != "it"
    assert len({doc[1], doc[1], doc[2], other[1]}) == 3


def test_a_token_by_its_constructor(doc):
    assert Token(VOCAB, doc, 1) == doc[1]
    with pytest.raises(InvalidIndexError, match="There is no token 15: the Doc has 15 tokens"):
        Token(VOCAB, doc, 15)
    with pytest.raises(InvalidValueError, match="must have the same vocabulary"):
        Token(Vocab(), doc, 0)


def test_a_token_cannot_be_pickled_by_itself(doc):
    with pytest.raises(NotImplementedError, match="view of its Doc and cannot be pickled"):
        pickle.dumps(doc[0])


def test_a_token_that_retokenizing_took_away(doc):
    last = doc[14]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:3])
    for read in (lambda: last.text, lambda: last.tag_, lambda: last.head, lambda: last.idx, lambda: last.is_punct):
        with pytest.raises(InvalidIndexError, match="Token 14 is gone: the Doc has 13 tokens now"):
            read()
    with pytest.raises(InvalidIndexError, match="is gone"):
        last.tag_ = "X"


def test_iob_strings():
    assert Token.iob_strings() == ("", "I", "O", "B")
