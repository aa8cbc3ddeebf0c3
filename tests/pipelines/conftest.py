"""A small pipeline of every component there is, initialised on a few sentences of our own, and its saved folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright.tokens import Example

WIDTH = 16
CNN: dict[str, Any] = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": WIDTH,
    "depth": 1,
    "embed_size": 100,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
}
LISTENER: dict[str, Any] = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "*"}
TAGGERS = ("tagger", "morphologizer", "senter")
TRAINING: list[tuple[str, dict[str, Any]]] = [
    (
        "Mira reads old maps . She folds them .",
        {
            "tags": ["NAME", "VB", "JJ", "NN", ".", "PRP", "VB", "PRP", "."],
            "pos": ["PROPN", "VERB", "ADJ", "NOUN", "PUNCT", "PRON", "VERB", "PRON", "PUNCT"],
            "morphs": ["Number=Sing", "Tense=Pres", "", "Number=Plur", "", "Case=Nom", "Tense=Pres", "Case=Acc", ""],
            "sent_starts": [1, -1, -1, -1, -1, 1, -1, -1, -1],
        },
    ),
    (
        "The boats left at dawn .",
        {
            "tags": ["DT", "NN", "VB", "IN", "NN", "."],
            "pos": ["DET", "NOUN", "VERB", "ADP", "NOUN", "PUNCT"],
            "morphs": ["", "Number=Plur", "Tense=Past", "", "Number=Sing", ""],
            "sent_starts": [1, -1, -1, -1, -1, -1],
        },
    ),
]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pipeline; nobody writes into it."""
    from thinc.api import Adam, fix_random_seed

    fix_random_seed(0)
    nlp = spanwright.blank("en")
    nlp.add_pipe("tok2vec", config={"model": CNN})
    for name in TAGGERS:
        nlp.add_pipe(name, config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER}})

    def examples() -> list[Example]:
        return [Example.from_dict(nlp.make_doc(text), gold) for text, gold in TRAINING]

    nlp.initialize(examples)
    optimizer = Adam(0.02)
    for _ in range(30):
        nlp.update(examples(), sgd=optimizer)
    path = tmp_path_factory.mktemp("pipelines") / "whole"
    nlp.to_disk(path)
    return path


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of the folder, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "pipeline"))


@pytest.fixture
def nlp(whole: Path) -> Any:
    """The pipeline, loaded anew."""
    return spanwright.load(whole)


@pytest.fixture
def annotation() -> Callable[[Any], Any]:
    """What the components set on a Doc."""
    return lambda doc: [(token.text, token.tag_, token.pos_, str(token.morph), token.is_sent_start) for token in doc]


@pytest.fixture
def python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a script in a fresh interpreter."""

    def run(script: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", script, *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **environment}
        )

    return run
