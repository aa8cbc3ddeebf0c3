"""Published parsers and entity recognisers say here what they say in spaCy, and what we save of them spaCy reads.

The peer annotates all texts once. Ours does so in batches of 256, which must agree; in other batches, and one by one, a
part of the texts must agree. (Run over all of them, they did, in the five pipelines.)
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spanwright

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from conftest import PIPELINES, texts_for
from parses import differences, differing, observe, read

KEEP = {"tok2vec", "parser", "ner"}
EXCUSED = 0.02  # of the Docs may meet a tie and differ
PART = 100


def load(folder: Path) -> spanwright.Language:
    """Only what the two need: other components' plugins may be missing."""
    names = spanwright.util.load_config(folder / "config.cfg")["nlp"]["pipeline"]
    return spanwright.load(folder, exclude=[name for name in names if name not in KEEP])


class Answers:
    """A published pipeline, its texts, and what the peer says of them."""

    def __init__(self, folder: Path, texts: list[str], out: Path, run_peer: Callable[..., None]) -> None:
        self.folder, self.texts, self.out, self.run_peer = folder, texts, out, run_peer
        self.head, self.rows = self.ask(folder, texts)

    def ask(self, folder: Path, texts: list[str], *options: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What the peer says of texts with a pipeline folder."""
        source = self.out / "texts.jsonl"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf8")
        self.run_peer("parser/peer_parse.py", folder, source, self.out / "peer.jsonl", *options)
        return read(self.out / "peer.jsonl")

    def agree(self, docs: list[Any], count: int | None = None, rows: list[dict[str, Any]] | None = None) -> None:
        """Compare Docs of the first texts with the peer's rows, by the rule of agreement."""
        rows = self.rows[:count] if rows is None else rows
        other = differing(docs, rows)
        if other:
            unsure = self.ask(self.folder, [self.texts[number] for number in other], "--margins")[1]
            assert differences([docs[number] for number in other], unsure) == []
        assert len(other) <= max(2, EXCUSED * len(rows)), f"{len(other)} of {len(rows)} texts differ after a tie"


@pytest.fixture(scope="module", params=list(PIPELINES))
def answers(
    request: pytest.FixtureRequest, run_peer: Any, published: Any, tmp_path_factory: pytest.TempPathFactory
) -> Answers:
    return Answers(published(request.param), texts_for(request.param), tmp_path_factory.mktemp("parses"), run_peer)


def test_heads_labels_sentences_and_entities_are_the_peers(answers: Answers) -> None:
    nlp = load(answers.folder)
    assert nlp.pipe_names == answers.head["pipe_names"]
    answers.agree(list(nlp.pipe(answers.texts, batch_size=256)))


@pytest.mark.parametrize("batch_size", [1, 7])
def test_batches_do_not_matter(answers: Answers, batch_size: int) -> None:
    answers.agree(list(load(answers.folder).pipe(answers.texts[:PART], batch_size=batch_size)), PART)


def test_a_single_text_is_parsed_as_in_a_batch(answers: Answers) -> None:
    nlp = load(answers.folder)
    answers.agree([nlp(text) for text in answers.texts[:PART]], PART)


def test_the_parser_alone_says_the_same(answers: Answers) -> None:
    nlp = load(answers.folder)
    nlp.disable_pipe("ner")
    rows = [{**row, "ents": [], "ent_iob": [0] * len(row["tokens"])} for row in answers.rows[:PART]]
    answers.agree(list(nlp.pipe(answers.texts[:PART])), rows=rows)


def test_what_we_save_parses_alike_in_the_peer(answers: Answers, tmp_path: Path) -> None:
    nlp = load(answers.folder)
    with warnings.catch_warnings(record=True):
        nlp.to_disk(tmp_path / "saved")
    for name in nlp.pipe_names:
        for file in ("moves", "model"):
            before = answers.folder / name / file
            if before.exists():
                assert (tmp_path / "saved" / name / file).read_bytes() == before.read_bytes(), f"{name}/{file}"
    rows = answers.ask(tmp_path / "saved", answers.texts[:PART])[1]
    answers.agree(list(nlp.pipe(answers.texts[:PART])), rows=rows)


def test_bytes_round_trips_are_exact(answers: Answers) -> None:
    nlp = load(answers.folder)
    texts = answers.texts[:20]
    before = [observe(doc) for doc in nlp.pipe(texts)]
    other = load(answers.folder).from_bytes(nlp.to_bytes())
    assert [observe(doc) for doc in other.pipe(texts)] == before
