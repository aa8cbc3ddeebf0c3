"""Lexemes: what a vocabulary knows of a word."""

from __future__ import annotations

import json
import pickle
import string
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import InvalidTypeError, InvalidValueError, SpanwrightWarning, UnknownStringError
from spanwright_tokens.vocab import BASE_NORMS, LEX_ATTRS, OOV_RANK, Lexeme, Lookups, Vocab, create_vocab
from spanwright_tokens.vocab.lex_attrs import add_lookups, is_stop, like_url, word_shape

GOLDEN = json.loads((Path(__file__).parent / "data" / "lexemes.json").read_text("utf8"))
FLAGS = [name.lower() for name in IDS if name.startswith(("IS_", "LIKE_")) and "OOV" not in name]
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)
sequences = st.text(st.sampled_from(string.printable + "éÉßǅ½²٣😀’。"), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def vocab() -> Vocab:
    return create_vocab("xx")


@pytest.mark.parametrize("word", GOLDEN)
def test_attributes_equal_the_recorded_ones(vocab: Vocab, word: str) -> None:
    lexeme = vocab[word]
    expected = dict(GOLDEN[word])
    assert {name for name in FLAGS if getattr(lexeme, name)} == set(expected.pop("flags"))
    for name, value in expected.items():
        assert getattr(lexeme, name) == value, name


def plain_shape(text: str) -> str:
    if len(text) >= 100:
        return "LONG"
    signs = ["X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c for c in text]
    signs = [("X" if c.isupper() else "x") if c.isalpha() else sign for c, sign in zip(text, signs, strict=True)]
    kept = [sign for i, sign in enumerate(signs) if i < 4 or set(signs[i - 4 : i]) != {sign}]
    return "".join(kept)


@given(texts | sequences)
def test_shape_has_a_plain_twin(text: str) -> None:
    assert word_shape(text) == plain_shape(text) == create_vocab("xx")[text].shape_


@given(texts | sequences)
def test_compiled_getters_equal_the_functions(text: str) -> None:
    lexeme = create_vocab("xx")[text]
    for number, getter in LEX_ATTRS.items():
        if number < 64 and getter is not is_stop:
            assert lexeme.check_flag(number) == bool(getter(text)), getter.__name__
    assert lexeme.lower_ == text.lower()
    assert lexeme.norm_ == BASE_NORMS.get(text, text.lower())
    assert (lexeme.prefix_, lexeme.suffix_) == (text[0], text[-3:])
    assert (lexeme.text, lexeme.orth_, lexeme.lang_) == (text, text, "xx")


def test_there_are_45_base_norms() -> None:
    assert len(BASE_NORMS) == 45
    assert BASE_NORMS["…"] == "..."
    assert BASE_NORMS["€"] == "$"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://x", True), ("www.a", True), ("www.", False), ("site.fr/page", True), ("example.com:80", True),
        ("8.8.8.8", True), ("10.0.0.1", False), ("end.Start", False), ("end.start", True), ("a@b.com", False),
        (".com", False), ("com.", False), ("3.14", False), ("word", False), ("u.s", False),
    ],
)  # fmt: skip
def test_addresses(text: str, expected: bool) -> None:
    assert like_url(text) is expected


def test_norm_comes_from_the_table_then_base_norms_then_the_language() -> None:
    def shout(text: str) -> str:
        return text.upper()

    vocab = create_vocab("xx", type("Defaults", (), {"lex_attr_getters": {IDS["NORM"]: shout}}))
    assert [vocab[word].norm_ for word in ("daß", "€")] == ["DASS", "$"]
    lookups = Lookups()
    lookups.add_table("lexeme_norm", {"daß": "dass", "€": "euro"})
    vocab = Vocab(vocab.lex_attr_getters, lookups=lookups)
    assert [vocab[word].norm_ for word in ("daß", "€", "x", "£")] == ["dass", "euro", "X", "$"]


def test_overridden_getters_are_called() -> None:
    calls: list[str] = []

    def like_num(text: str) -> bool:
        calls.append(text)
        return text == "ten"

    getters = {**LEX_ATTRS, IDS["LIKE_NUM"]: like_num, IDS["SUFFIX"]: lambda text: text[-1:]}
    getters[IDS["IS_STOP"]] = partial(is_stop, stops={"the"})
    vocab = Vocab(getters)
    assert vocab["ten"].like_num
    assert not vocab["10"].like_num
    assert calls == ["ten", "10"]
    assert vocab["ten"].suffix_ == "n"
    assert vocab["The"].is_stop
    assert vocab["ten"].norm_ == "ten"


def test_getters_may_change_later() -> None:
    vocab = create_vocab("xx")
    vocab.lex_attr_getters[IDS["NORM"]] = add_lookups(str.upper, {"a": "b"})
    assert [vocab[word].norm_ for word in ("a", "c")] == ["b", "C"]
    assert Vocab({})["Word"].lower_ == ""


def test_a_getter_that_fails_leaves_no_lexeme() -> None:
    def broken(text: str) -> bool:
        raise RuntimeError("broken getter")

    vocab = Vocab({**LEX_ATTRS, 20: broken})
    with pytest.raises(RuntimeError, match="broken getter"):
        vocab["word"]
    assert "word" not in vocab
    assert len(vocab) == 0


def test_lexemes_by_text_and_id(vocab: Vocab) -> None:
    word = vocab["Apfel"]
    assert vocab[word.orth] == word == "Apfel" == Lexeme(vocab, word.orth)
    assert word != vocab["Birne"]
    assert word != None  # noqa: E711
    assert hash(word) == hash(vocab["Apfel"])
    assert word in {vocab["Apfel"]}
    assert "Apfel" in vocab
    assert word.orth in vocab
    assert "never seen" not in vocab
    assert repr(word) == "<Lexeme 'Apfel'>"
    assert vocab[""].orth == 0
    assert vocab[""].text == ""
    with pytest.raises(UnknownStringError, match="No string with the id 77777777777"):
        vocab[77777777777]
    with pytest.raises(InvalidTypeError, match="indexed by a word or its id, found 1.5 of type float"):
        vocab[1.5]


def test_iteration_and_length() -> None:
    vocab = Vocab(strings=["a", "b"])
    assert [lexeme.text for lexeme in vocab] == ["a", "b"]
    assert len(vocab) == 2
    assert bool(Vocab())
    assert vocab.lang == ""
    assert create_vocab("de").lang == "de"


def test_attributes_can_be_set(vocab: Vocab) -> None:
    word = vocab["unset"]
    word.set_attrs(lower="LOW", is_stop=True, prob=-3.5)
    assert word.lower_ == "LOW"
    assert vocab["unset"].is_stop
    word.is_stop = False
    assert not vocab["unset"].is_stop
    word.set_flag(33, True)
    assert word.check_flag(33)
    assert word.flags >> 33 & 1
    word.norm_ = "norm"
    assert vocab.lookups.get_table("lexeme_norm")["unset"] == "norm"
    word.shape_, word.prefix_, word.suffix_, word.lang_ = "S", "p", "s", "zz"
    assert [word.shape_, word.prefix_, word.suffix_, word.lang_] == ["S", "p", "s", "zz"]
    assert word.rank == OOV_RANK
    word.rank = 5
    assert vocab["unset"].rank == 5
    with pytest.raises(InvalidValueError, match="A lexeme has no attribute with the id 76"):
        word.set_attrs(dep="nsubj")
    for number in (0, 64, -1):
        with pytest.raises(InvalidValueError, match=f"between 1 and 63, found {number}"):
            word.check_flag(number)


def test_tables_of_numbers() -> None:
    vocab = Vocab(oov_prob=-7.0)
    word = vocab["word"]
    assert (word.prob, word.cluster, word.sentiment) == (-7.0, 0, 0.0)
    word.prob, word.cluster, word.sentiment = -1.0, 3, 0.5
    assert (word.prob, word.cluster, word.sentiment) == (-1.0, 3, 0.5)
    assert Vocab()["x"].prob == -20.0


def test_flags_of_ones_own() -> None:
    vocab = create_vocab("xx")
    before = vocab["Mix"]
    flag = vocab.add_flag(lambda text: "i" in text)
    assert flag == 13
    assert before.check_flag(flag)
    assert vocab["six"].check_flag(flag)
    assert not vocab["ten"].check_flag(flag)
    assert vocab.add_flag(str.isupper, 40) == 40
    with pytest.raises(InvalidValueError, match="between 1 and 63, found 64"):
        vocab.add_flag(str.isupper, 64)
    for _ in range(63 - len([number for number in vocab.lex_attr_getters if number < 64])):
        vocab.add_flag(str.isupper)
    with pytest.raises(InvalidValueError, match="All 63 flags are taken"):
        vocab.add_flag(str.isupper)


def test_similarity_without_vectors_warns(vocab: Vocab) -> None:
    assert vocab["a"].similarity(vocab["a"]) == 1.0
    with pytest.warns(SpanwrightWarning, match="one of the two has no vector"):
        assert vocab["a"].similarity(vocab["b"]) == 0.0
    with pytest.raises(InvalidValueError, match="This vocabulary has no vectors"):
        _ = vocab["a"].vector
    assert vocab["a"].is_oov
    assert not vocab["a"].has_vector


def test_pickle() -> None:
    vocab = create_vocab("de")
    vocab["Haus"].is_stop = True
    flag = vocab.add_flag(lambda text: text == "x")
    vocab.lookups.add_table("t", {"k": "v"})
    copy: Any = pickle.loads(pickle.dumps(vocab))
    assert copy.lang == "de"
    assert "Haus" in copy.strings
    assert copy["x"].check_flag(flag)
    assert copy.lookups.get_table("t")["k"] == "v"
    assert pickle.loads(pickle.dumps(vocab["Haus"])).text == "Haus"


def test_lookups_must_be_lookups() -> None:
    vocab = Vocab()
    with pytest.raises(InvalidTypeError, match="vocab.lookups must be a Lookups, found dict"):
        vocab.lookups = {}
