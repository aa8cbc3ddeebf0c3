"""Attribute rulers and lemmatizers of published pipelines say what they say in spaCy, and are saved as it reads."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import spanwright

sys.path.insert(0, str(Path(__file__).parent))
from agreement import TIE
from conftest import PIPELINES, texts_for

KEEP = ["tok2vec", "tagger", "morphologizer", "attribute_ruler", "lemmatizer", "trainable_lemmatizer"]
LAYERS = ("tag", "pos", "morph", "lemma", "dep")


def load(folder: Path) -> spanwright.Language:
    """The pipeline without parser, entities and what is switched off."""
    names = spanwright.util.load_config(folder / "config.cfg")["nlp"]["pipeline"]
    return spanwright.load(folder, exclude=[name for name in names if name not in KEEP])


def disagreements(docs: list[Any], rows: list[dict[str, Any]]) -> list[str]:
    """Every attribute that differs where no network of the peer was of two minds; empty means agreement."""
    assert len(docs) == len(rows)
    found = []
    for number, (doc, theirs) in enumerate(zip(docs, rows, strict=True)):
        assert [token.text_with_ws for token in doc] == theirs["tokens"]
        ours = {
            "tag": [token.tag_ for token in doc],
            "pos": [token.pos_ for token in doc],
            "morph": [str(token.morph) for token in doc],
            "lemma": [token.lemma_ for token in doc],
            "dep": [token.dep_ for token in doc],
        }
        for layer in LAYERS:
            for i, (mine, other) in enumerate(zip(ours[layer], theirs[layer], strict=True)):
                if mine != other and theirs["margin"][i] > TIE:
                    found.append(f"text {number}, token {i} {doc[i].text!r}: {layer} {mine!r} != {other!r}")
    return found


@pytest.fixture(scope="module", params=list(PIPELINES))
def answers(request, run_peer, published, tmp_path_factory):
    """A published pipeline, its texts, and what the peer says of them."""
    folder = published(request.param)
    texts = texts_for(request.param)
    out = tmp_path_factory.mktemp(request.param)
    source = out / "texts.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf8")

    def ask(pipeline: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        run_peer("peer_rules.py", pipeline, source, out / "peer.jsonl", ",".join(KEEP))
        head, *rows = map(json.loads, (out / "peer.jsonl").read_text(encoding="utf8").splitlines())
        return head, rows

    return folder, texts, ask, ask(folder)


def test_tags_parts_of_speech_features_and_lemmas_are_the_peers(answers):
    folder, texts, _, (head, rows) = answers
    nlp = load(folder)
    assert nlp.pipe_names == head["pipe_names"]
    docs = list(nlp.pipe(texts))
    assert any(token.lemma_ != token.text for token in docs[0])
    assert disagreements(docs, rows) == []
    assert disagreements([nlp(text) for text in texts[:30]], rows[:30]) == []


def test_what_we_save_loads_here_and_in_the_peer_with_the_same_annotations(answers, tmp_path):
    folder, texts, ask, (_, rows) = answers
    nlp = load(folder)
    with warnings.catch_warnings(record=True):
        nlp.to_disk(tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert disagreements(list(again.pipe(texts)), rows) == []
    _, theirs = ask(tmp_path / "saved")
    assert [{layer: row[layer] for layer in LAYERS} for row in theirs] == [
        {layer: row[layer] for layer in LAYERS} for row in rows
    ]


def test_files_of_rules_and_tables_are_the_peers_byte_for_byte(answers, tmp_path):
    folder, _, _, _ = answers
    load(folder).to_disk(tmp_path / "saved")
    for name in ("attribute_ruler/patterns", "trainable_lemmatizer/trees"):
        if (folder / name).exists():
            assert (tmp_path / "saved" / name).read_bytes() == (folder / name).read_bytes()


def test_bytes_and_pickle_round_trips_are_exact(answers):
    import pickle

    folder, texts, _, _ = answers
    nlp = load(folder)
    texts = texts[:20]
    before = [doc.to_bytes() for doc in nlp.pipe(texts)]
    other = load(folder).from_bytes(nlp.to_bytes())
    assert [doc.to_bytes() for doc in other.pipe(texts)] == before
    copy = pickle.loads(pickle.dumps(nlp))
    assert [doc.to_bytes() for doc in copy.pipe(texts)] == before
