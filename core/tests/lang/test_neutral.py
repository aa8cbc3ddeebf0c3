"""The neutral tokenizer rules, and the modules of the languages."""

from __future__ import annotations

import importlib.util
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright.lang import ranges, unicode_ranges
from spanwright.lang.tokenizer_exceptions import URL_MATCH, pieces, update_exc, words
from spanwright.language.languages import neutral_class

TOKENIZER = neutral_class("xx")().tokenizer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(Hello), “world”!", "( Hello ) , “ world ” !"),
        ("end. End.Then UN. J. 3.14", "end . End . Then UN . J. 3.14"),
        ("well-known a,b x=y 10-12", "well - known a , b x = y 10 - 12"),
        ("US$5 5€ 10% 5km 3m² +5", "US$ 5 5 € 10 % 5 km 3 m² +5"),
        ("wait... what…", "wait ... what …"),
        ("see https://a.com/b?c. me@b.co.uk, www.x.org", "see https://a.com/b?c . me@b.co.uk , www.x.org"),
        (":-) (: ^_^ <3 ಠ_ಠ", ":-) (: ^_^ <3 ಠ_ಠ"),
        ("🙂🙂 ok👍", "🙂 🙂 ok 👍"),
        ("हिन्दी। नमस्ते, जी.", "हिन्दी । नमस्ते , जी ."),
        ("日本。です", "日本。です"),
        ("Привет, мир.Да", "Привет , мир . Да"),
        ("¿Qué? «No»", "¿ Qué ? « No »"),
    ],
)
def test_neutral_rules(text, expected):
    assert [token.text for token in TOKENIZER(text)] == expected.split()


@given(st.text(max_size=20))
def test_the_text_can_be_rebuilt(text):
    assert "".join(token.text_with_ws for token in TOKENIZER(text)) == text


@pytest.mark.parametrize(
    "text", ["a.b.com", "http://x.y.org:80/z#q", "me@b.co", "127.0.0.1", "ftp://a-b.de/?x=(1)", "münchen.de"]
)
def test_addresses(text):
    assert URL_MATCH(text)


@pytest.mark.parametrize("text", ["a.b", "end.Start", "1.5", "word", "a..com", "U.S.", "-.com"])
def test_what_is_no_address(text):
    assert not URL_MATCH(text)


def test_ranges_are_in_step_with_unicode():
    if unicodedata.unidata_version != ranges.UNICODE:
        pytest.skip(f"ranges.py is made with Unicode {ranges.UNICODE}")
    for name, text in unicode_ranges.compute().items():
        assert getattr(ranges, name) == text, f"{name}: run python -m spanwright.lang.unicode_ranges"


def test_exceptions_add_up():
    exceptions = update_exc(words(["a.b."], norm="ab"), pieces(("do", None), ("n't", "not")))
    assert exceptions == {"a.b.": [{65: "a.b.", 67: "ab"}], "don't": [{65: "do"}, {65: "n't", 67: "not"}]}
    with pytest.raises(ValueError, match="'ab' must add up to it, found 'a'"):
        update_exc({}, {"ab": [{65: "a"}]})


def test_language_modules_name_what_to_install():
    from spanwright.lang import en

    assert "English" in dir(en)
    if importlib.util.find_spec("spanwright_languages") is None:
        with pytest.raises(ImportError, match="spanwright-languages"):
            en.English  # noqa: B018
    else:
        from spanwright.lang.en import STOP_WORDS, English

        assert English.lang == "en" and "the" in STOP_WORDS
    with pytest.raises(AttributeError, match="has no attribute 'Englisch'"):
        en.Englisch  # noqa: B018
