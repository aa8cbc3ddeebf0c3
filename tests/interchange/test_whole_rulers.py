"""Pipelines of rules that either library built and saved say the same in both."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from whole_rulers_worker import PIPELINES

WORKER = Path(__file__).with_name("whole_rulers_worker.py")


@pytest.fixture(scope="module")
def answers(peer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """(who says it, whose folder) -> what is said."""
    place = tmp_path_factory.mktemp("rulers")
    pythons = {"spanwright": sys.executable, "spacy": str(peer)}

    def run(library: str, *arguments: object) -> None:
        command = [pythons[library], str(WORKER), library, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]

    for builder in pythons:
        run(builder, "build", place / builder)
    said = {}
    for library in pythons:
        for builder in pythons:
            out = place / f"{library}-{builder}.json"
            run(library, "annotate", place / builder, out)
            said[library, builder] = json.loads(out.read_text(encoding="utf8"))
    return said


@pytest.mark.parametrize("name", PIPELINES)
def test_rules_say_the_same_in_both(name: str, answers: dict[tuple[str, str], Any]) -> None:
    expected = answers["spacy", "spacy"][name]
    assert any(
        row["ents"] or row["spans"] or any(row["lemma"] + row["pos"]) or name == "split" for row in expected["texts"]
    )
    for who, found in answers.items():
        assert found[name] == expected, who
