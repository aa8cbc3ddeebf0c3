"""The tokenizer with the rules of published pipelines gives the peer's tokens, on real text and on odd mixes."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from spanwright.tokenizer import Tokenizer
from spanwright.tokens import Doc
from spanwright.vocab import Vocab

sys.path.insert(0, str(Path(__file__).parent))
from conftest import PIPELINES, texts_for

ODD = [
    *".,;:!?()[]{}<>\"'“”‘’«»…-–—~*&#@%$€£/\\_|^=+§°", "...", "--", "’s", "'S", "km", "km/h", "10", "3.14", "US$", "a",
    "I", "www.x.com/y?z", "http://a.b.org", "me@b.co.uk", "U.S.", "e.g.", "10a.m.", "o.O", "well-known", "A/C", "l'",
    "d’", "aujourd’hui", "-t-il", "celui-là", "Saint-Jean", "arc-en-ciel", "prud'hommes", "é", "İ", "ſ", "ß", "日本",
    "한", "ب", "हि", "🙂", "👍🏽", "\u0301", "\u200b", "\xad", " ", "  ", "\n", "\t", "\r\n", "\xa0", "\u3000",
    "\u2028", "\x85", "\x1f",
]  # fmt: skip


def mixes(tokenizer: Tokenizer, texts: list[str], count: int) -> list[str]:
    chance = random.Random(count)
    rules = list(tokenizer.rules)
    words = " ".join(texts[:50]).split()
    result = []
    for _ in range(count):
        parts = []
        for _ in range(chance.randint(1, 12)):
            parts.append(chance.choice(chance.choice([rules, ODD, ODD, words])))
            parts.append(" " if chance.random() < 0.4 else "")
        result.append("".join(parts))
    return result


@pytest.mark.parametrize("name", PIPELINES)
def test_tokens_are_the_same(name, published, run_peer, tmp_path):
    folder = published(name)
    vocab = Vocab().from_disk(folder / "vocab")
    tokenizer = Tokenizer(vocab).from_disk(folder / "tokenizer")
    real = texts_for(name)
    texts = real + mixes(tokenizer, real, 500 if name.endswith("_md") else 3000)
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf8")
    run_peer("peer_tokenize.py", folder, tmp_path / "texts.json", tmp_path / "out.json")
    expected = json.loads((tmp_path / "out.json").read_text(encoding="utf8"))
    for text, tokens in zip(texts, expected, strict=True):
        doc: Doc = tokenizer(text)
        assert [[token.text, token.norm_, token.idx] for token in doc] == tokens, text
        assert [word for _, word in tokenizer.explain(text)] == [word for word, _, _ in tokens if not word.isspace()]
