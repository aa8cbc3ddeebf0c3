"""What is drawn of a Doc, as plain data, is the same in both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import spanwright
from spanwright.tokens import Doc, DocBin, Span

SENTENCES = [
    ("“ Well , well ” , said Mira - at last .", [2, 2, 2, 2, 2, 2, 6, 6, 7, 6, 9, 10, 6], [("Mira", "PERSON")]),
    ("The ships of Lagos left , he said .", [1, 4, 1, 2, 7, 7, 7, 7, 7], [("Lagos", "GPE"), ("The ships", "FLEET")]),
    ("( Oslo ) !", [1, 1, 1, 1], [("Oslo", "GPE")]),
    ("Go", [0], []),
]


def make_docs() -> list[Doc]:
    vocab = spanwright.blank("en").vocab
    docs = []
    for text, heads, ents in SENTENCES:
        words = text.split()
        n = len(words)
        doc = Doc(
            vocab,
            words=words,
            heads=heads[:n] + list(range(len(heads), n)),
            deps=[
                "ROOT" if i == head else f"d{i % 3}" for i, head in enumerate(heads[:n] + list(range(len(heads), n)))
            ],
            pos=["NOUN"] * n,
            tags=[f"T{i}" for i in range(n)],
            lemmas=[word.lower() for word in words],
        )
        doc.ents = [
            Span(doc, words.index(part.split()[0]), words.index(part.split()[-1]) + 1, label, kb_id="Q1")
            for part, label in ents
        ]
        docs.append(doc)
    return docs


def test_the_same_data(tmp_path: Path, run_peer: Callable[..., None]) -> None:
    DocBin(docs=make_docs(), attrs=["HEAD", "DEP", "POS", "TAG", "LEMMA", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID"]).to_disk(
        tmp_path / "docs.spacy"
    )
    run_peer("measure_pictures.py", "spacy", tmp_path / "docs.spacy", tmp_path / "theirs.json")
    script = str(Path(__file__).with_name("measure_pictures.py"))
    place = [str(tmp_path / "docs.spacy"), str(tmp_path / "ours.json")]
    subprocess.run([sys.executable, script, "spanwright", *place], check=True)
    ours, theirs = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("ours", "theirs"))
    assert len(ours) == len(theirs) == 5 * len(SENTENCES)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == other
