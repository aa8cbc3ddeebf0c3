"""Tokenizer: text to tokens."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.errors import InvalidTypeError, InvalidValueError
from spanwright_tokens.tokenizer import Tokenizer
from spanwright_tokens.vocab import Vocab


def sibling(name):
    spec = spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


rules = sibling("tokenizer_rules")
PlainTokenizer = sibling("plain_tokenizer").PlainTokenizer
MIXED = st.lists(st.one_of(st.sampled_from(rules.ATOMS), st.text(max_size=3)), max_size=12).map("".join)


def make(vocab=None, **changes):
    settings = {**rules.SETTINGS, **changes}
    return Tokenizer(vocab or Vocab(), settings.pop("rules", rules.RULES), **settings)


TOKENIZER = make()
SLOWER = make(faster_heuristics=False)
UNCACHED = make(max_cache_size=0)
PLAIN = PlainTokenizer(rules.RULES, rules.PREFIX, rules.SUFFIX, rules.INFIX, rules.TOKEN_MATCH, rules.URL_MATCH)
PLAIN_SLOWER = PlainTokenizer(
    rules.RULES, rules.PREFIX, rules.SUFFIX, rules.INFIX, rules.TOKEN_MATCH, rules.URL_MATCH, faster_heuristics=False
)


def words(text, tokenizer=TOKENIZER):
    return [token.text for token in tokenizer(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ", [" "]),
        ("\n\n", ["\n\n"]),
        ("a b", ["a", "b"]),
        (" a  b ", [" ", "a", " ", "b"]),
        ("a\tb \n c", ["a", "\t", "b", "\n ", "c"]),
        ("(hello), world!", ["(", "hello", ")", ",", "world", "!"]),
        ("don't", ["do", "n't"]),
        ("“don't!”", ["“", "do", "n't", "!", "”"]),
        ("can't.", ["ca", "n't", "."]),
        ("(can't.)", ["(", "ca", "n't", ".", ")"]),
        ("e.g. (e.g.,", ["e.g.", "(", "e.g.", ","]),
        ("co-op, x-op", ["co-op", ",", "x", "-", "op"]),
        ("(c) (co-op)", ["(c)", "(", "co-op", ")"]),
        ("(www.a.com/x?)", ["(", "www.a.com/x", "?", ")"]),
        ("end.Start", ["end", ".", "Start"]),
        ("5km 10% 3m.", ["5", "km", "10", "%", "3", "m", "."]),
        ("waxYellow", ["wax", "Yellow"]),
        ("hi:) :-)!", ["hi", ":)", ":-)", "!"]),
        ("New York", ["New York"]),
        ("New  York", ["New", " ", "York"]),
        ("(New York!)", ["(", "New York", "!", ")"]),
        ("Bob's UN.", ["Bob", "'s", "UN", "."]),
    ],
)
def test_text_is_cut_by_the_rules(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize("tokenizer", [TOKENIZER, SLOWER, UNCACHED], ids=["default", "slower", "uncached"])
@given(text=MIXED)
def test_the_text_can_be_rebuilt_and_offsets_are_right(tokenizer, text):
    doc = tokenizer(text)
    assert "".join(token.text_with_ws for token in doc) == text == doc.text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)
    assert all(token.whitespace_ in ("", " ") for token in doc)


@settings(max_examples=400)
@given(text=MIXED)
def test_it_agrees_with_the_plain_algorithm(text):
    assert [(token.text, token.idx) for token in TOKENIZER(text)] == PLAIN(text)
    assert [(token.text, token.idx) for token in UNCACHED(text)] == PLAIN(text)
    assert [(token.text, token.idx) for token in SLOWER(text)] == PLAIN_SLOWER(text)


@given(text=MIXED)
def test_explain_agrees_with_a_call(text):
    assert [word for _, word in TOKENIZER.explain(text)] == [word for word in words(text) if not word.isspace()]


def test_explain_names_the_rules():
    assert TOKENIZER.explain("(can't.) co-op www.a.com 5km a-b :)") == [
        ("PREFIX", "("), ("SPECIAL-1", "ca"), ("SPECIAL-2", "n't"), ("SPECIAL-3", "."), ("SUFFIX", ")"),
        ("TOKEN_MATCH", "co-op"), ("URL_MATCH", "www.a.com"), ("TOKEN", "5"), ("SUFFIX", "km"),
        ("TOKEN", "a"), ("INFIX", "-"), ("TOKEN", "b"), ("SPECIAL-1", ":)"),
    ]  # fmt: skip


def test_special_cases_give_norms_and_only_there():
    doc = TOKENIZER("don't New York n't")
    assert [token.norm_ for token in doc] == ["do", "not", "NYC", "n't"]


def test_a_tokenizer_without_rules_cuts_at_blanks():
    plain = Tokenizer(Vocab())
    assert words("Hello, (world)!", plain) == ["Hello,", "(world)!"]
    assert plain.prefix_search is None and plain.rules == {}
    assert plain.find_prefix("(a") == plain.find_suffix("a)") == 0 and plain.find_infix("a-b") == []
    assert plain.explain("a-b") == [("TOKEN", "a-b")]


def test_affixes_can_be_asked_for():
    assert TOKENIZER.find_prefix("US$5") == 3
    assert TOKENIZER.find_suffix("5km") == 2
    assert [match.span() for match in TOKENIZER.find_infix("a-b/c")] == [(1, 2), (3, 4)]


def test_special_cases_can_be_added_and_apply_at_once():
    tokenizer = make()
    assert words("gimme that", tokenizer) == ["gimme", "that"]
    tokenizer.add_special_case("gimme", [{"ORTH": "gim", "NORM": "give"}, {"ORTH": "me"}])
    doc = tokenizer("gimme (gimme) that")
    assert [token.text for token in doc] == ["gim", "me", "(", "gim", "me", ")", "that"]
    assert doc[0].norm_ == "give"
    assert tokenizer.rules["gimme"] == [{"ORTH": "gim", "NORM": "give"}, {"ORTH": "me"}]
    tokenizer.add_special_case("gimme", [{"orth": "gimme"}])
    assert words("gimme", tokenizer) == ["gimme"]
    tokenizer.rules = {}
    assert words("gimme don't", tokenizer) == ["gimme", "don't"]


def test_a_change_of_a_pattern_empties_the_caches():
    tokenizer = make()
    assert words("<a> a.b", tokenizer) == ["<a>", "a.b"]
    tokenizer.prefix_search = re.compile("^<").search
    tokenizer.suffix_search = re.compile(">$").search
    assert words("<a>", tokenizer) == ["<", "a", ">"]
    tokenizer.infix_finditer = re.compile(r"\.").finditer
    assert words("a.b", tokenizer) == ["a", ".", "b"]
    tokenizer.token_match = re.compile("<a>").match
    assert words("<a>", tokenizer) == ["<a>"]
    tokenizer.token_match = tokenizer.prefix_search = None
    tokenizer.url_match = re.compile(r"a\.b").match
    assert words("<a> a.b", tokenizer) == ["<a", ">", "a.b"]
    tokenizer.faster_heuristics = False
    assert tokenizer.faster_heuristics is False


def test_any_function_will_do_for_a_pattern():
    class Found:
        def end(self):
            return 2

        def start(self):
            return 0

    tokenizer = Tokenizer(Vocab(), prefix_search=lambda text: Found() if text.startswith("xx") else None)
    assert words("xxxxa", tokenizer) == ["xx", "xx", "a"]


def test_pipe_keeps_the_order():
    texts = [f"text {i}" for i in range(25)]
    assert [doc.text for doc in TOKENIZER.pipe(iter(texts), batch_size=3)] == texts


def test_words_of_text_stay_out_of_the_vocabulary():
    vocab = Vocab()
    tokenizer = make(vocab)
    tokenizer("Warm up.")
    before = len(vocab.strings)
    kept = tokenizer("zero w0")
    for start in range(0, 100_000, 500):
        tokenizer(" ".join(f"word{i}x" for i in range(start, start + 500)))
    assert len(vocab.strings) == before
    assert len(vocab) < 20_000
    assert [token.text for token in kept] == ["zero", "w0"]
    assert kept[1].lower_ == "w0"


def test_a_word_that_becomes_permanent_is_looked_up_again():
    vocab = Vocab()
    tokenizer = make(vocab)
    tokenizer("strange word")
    vocab["strange"].is_stop = True
    doc = tokenizer("strange word")
    assert doc[0].is_stop and not doc[1].is_stop


def test_the_smallest_cache_is_right_too():
    tokenizer = make(max_cache_size=2)
    assert tokenizer.max_cache_size == 2
    for _ in range(2):
        for text in ("a b c d e f", "don't (a) b.C", "New York, c."):
            assert [(token.text, token.idx) for token in tokenizer(text)] == PLAIN(text)


def test_threads_share_a_tokenizer():
    tokenizer = make()
    texts = [" ".join(f"{atom}{i % 7}" for atom in rules.ATOMS[i % 9 :]) for i in range(160)]
    expected = [PLAIN(text) for text in texts]
    with ThreadPoolExecutor(16) as pool:
        docs = list(pool.map(tokenizer, texts))
    assert [[(token.text, token.idx) for token in doc] for doc in docs] == expected


def test_long_texts_and_long_words():
    text = "word, " * 100_000 + "x" * 100_000
    doc = TOKENIZER(text)
    assert len(doc) == 200_001 and doc.text == text


@pytest.mark.parametrize(
    ("substrings", "message"),
    [
        ([{"ORTH": "do"}], r"'dont'.*must add up to it, found 'do'"),
        ([{"ORTH": "dont", "LEMMA": "do"}], r"only ORTH and NORM can be set, found 'LEMMA'"),
        ([{"ORTH": "dont", "colour": "red"}], r"only ORTH and NORM can be set, found 'colour'"),
        ([{"ORTH": "dont"}, {"ORTH": ""}], r"each token needs an ORTH"),
        ([{"NORM": "dont"}], r"each token needs an ORTH"),
    ],
)
def test_special_cases_that_cannot_be(substrings, message):
    tokenizer = make()
    with pytest.raises(InvalidValueError, match=message):
        tokenizer.add_special_case("dont", substrings)
    with pytest.raises(ValueError, match=message):
        tokenizer.rules = {"dont": substrings}
    assert "dont" not in tokenizer.rules and words("dont", tokenizer) == ["dont"]


def test_arguments_of_the_wrong_type():
    with pytest.raises(InvalidTypeError, match=r"a list of dicts is needed, one for each token, found \{'ORTH': 'a'\}"):
        TOKENIZER.add_special_case("a", {"ORTH": "a"})
    with pytest.raises(InvalidTypeError, match="a dict of attributes is needed for each token, found 'a'"):
        TOKENIZER.add_special_case("a", ["a"])
    with pytest.raises(InvalidTypeError, match="NORM must be a string, found 3"):
        TOKENIZER.add_special_case("a", [{"ORTH": "a", "NORM": 3}])
    with pytest.raises(InvalidTypeError, match=r"prefix_search must be a function like re.*found 5"):
        Tokenizer(Vocab(), prefix_search=5)
    with pytest.raises(TypeError):
        TOKENIZER(b"bytes")
    with pytest.raises(TypeError):
        TOKENIZER(None)


@pytest.mark.parametrize("text", ["(" * 50_000, "a)" * 20_000, ":)" * 20_000, "." * 50_000, "," * 50_000 + "b"])
def test_long_runs_of_punctuation_are_cut_in_reasonable_time(text):
    assert TOKENIZER(text).text == text
