"""What lets the tokenizer skip a pattern: it may never skip one that would match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import DataFormatError
from spanwright_tokens.tokenizer import Tokenizer
from spanwright_tokens.tokenizer.alternation import Alternation
from spanwright_tokens.tokenizer.charsets import conditions, tail
from spanwright_tokens.vocab import Vocab

PATTERNS = [
    r"^a|^\$|^[(\[]|^\+(?![0-9])|^\.\.+",
    r",$|\.\.+$|(?<=[0-9])(?:km|m²|%)$|(?<=[^\W\d_])\.$|['’][sS]$|[^a-z]$",
    r"(?<=[a-z])\.(?=[A-Z])|[-/](?=\w)|\d+(?:st|nd)?|(?:ab|[0-9])*c|x?y",
    r"(?i)^s[a-z]+k$|^straße$|^[^b-y]x",
    r"^(?:(?:http|ftp)://)?(?:\S+@)?(?:[a-z]+\.)+[a-z]{2,}(?::\d+)?(?:/\S*)?$",
    r"^(?P<a>.)b|(?:a|b|(?:c|d)+)(?<!x)e",
    r"(?<=a)(?=b)|\bq",
    r"(a)\1|z",
    r"(?s).\Z",
    r"",
]
ALPHABET = "abcdeskxyzABSKX0129.,;:-/+$%()[]'’@ſKİıßéÉ²ב日\u0301_ "
TEXTS = st.one_of(st.text(ALPHABET, max_size=8), st.text(max_size=6)).filter(lambda text: "\n" not in text)


def allowed(found, text):
    if found is None:
        return True
    chars = [ord(char) for char in text]
    return any(
        (one.first is None or (chars and chars[0] in one.first))
        and (one.last is None or (chars and chars[-1] in one.last))
        and (one.anywhere is None or any(char in one.anywhere for char in chars))
        for one in found
    )


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=TEXTS)
def test_conditions_hold_for_every_match(pattern, text):
    if re.search(pattern, text):
        assert allowed(conditions(pattern, 0), text)
    if re.match(pattern, text):
        assert allowed(conditions(pattern, 0, anchored=True), text)


TAILS = [
    r",$|\.\.+$|(?<=[0-9])(?:km|m²|%)$|(?<=[^\W\d_])\.$|['’][sS]$",
    r"a{2,3}$|(?<=b)c+$|[xy]+z?$|(?:de?)\Z",
    r"(?i)sk$|k{1,99}$",
]


@pytest.mark.parametrize("pattern", TAILS)
@given(text=TEXTS)
def test_a_suffix_is_found_near_the_end(pattern, text):
    length, unlimited = tail(pattern, 0)
    if text and not any(ord(text[-1]) in chars for chars in unlimited):
        whole, near = re.search(pattern, text), re.compile(pattern).search(text, max(0, len(text) - length))
        assert (whole and whole.span()) == (near and near.span())


@pytest.mark.parametrize("pattern", [r"a|b$", r"(a)\1$", "[", "(?m)a$"])
def test_where_no_end_is_near(pattern):
    assert tail(pattern, 0) is None


def test_ordinary_words_meet_no_condition():
    assert not allowed(conditions(PATTERNS[0], 0), "house")
    assert not allowed(conditions(PATTERNS[1], 0), "farm")
    assert not allowed(conditions(PATTERNS[4], 0, anchored=True), "house")


ALTERNATIVES = [
    r"^(?:^co[-–]op[a-z]*$)|(?:^sk[-–]i$)|(?:^[a-z]+[-–]x$)|^quelqu['’]un|^[éè]t[-–]|(?:^ab?[-–]c$|^d)",
    r"(?iu)(?:^co[-–]op[a-z]*$)|(?:^sk[-–]i$)|(?:^[a-z]+[-–]x$)|^quelqu['’]un|^[éè]t[-–]|(?:^ab?[-–]c$)|^i[-–]s",
]
COMPOUNDS = st.builds(
    lambda start, mark, end: start + mark + end,
    st.sampled_from("co CO sk SK ſk ſK quelqu a ab A i I İ ı ét ÉT d x é".split()),
    st.sampled_from(["-", "–", "’", "'", "", "‐"]),
    st.sampled_from("op Opera i I un x X c s S ſ K 9".split()),
)


@pytest.mark.parametrize("pattern", ALTERNATIVES)
@given(text=st.one_of(COMPOUNDS, TEXTS))
def test_alternatives_match_what_the_whole_matches(pattern, text):
    alternation = Alternation.split(pattern, 0, "token_match")
    expected = bool(re.match(pattern, text))
    assert alternation.matches(text) == expected
    if expected:
        assert allowed(alternation.conditions(), text)


@pytest.mark.parametrize("pattern", [r"abc", r"(a)|\1", r"(?x)a|b", r"(?P<n>a)|b", "(?m)^a|b"])
def test_what_is_no_plain_alternation_stays_whole(pattern):
    assert Alternation.split(pattern, 0, "token_match") is None


def test_a_huge_pattern_works_like_a_small_one():
    filler = "".join(map(chr, range(0x100, 0x180)))
    pattern = "(?iu)" + "|".join(f"(?:^pre{i}[-–][a-z{filler}]+$)" for i in range(400))
    assert len(pattern) > 40_000
    tokenizer = Tokenizer(Vocab(), infix_finditer="-", token_match=pattern)
    assert [token.text for token in tokenizer("PRE17-fix pre9-Ā pre400-x pre1-")] == [
        "PRE17-fix", "pre9-Ā", "pre400", "-", "x", "pre1", "-",
    ]  # fmt: skip
    assert tokenizer.token_match("pre3-x") and not tokenizer.token_match("x-y")


def test_a_pattern_that_is_none_is_named_when_it_is_used():
    tokenizer = Tokenizer(Vocab(), suffix_search="[$")
    with pytest.raises(DataFormatError, match=r"suffix_search is no valid regular expression: .*'\[\$'"):
        tokenizer("text")
    with pytest.raises(ValueError, match="suffix_search"):
        tokenizer.suffix_search  # noqa: B018
    huge = "|".join(f"^a{i}[" for i in range(10_000))
    with pytest.raises(DataFormatError, match="token_match is no valid regular expression"):
        Tokenizer(Vocab(), token_match=huge)("a17")
