"""Vectors that either library read from a file say the same in both."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spanwright_training.commands.init_vectors import init_vectors

SCRIPT = Path(__file__).with_name("measure_vectors.py")
WORDS = ["the", "sea", "ocean", "tea", "in", "like", "Port", "and", *(f"w{i}" for i in range(40))]


def rows(n: int, seed: int) -> list[str]:
    generator = random.Random(seed)
    return [" ".join(f"{generator.gauss(0, 1):.4f}" for _ in range(3)) for _ in range(n)]


BODY = "".join(f"{word} {row}\n" for word, row in zip(WORDS, rows(len(WORDS), 1), strict=True))
FILES = {
    "word2vec": (f"{len(WORDS)} 3\n{BODY}", {}),
    "glove, pruned": (BODY, {"prune": 20}),
    "truncated": (f"{len(WORDS)} 3\n{BODY}", {"truncate": 10}),
    "floret": ("20 3 2 3 2 7 < >\n" + "".join(f"{i} {row}\n" for i, row in enumerate(rows(20, 2))), {"mode": "floret"}),
}


def agree(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, (list, tuple)):
        return len(ours) == len(theirs) and all(map(agree, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(agree(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, float):
        return abs(ours - theirs) < 1e-4
    return bool(ours == theirs)


@pytest.mark.parametrize("kind", FILES)
def test_the_same_answers(kind: str, tmp_path: Path, peer: Path, run_peer: Callable[..., None]) -> None:
    text, options = FILES[kind]
    file = tmp_path / "vectors.txt"
    file.write_text(text, encoding="utf8")
    init_vectors("en", file, tmp_path / "ours", **options)
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    command = [str(peer), "-m", "spacy", "init", "vectors", "en", str(file), str(tmp_path / "theirs"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = {}
    for folder in ("ours", "theirs"):
        out = tmp_path / f"{folder}.json"
        run_peer(SCRIPT.name, "spacy", tmp_path / folder, out)
        answers["spacy", folder] = json.loads(out.read_text())
        subprocess.run([sys.executable, str(SCRIPT), "spanwright", str(tmp_path / folder), str(out)], check=True)
        answers["spanwright", folder] = json.loads(out.read_text())
    expected = answers["spacy", "theirs"]
    assert [key for key, found in answers.items() if not agree(found, expected)] == []
