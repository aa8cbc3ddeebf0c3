"""Published parsers and entity recognisers say here what they say in spaCy, and what we save of them spaCy reads."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import pytest

import spanwright

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from conftest import PIPELINES, texts_for
from parses import differences, observe, read

KEEP = {"tok2vec", "parser", "ner"}
EXCUSED = 0.02  # of the Docs may meet a tie and differ


def load(folder: Path) -> spanwright.Language:
    """Only what the two need: other components' plugins may be missing."""
    names = spanwright.util.load_config(folder / "config.cfg")["nlp"]["pipeline"]
    return spanwright.load(folder, exclude=[name for name in names if name not in KEEP])


@pytest.fixture(scope="module", params=list(PIPELINES))
def answers(request, run_peer, published, tmp_path_factory):
    """A published pipeline, its texts, and what the peer says of them."""
    folder = published(request.param)
    texts = texts_for(request.param)
    out = tmp_path_factory.mktemp(request.param)
    source = out / "texts.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf8")
    run_peer("parser/peer_parse.py", folder, source, out / "peer.jsonl")
    return folder, texts, source, read(out / "peer.jsonl")


def agree(docs, rows) -> None:
    found, excused = differences(docs, rows)
    assert found == []
    assert excused <= max(2, EXCUSED * len(rows)), f"{excused} of {len(rows)} texts differ after a tie"


@pytest.mark.parametrize("batch_size", [1, 7, 256])
def test_heads_labels_sentences_and_entities_are_the_peers(answers, batch_size):
    folder, texts, _, (head, rows) = answers
    nlp = load(folder)
    assert nlp.pipe_names == head["pipe_names"]
    agree(list(nlp.pipe(texts, batch_size=batch_size)), rows)


def test_a_single_text_is_parsed_as_in_a_batch(answers):
    folder, texts, _, (_, rows) = answers
    nlp = load(folder)
    agree([nlp(text) for text in texts[:200]], rows[:200])


def test_the_parser_alone_says_the_same(answers):
    folder, texts, _, (_, rows) = answers
    nlp = load(folder)
    if "ner" in nlp.pipe_names:
        nlp.disable_pipe("ner")
    docs = list(nlp.pipe(texts[:100]))
    rows = [{**row, "ents": [], "ent_iob": [0] * len(row["tokens"])} for row in rows[:100]]
    agree(docs, rows)


def test_what_we_save_parses_alike_in_the_peer(answers, run_peer, tmp_path):
    folder, texts, source, _ = answers
    nlp = load(folder)
    with warnings.catch_warnings(record=True):
        nlp.to_disk(tmp_path / "saved")
    run_peer("parser/peer_parse.py", tmp_path / "saved", source, tmp_path / "again.jsonl")
    agree(list(nlp.pipe(texts)), read(tmp_path / "again.jsonl")[1])


def test_moves_and_models_are_saved_byte_for_byte(answers, tmp_path):
    folder, _, _, _ = answers
    nlp = load(folder)
    with warnings.catch_warnings(record=True):
        nlp.to_disk(tmp_path / "saved")
    for name in nlp.pipe_names:
        for file in ("moves", "model"):
            before = folder / name / file
            if before.exists():
                assert (tmp_path / "saved" / name / file).read_bytes() == before.read_bytes(), f"{name}/{file}"


def test_bytes_round_trips_are_exact(answers):
    folder, texts, _, _ = answers
    nlp = load(folder)
    before = [observe(doc) for doc in nlp.pipe(texts[:20])]
    other = load(folder).from_bytes(nlp.to_bytes())
    assert [observe(doc) for doc in other.pipe(texts[:20])] == before
