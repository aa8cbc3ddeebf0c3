"""The shipped index of what to install is in step with the workspace, and reading it is cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spanwright.registry._hints import install_index, is_older, nearest

ROOT = Path(__file__).parents[3]


def test_the_index_is_in_step_with_the_workspace() -> None:
    tool = ROOT / "tools" / "make_install_index.py"
    if not tool.exists():
        pytest.skip("needs the workspace: the index is generated from its pyproject files")
    if sys.version_info < (3, 11):
        pytest.importorskip("tomli")
    done = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_row_names_a_distribution() -> None:
    rows = [row for names in install_index().values() for row in names.values()]
    assert rows
    assert all(row["distribution"].startswith("spanwright-") for row in rows)
    assert all(("since" in row) != ("planned" in row) for row in rows)
    assert install_index()["scorers"]["spacy.tagger_scorer.v1"]["distribution"] == "spanwright-core"


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        ("0.9", "0.10", True),
        ("1.0", "1.0.0", False),
        ("1.0.1", "1.0", False),
        ("1.2rc1", "1.3", True),
        ("2", "10", True),
    ],
)
def test_versions_are_compared_by_number(one: str, other: str, older: bool) -> None:
    assert is_older(one, other) is older


def test_the_stem_decides_what_is_near() -> None:
    choices = ["spacy.Tagger.v2", "spacy-legacy.Tagger.v1", "spacy.Tok2Vec.v2", "spacy.SpanFinder.v1"]
    assert nearest("spacy.Taggr.v2", choices)[0] == "spacy.Tagger.v2"
    assert nearest("spacy.zzzzzz.v2", choices) == []
