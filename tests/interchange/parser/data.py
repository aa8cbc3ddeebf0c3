"""The corpora of the comparisons as .spacy files, made by the peer."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
TREEBANKS = {
    "ewt": ("ud-english-ewt", "en_ewt-ud", "en", []),
    "sequoia": ("ud-french-sequoia", "fr_sequoia-ud", "fr", ["-T"]),
    "udante": ("ud-latin-udante", "la_udante-ud", "la", []),
}
SCRIPT = Path(__file__).with_name("peer_convert.py")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run(python: str | Path, *arguments: str | Path) -> str:
    """Run a Python, with one thread; what it prints."""
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": ""}
    done = subprocess.run(
        [str(python), *map(str, arguments)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def exists(corpus: str) -> bool:
    folder = TREEBANKS[corpus][0] if corpus in TREEBANKS else FOLDERS[corpus]
    return (DATA / folder).is_dir()


FOLDERS = {"wikigold": "ner-wikigold", "wnut17": "ner-wnut17", "fashion": "ner-fashion-brands"}


def converted(peer: Path, corpus: str, part: str, out: Path) -> Path:
    """The path of a corpus's `train` or `dev` part, converted as shared/configs/README.md says."""
    target = out / f"{corpus}_{part}.spacy"
    if target.exists():
        return target
    if corpus in TREEBANKS:
        folder, stem, lang, options = TREEBANKS[corpus]
        source = DATA / folder / f"{stem}-{part}.conllu"
        run(peer, "-m", "spacy", "convert", "-l", lang, "-n", "10", *options, source, out)
        (out / source.with_suffix(".spacy").name).rename(target)
    else:
        source = {
            "wikigold": DATA / "ner-wikigold" / f"wikigold_{part}.conll",
            "wnut17": DATA / "ner-wnut17" / ("wnut17train.conll" if part == "train" else "emerging.dev.conll"),
            "fashion": DATA / "ner-fashion-brands" / f"fashion_brands_{part}.jsonl",
        }[corpus]
        run(peer, SCRIPT, source, target)
    return target
