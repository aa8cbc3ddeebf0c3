"""What the languages' rules make of text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright.language.languages import get_lang_class
from spanwright_languages.de import German
from spanwright_languages.en import English
from spanwright_languages.es import Spanish
from spanwright_languages.fr import French

CLASSES = {"en": English, "fr": French, "de": German, "es": Spanish}
PIPELINES = {code: cls() for code, cls in CLASSES.items()}
SENTENCES = json.loads((Path(__file__).parent / "sentences.json").read_text(encoding="utf8"))


@pytest.mark.parametrize(("code", "expected"), [(code, row) for code, rows in SENTENCES.items() for row in rows])
def test_sentences_are_cut_as_agreed(code, expected):
    doc = PIPELINES[code]("".join(word + ("" if word.endswith("~") else " ") for word in expected).replace("~", ""))
    assert [token.text for token in doc if not token.is_space] == [word.removesuffix("~") for word in expected]


@pytest.mark.parametrize("code", CLASSES)
@given(data=st.data())
def test_the_text_can_be_rebuilt(code, data):
    exceptions = st.sampled_from(sorted(CLASSES[code].Defaults.tokenizer_exceptions))
    others = st.sampled_from([" ", "(", ").", "'", "’", "-", "www.a.fr/b", "5km"])
    parts = st.one_of(exceptions, others, st.text(max_size=4))
    text = "".join(data.draw(st.lists(parts, max_size=10)))
    tokenizer = PIPELINES[code].tokenizer
    doc = tokenizer(text)
    assert "".join(token.text_with_ws for token in doc) == text
    assert [word for _, word in tokenizer.explain(text)] == [token.text for token in doc if not token.text.isspace()]


@pytest.mark.parametrize("code", CLASSES)
def test_every_exception_is_cut_as_it_says(code):
    tokenizer = PIPELINES[code].tokenizer
    for text, pieces in CLASSES[code].Defaults.tokenizer_exceptions.items():
        if not text.isspace():
            assert [token.text for token in tokenizer(text)] == [piece[65] for piece in pieces]


@pytest.mark.parametrize("code", CLASSES)
def test_the_registry_knows_the_language(code):
    assert get_lang_class(code) is CLASSES[code]
    assert CLASSES[code].lang == PIPELINES[code].lang == PIPELINES[code].vocab.lang == code


@pytest.mark.parametrize("code", CLASSES)
def test_rules_survive_saving(code):
    nlp = PIPELINES[code]
    loaded = CLASSES[code]().from_bytes(nlp.to_bytes())
    text = " ".join(CLASSES[code].Defaults.tokenizer_exceptions)
    assert [token.text for token in loaded(text)] == [token.text for token in nlp(text)]


def test_norms_of_english_contractions():
    doc = PIPELINES["en"]("I can't, won't, shan't; they'll've gone, y'all. She's 5km away at 10p.m.")
    norms = {token.text: token.norm_ for token in doc}
    assert norms["ca"] == "can" and norms["wo"] == "will" and norms["sha"] == "shall" and norms["n't"] == "not"
    assert norms["'ll"] == "will" and norms["y'"] == "you" and norms["'s"] == "'s" and norms["p.m."] == "p.m."


@pytest.mark.parametrize("word", ["Tex.", "Penn.", "W.Va."])
def test_states_that_published_pipelines_cut_are_cut(word):
    tokens = [token.text for token in PIPELINES["en"](f"Houston, {word} is hot")]
    assert tokens == ["Houston", ",", word[:-1], ".", "is", "hot"]


@pytest.mark.parametrize("word", ["Tenn.", "Calif.", "Va.", "Wash.", "Mass.", "N.Y.", "D.C."])
def test_other_states_stay_whole(word):
    assert [token.text for token in PIPELINES["en"](f"Houston, {word} is hot")] == ["Houston", ",", word, "is", "hot"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python", ["`", "`", "`", "python"]),
        ("run --cuda --model=x", ["run", "--cuda", "--model", "=", "x"]),
        ("[docs]: here", ["[", "docs", "]", ":", "here"]),
        ("the file `out.pdf`.", ["the", "file", "`", "out.pdf", "`", "."]),
        ("<a>here</a>.", ["<", "a", ">", "here</a", ">", "."]),
        ("**bold**.", ["*", "*", "bold", "*", "*", "."]),
    ],
)
def test_marks_of_code_and_markup_are_cut_as_published_pipelines_do(text: str, expected: list[str]) -> None:
    assert [token.text for token in PIPELINES["en"](text)] == expected
