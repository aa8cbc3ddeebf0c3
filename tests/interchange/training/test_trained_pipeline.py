"""A pipeline that was trained here works in the peer: the same annotations, and its training goes on from it."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from spanwright import load
from spanwright.config import load_config
from spanwright.tokens import Doc, DocBin

HERE = Path(__file__).parent
EWT = HERE.parents[3] / "shared" / "data" / "ud-english-ewt" / "en_ewt-ud-dev.conllu"
BATCHER = {"@batchers": "spacy.batch_by_words.v1", "size": 600, "tolerance": 0.2, "discard_oversize": False}


def test_the_peer_loads_it_and_trains_on(peer: Path, tmp_path: Path) -> None:
    if not EWT.is_file():
        pytest.skip(f"no {EWT}")
    from spanwright_training.initialize import init_nlp
    from spanwright_training.loop import train

    convert = [str(peer), "-m", "spacy", "convert", "-l", "en", "-n", "10", str(EWT), str(tmp_path)]
    subprocess.run(convert, check=True, capture_output=True)
    data = str(tmp_path / EWT.with_suffix(".spacy").name)
    config: Any = load_config(HERE / "parity.cfg", {"paths.train": data, "paths.dev": data})
    config["training"].update(max_steps=40, eval_frequency=20, batcher=BATCHER)
    train(init_nlp(config), tmp_path / "out", stdout=io.StringIO())
    best = tmp_path / "out" / "model-best"
    nlp = load(best)
    assert nlp.meta["performance"]["tag_acc"] > 0.5

    further = config.copy()
    further["components"] = {name: {"source": str(best)} for name in nlp.component_names}
    further["training"]["max_steps"] = 5
    for corpus in ("train", "dev"):
        block = {"@readers": "spacy.Corpus.v1", "path": data, "gold_preproc": False, "max_length": 0, "limit": 0,
                 "augmenter": None}  # fmt: skip
        further.setdefault("corpora", {})[corpus] = block
    further.to_disk(tmp_path / "further.cfg")
    arguments = [best, data, tmp_path / "theirs.json", tmp_path / "further.cfg", tmp_path / "further"]
    command = [str(peer), str(HERE / "peer_trained.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["tag_acc"] > nlp.meta["performance"]["tag_acc"] - 0.05
    assert found["moved"] == nlp.pipe_names
    assert found["losses"][-1] < 0.9 * found["losses"][0]

    docs = list(DocBin().from_disk(data).get_docs(nlp.vocab))[:40]
    theirs = json.loads((tmp_path / "theirs.json").read_text())
    ours = nlp.pipe(Doc(nlp.vocab, words=[token.text for token in doc]) for doc in docs)
    pairs = [
        (mine, [token.tag_, token.pos_, str(token.morph), token.is_sent_start])
        for doc, their in zip(ours, theirs, strict=True)
        for token, mine in zip(doc, their, strict=True)
    ]
    # Decisions may differ where two scores are next to equal.
    assert sum(a != b for a, b in pairs) <= len(pairs) / 2000
    assert len(pairs) > 3000
