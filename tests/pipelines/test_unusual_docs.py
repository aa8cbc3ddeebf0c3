"""Docs without a token, of whitespace alone, and of a million tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spanwright.tokens import Doc, Example

SENTENCE = "The boats left at dawn . "
MILLION = 1_000_000


def test_empty_docs(nlp: Any) -> None:
    doc = nlp("")
    assert (len(doc), doc.text, list(doc.sents)) == (0, "", [])
    assert [len(doc) for doc in nlp.pipe(["", "The boats .", "", ""], batch_size=3)] == [0, 3, 0, 0]
    assert len(nlp(Doc(nlp.vocab))) == 0
    assert list(nlp.pipe([])) == []


@pytest.mark.parametrize("text", [" ", "\n", " \t\n \n  ", "\u00a0", "\u2003\u2003", "\r\n"])
def test_docs_of_whitespace(nlp: Any, text: str) -> None:
    doc = nlp(text)
    assert doc.text == text
    assert all(token.is_space for token in doc)
    assert doc.has_annotation("SENT_START")
    alone = [(token.text, token.tag_) for token in doc]
    assert [[(token.text, token.tag_) for token in doc] for doc in nlp.pipe([text, "", text])] == [alone, [], alone]


def test_training_and_scoring_take_docs_without_a_token(nlp: Any) -> None:
    empty = Example.from_dict(nlp.make_doc(""), {"words": []})
    blank = Example.from_dict(nlp.make_doc("\n"), {"tags": ["."]})
    losses: dict[str, float] = {}
    nlp.update([empty], losses=losses)
    nlp.update([empty, blank], losses=losses)
    assert all(np.isfinite(value) for value in losses.values())
    assert nlp.evaluate([empty])["tag_acc"] is None
    assert nlp.evaluate([])["tag_acc"] is None


def test_a_text_over_the_limit_says_how_to_raise_it(nlp: Any) -> None:
    long = "x" * (nlp.max_length + 1)
    message = (
        r"The text has 1,000,001 characters, more than nlp\.max_length = 1,000,000\. .* or raise the limit: "
        r"nlp\.max_length = 1000001\."
    )
    with pytest.raises(ValueError, match=message):
        nlp(long)
    with pytest.raises(ValueError, match=message):
        list(nlp.pipe(["fine", long]))


def test_a_million_tokens(nlp: Any) -> None:
    words = len(SENTENCE.split())
    text = SENTENCE * (MILLION // words + 1)
    nlp.max_length = len(text)
    doc = nlp(text)
    assert len(doc) >= MILLION
    assert doc.text == text
    tags = doc.to_array("TAG").reshape(-1, words)
    # Away from the ends every sentence sees the same neighbours.
    assert (tags[1:-1] == tags[1]).all()
    assert doc[len(doc) - 1].text == "."
