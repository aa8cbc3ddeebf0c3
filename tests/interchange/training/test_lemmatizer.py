"""A trainable_lemmatizer learns here what it learns in the peer: labels, trees, losses and weights of 20 steps.

With the peer's thinc and without our kernels, so that all sums are made in the same order (see test_parity.py).
"""

from __future__ import annotations

import json
import sys
import sysconfig
from functools import partial
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from parity import arrays, need_same_version, run

EWT = HERE.parents[3] / "shared" / "data" / "ud-english-ewt" / "en_ewt-ud-dev.conllu"
LOSSES, WEIGHTS = 1e-3, 1e-4


def test_twenty_steps_agree(peer: Path, tmp_path: Path) -> None:
    if not EWT.is_file():
        pytest.skip(f"no {EWT}")
    need_same_version(peer)
    run(peer, "-m", "spacy", "convert", "-l", "en", "-n", "10", EWT, tmp_path)
    data = tmp_path / EWT.with_suffix(".spacy").name
    worker = partial(run, peer, HERE / "lemmatizer_worker.py", kernels="off")
    worker("init", data, tmp_path / "initialized")
    worker("steps", "spacy", tmp_path / "initialized", data, tmp_path / "theirs.npz")
    packages = sysconfig.get_paths()["purelib"]
    worker("steps", "spanwright", tmp_path / "initialized", data, tmp_path / "ours.npz", packages)
    ours, theirs = arrays(tmp_path / "ours.npz"), arrays(tmp_path / "theirs.npz")
    assert theirs["losses"][-1] < 0.9 * theirs["losses"][0]
    assert ours["labels"].tolist() == theirs["labels"].tolist()
    assert len(ours["labels"]) > 20
    assert ours["trees"].tobytes() == theirs["trees"].tobytes()
    assert (abs(ours["losses"] - theirs["losses"]) <= LOSSES * abs(theirs["losses"])).all()
    weights = [key for key in theirs if key.startswith("weights/")]
    assert len(weights) > 10
    assert max(float(abs(ours[key] - theirs[key]).max()) for key in weights if theirs[key].size) <= WEIGHTS


def test_initializing_finds_the_peers_trees_and_labels(peer: Path, tmp_path: Path) -> None:
    """Ours from the same examples: the same labels and trees, in the same order."""
    import spanwright
    from spanwright.pipeline.edit_tree_lemmatizer import EditTreeLemmatizer

    if not EWT.is_file():
        pytest.skip(f"no {EWT}")
    run(peer, "-m", "spacy", "convert", "-l", "en", "-n", "10", EWT, tmp_path)
    data = tmp_path / EWT.with_suffix(".spacy").name
    run(peer, HERE / "lemmatizer_worker.py", "init", data, tmp_path / "initialized")
    sys.path.insert(0, str(HERE))
    from lemmatizer_worker import examples

    nlp = spanwright.blank("en")
    pipe = nlp.add_pipe("trainable_lemmatizer")
    assert isinstance(pipe, EditTreeLemmatizer)
    nlp.initialize(lambda: examples("spanwright", nlp, str(data)))
    pipe.to_disk(tmp_path / "ours", exclude=["vocab"])
    theirs = tmp_path / "initialized" / "trainable_lemmatizer"
    assert (tmp_path / "ours" / "trees").read_bytes() == (theirs / "trees").read_bytes()
    assert json.loads((theirs / "cfg").read_text()) == pipe.cfg
