"""Published pipelines say here what they say in spaCy, and what we save of them spaCy reads."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import spanwright

sys.path.insert(0, str(Path(__file__).parent))
from agreement import SCORE_TOLERANCE, disagreements, read_peer
from conftest import KEEP, PIPELINES, texts_for


def load(folder: Path) -> spanwright.Language:
    """The components of this floor, those that are switched off at load included."""
    names = spanwright.util.load_config(folder / "config.cfg")["nlp"]["pipeline"]
    nlp = spanwright.load(folder, exclude=[name for name in names if name not in KEEP])
    for name in nlp.disabled:
        nlp.enable_pipe(name)
    return nlp


@pytest.fixture(scope="module", params=list(PIPELINES))
def answers(request, run_peer, published, tmp_path_factory):
    """A published pipeline, its texts, and what the peer says of them."""
    folder = published(request.param)
    texts = texts_for(request.param)
    out = tmp_path_factory.mktemp(request.param)
    source = out / "texts.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf8")
    run_peer("peer_annotate.py", folder, source, out / "peer")
    return folder, texts, source, read_peer(out / "peer")


def test_published_pipelines_give_the_peers_annotations(answers):
    folder, texts, _, (head, rows, tensor) = answers
    nlp = load(folder)
    assert nlp.pipe_names == head["pipe_names"]
    docs = list(nlp.pipe(texts))
    assert disagreements(docs, rows) == []
    ours = np.vstack([doc.tensor for doc in docs])
    assert ours.shape == tensor.shape
    assert float(np.abs(ours - tensor).max()) <= SCORE_TOLERANCE


def test_a_single_text_is_annotated_as_in_a_batch(answers):
    folder, texts, _, (_, rows, _) = answers
    nlp = load(folder)
    assert disagreements([nlp(text) for text in texts[:20]], rows[:20]) == []


def test_what_we_save_loads_in_the_peer_with_the_same_annotations(answers, run_peer, tmp_path):
    folder, texts, source, _ = answers
    nlp = load(folder)
    with warnings.catch_warnings(record=True):
        nlp.to_disk(tmp_path / "saved")
    run_peer("peer_annotate.py", tmp_path / "saved", source, tmp_path / "again")
    _, rows, tensor = read_peer(tmp_path / "again")
    docs = list(nlp.pipe(texts))
    assert disagreements(docs, rows) == []
    assert float(np.abs(np.vstack([doc.tensor for doc in docs]) - tensor).max()) <= SCORE_TOLERANCE


def test_bytes_and_pickle_round_trips_are_exact(answers):
    import pickle

    folder, texts, _, _ = answers
    nlp = load(folder)
    texts = texts[:20]
    before = [doc.to_bytes() for doc in nlp.pipe(texts)]
    other = load(folder).from_bytes(nlp.to_bytes())
    assert [doc.to_bytes() for doc in other.pipe(texts)] == before
    assert other.to_bytes() == nlp.to_bytes()
    copy = pickle.loads(pickle.dumps(nlp))
    assert [doc.to_bytes() for doc in copy.pipe(texts)] == before
