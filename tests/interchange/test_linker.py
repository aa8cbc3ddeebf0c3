"""Entity linkers and knowledge bases cross over, both ways: the same links, the same contents, the same bytes."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

import spanwright
from spanwright.cli import main
from spanwright.kb import InMemoryLookupKB
from spanwright.tokens import Doc, DocBin, Example, Span
from spanwright.vocab import Vocab

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared"
EMERSON, CONFIG = SHARED / "data" / "entity-linking-emerson", SHARED / "configs" / "entity-linker-emerson.cfg"
WIDTH = 16
WORDS = "we saw how it went and they said that many people in the town knew him well since then".split()
NAMES = {"Ada": [0, 1], "Bo": [1, 2, 3], "Cy": [4], "Di": []}
CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 24,
    "depth": 2,
    "embed_size": 300,
    "window_size": 1,
    "maxout_pieces": 3,
    "subword_features": True,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 24}
CASES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "shared": {"shared": True, "n_sents": 1},
    "context": {"incl_prior": False, "n_sents": 2},
    "priors": {"incl_context": False},
    # With more than one mention at a time the peer gives the candidates of discarded mentions to others.
    "discarding": {"labels_discard": ["B"]},
    "threshold": {"threshold": 0.45, "candidates_batch_size": 4},
    "legacy": {"network": "spacy-legacy.EntityLinker.v1", "n_sents": 1},
}


def make_docs(seed: int, count: int = 40) -> list[dict[str, Any]]:
    """Docs of several sentences; entities may cross their ends."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        words = [chance.choice([*WORDS, *NAMES, *NAMES, "Stranger"]) for _ in range(chance.randint(1, 40))]
        starts = [1 if i == 0 or chance.random() < 0.15 else -1 for i in range(len(words))]
        ents = []
        end = 0
        for i, word in enumerate(words):
            if word in NAMES and i >= end:
                # Mostly the name itself; else one or two words on, maybe over the end of a sentence.
                end = min(i + chance.choice([1, 1, 1, 2, 3]), len(words))
                ents.append((i, end, chance.choice("AB")))
        rows.append({"words": words, "starts": starts, "ents": ents})
    return rows


def to_docs(nlp: Any, rows: list[dict[str, Any]]) -> list[Doc]:
    docs = []
    for row in rows:
        doc = Doc(nlp.vocab, words=row["words"], sent_starts=row["starts"])
        doc.ents = [Span(doc, start, end, label=label) for start, end, label in row["ents"]]
        docs.append(doc)
    return docs


def fill(kb: InMemoryLookupKB) -> None:
    numbers = numpy.random.default_rng(0)
    for number in range(5):
        kb.add_entity(f"Q{number}", number, numbers.normal(size=WIDTH).tolist())
    for name, ids in NAMES.items():
        if ids:
            kb.add_alias(name, [f"Q{i}" for i in ids], [0.1 * (i + 1) for i in ids])
            for word in WORDS:
                kb.add_alias(f"{name} {word}", [f"Q{i}" for i in ids], [0.1 * (i + 1) for i in ids])


def build(case: str) -> Any:
    """A pipeline with a linker that has had a few steps of training."""
    settings = dict(CASES[case])
    shared = settings.pop("shared", False)
    nlp = spanwright.blank("xx")
    if shared:
        nlp.add_pipe("tok2vec", config={"model": CNN})
    network = settings.pop("network", "spacy.EntityLinker.v2")
    model = {"@architectures": network, "tok2vec": LISTENER if shared else CNN}
    linker: Any = nlp.add_pipe("entity_linker", config={"model": model, "entity_vector_length": WIDTH, **settings})
    fill(linker.kb)
    rows = make_docs(1)
    examples = []
    for predicted, gold, row in zip(to_docs(nlp, rows), to_docs(nlp, rows), rows, strict=True):
        gold.ents = [
            Span(gold, start, end, label=label, kb_id=f"Q{(NAMES[row['words'][start]] or [0])[0]}")
            for start, end, label in row["ents"]
        ]
        examples.append(Example(predicted, gold))
    nlp.initialize(lambda: examples)
    optimizer = nlp.create_optimizer()
    for _ in range(5):
        nlp.update(examples, sgd=optimizer)
    return nlp


def contents(kb: Any) -> dict[str, Any]:
    aliases = {
        alias: [[c.entity_, c.entity_freq, c.prior_prob] for c in kb.get_alias_candidates(alias)]
        for alias in kb.get_alias_strings()
    }
    return {"entities": {name: kb.get_vector(name) for name in kb.get_entity_strings()}, "aliases": aliases}


@pytest.mark.parametrize("case", CASES)
def test_a_linker_made_here_links_alike_there(case: str, run_peer: Callable[..., None], tmp_path: Path) -> None:
    nlp = build(case)
    nlp.to_disk(tmp_path / "ours")
    rows = make_docs(2)
    (tmp_path / "docs.json").write_text(json.dumps(rows))
    run_peer("peer_linker.py", "link", tmp_path / "ours", tmp_path / "docs.json", tmp_path / "out", tmp_path / "kb")
    theirs = json.loads((tmp_path / "out").read_text())
    linker: Any = nlp.get_pipe("entity_linker")
    links = [[ent.kb_id_ for ent in doc.ents] for doc in nlp.pipe(to_docs(nlp, rows), batch_size=7)]
    assert links == theirs.pop("links")
    assert len({name for doc in links for name in doc}) >= 4
    assert contents(linker.kb) == theirs
    ours = tmp_path / "ours" / "entity_linker" / "kb" / "contents"
    assert (tmp_path / "kb" / "contents").read_bytes() == ours.read_bytes()


@pytest.mark.parametrize("case", ["own vectors", "shared vectors", "legacy"])
def test_a_linker_made_there_links_alike_here(
    case: str, peer: Path, run_peer: Callable[..., None], tmp_path: Path
) -> None:
    docs = make_docs(3)
    ents = [{**row, "ents": [[*ent, "NIL"] for ent in row["ents"]]} for row in docs]
    aliases = [[name, [f"Q{i}" for i in ids], [0.1] * len(ids)] for name, ids in NAMES.items() if ids]
    data = {"rows": ents, "entities": [f"Q{i}" for i in range(5)], "aliases": aliases}
    for name, value in (("rows.json", data), ("docs.json", docs)):
        (tmp_path / name).write_text(json.dumps(value))
    worker = HERE / "training" / "linker_worker.py"
    command = [str(peer), str(worker), "init", case, str(tmp_path / "rows.json"), str(tmp_path / "theirs")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr[-3000:]
    run_peer("peer_linker.py", "link", tmp_path / "theirs", tmp_path / "docs.json", tmp_path / "out", tmp_path / "kb")
    theirs = json.loads((tmp_path / "out").read_text())
    nlp = spanwright.load(tmp_path / "theirs")
    linker: Any = nlp.get_pipe("entity_linker")
    assert [[ent.kb_id_ for ent in nlp(doc).ents] for doc in to_docs(nlp, docs)] == theirs.pop("links")
    mine = contents(linker.kb)
    assert mine["aliases"] == theirs["aliases"]
    assert mine["entities"] == theirs["entities"]
    nlp.to_disk(tmp_path / "again")
    kb = Path("entity_linker") / "kb" / "contents"
    assert (tmp_path / "again" / kb).read_bytes() == (tmp_path / "theirs" / kb).read_bytes()


@pytest.mark.skipif(not EMERSON.is_dir(), reason=f"no {EMERSON}")
def test_the_shared_config_trains_and_links_alike_there(run_peer: Callable[..., None], tmp_path: Path) -> None:
    nlp = spanwright.blank("en")
    kb, gold = InMemoryLookupKB(nlp.vocab, 64), DocBin()
    with (EMERSON / "entities.csv").open(encoding="utf8") as file:
        names = [(row[0], row[1]) for row in csv.reader(file)]
    kb.set_entities([entity for entity, _ in names], [10] * len(names), numpy.eye(len(names), 64))
    for entity, name in names:
        kb.add_alias(name, [entity], [1.0])
    kb.add_alias("Emerson", [entity for entity, _ in names], [1 / len(names)] * len(names))
    kb.to_disk(tmp_path / "kb")
    rows = []
    for line in (EMERSON / "emerson_train.jsonl").read_text(encoding="utf8").splitlines():
        task = json.loads(line)
        doc, span = nlp.make_doc(task["text"]), task["spans"][0]
        ent: Any = doc.char_span(span["start"], span["end"], label="PERSON", kb_id=task["accept"][0])
        doc.ents = [ent]
        for token in doc:
            token.is_sent_start = token.i == 0
        gold.add(doc)
        starts = [1] + [-1] * (len(doc) - 1)
        rows.append(
            {"words": [token.text for token in doc], "starts": starts, "ents": [(ent.start, ent.end, "PERSON")]}
        )
    gold.to_disk(tmp_path / "emerson.spacy")
    command = ["train", str(CONFIG), "--output", str(tmp_path / "output"), "--paths.kb", str(tmp_path / "kb")]
    command += [item for part in ("train", "dev") for item in (f"--paths.{part}", str(tmp_path / "emerson.spacy"))]
    assert main([*command, "--training.max_steps", "75"]) == 0
    best = tmp_path / "output" / "model-best"
    assert json.loads((best / "meta.json").read_text())["performance"]["nel_micro_f"] == 1.0
    (tmp_path / "docs.json").write_text(json.dumps(rows))
    run_peer("peer_linker.py", "link", best, tmp_path / "docs.json", tmp_path / "out", tmp_path / "again")
    theirs = json.loads((tmp_path / "out").read_text())["links"]
    assert theirs == [[ent.kb_id_ for ent in doc.ents] for doc in gold.get_docs(nlp.vocab)]


# What fills a knowledge base. The peer reads vectors beyond their end after the last two (explosion/spaCy#9137).
SPECS: list[dict[str, Any]] = [
    {"width": 3, "calls": []},
    {"width": 2, "calls": [["add_entity", "Q1", 2.5, [1, 2]], ["add_entity", "é", 0, [0.1, -1]]]},
    {"width": 2, "calls": [["set_entities", ["b", "a"], [1, 2], [[1, 2], [3, 4]]], ["add_alias", "x", ["a"], [0.3]]]},
    {
        "width": 1,
        "calls": [
            *(["add_entity", name, 1, [number]] for number, name in enumerate("abc")),
            ["add_alias", "x", ["c", "a"], [0.25, 0.5]],
            ["add_alias", "y", [], []],
            ["add_alias", "z", ["b"], [1]],
            ["append_alias", "x", "b", 0.1],
            ["append_alias", "y", "a", 0.7],
        ],
    },
    {"width": 2, "calls": [["set_entities", ["a", "b"], [1, 2], [[1, 2], [3, 4]]], ["add_entity", "c", 3, [5, 6]]]},
]


@pytest.mark.filterwarnings("ignore:The alias 'y' has no entities")
def test_files_of_knowledge_bases_are_the_peers(run_peer: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "specs.json").write_text(json.dumps(SPECS))
    run_peer("peer_linker.py", "fill", tmp_path / "specs.json", tmp_path)
    for number, spec in enumerate(SPECS):
        mine = InMemoryLookupKB(Vocab(), spec["width"])
        for method, *arguments in spec["calls"]:
            getattr(mine, method)(*arguments)
        mine.to_disk(tmp_path / "mine" / str(number))
        theirs = InMemoryLookupKB(Vocab(), 7)
        theirs.from_disk(tmp_path / str(number))
        assert contents(theirs) == contents(mine), spec
        theirs.from_bytes((tmp_path / f"{number}.bytes").read_bytes())
        assert contents(theirs) == contents(mine), spec
        if number != len(SPECS) - 1:
            files = (tmp_path / str(number) / "contents", tmp_path / "mine" / str(number) / "contents")
            assert files[0].read_bytes() == files[1].read_bytes(), spec
