"""The same files, corpora and batches as the peer's: converted Docs, augmented examples, batches."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from spanwright import blank, registry
from spanwright.tokens import DocBin
from spanwright.vocab import Vocab
from spanwright_training.convert import convert
from spanwright_training.readers.corpus import Corpus

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
ATTRIBUTES = ["ORTH", "SPACY", "TAG", "POS", "MORPH", "LEMMA", "HEAD", "DEP", "SENT_START", "ENT_IOB", "ENT_TYPE"]
TREE = """\
# text = Ann vient du port.
1\tAnn\tAnn\tPROPN\t_\tNumber=Sing\t2\tnsubj\t_\tB-PER
2\tvient\tvenir\tVERB\t_\tNumber=Sing|Tense=Pres\t0\troot\t_\tO
2.1\tnul\t_\t_\t_\t_\t_\t_\t_\t_
3-4\tdu\t_\t_\t_\t_\t_\t_\t_\t_
3\tde\tde\tADP\t_\t_\t5\tcase\t_\tO
4\tle\tle\tDET\t_\tDefinite=Def|Number=Sing\t5\tdet\t_\tO
5\tport\tport\tNOUN\t_\tNumber=Sing\t2\tobl\t_\tSpaceAfter=No|NE=U-LOC
6\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\tO

1\tOui\toui\tINTJ\tUH\t_\t0\troot\t_\tO
"""
IOB = (
    "Trams|NNS|O leave|VBP|O Port|NNP|B-LOC Sorrel|NNP|I-LOC .|.|O\n"
    "Ann|NNP|B-PER Lee|NNP|I-PER\nRome|NNP|I-GPE Ann|NNP|I-PER"
)
NER = "Trams NNS O\nleave VBP O\nSorrel NNP I-LOC\n\nAnn NNP I-PER\nBob NNP B-PER\n"
DOCUMENT = "-DOCSTART- -X- O O\n\n"
MARKED = f"{DOCUMENT}It PRP O\nrained VBD O\n\nRome NNP I-LOC\n\n{DOCUMENT}Port NNP B-LOC\nSorrel NNP I-LOC\n"
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("a.conllu", TREE, {"n_sents": 1, "converter": "conllu"}),
    ("b.conllu", TREE, {"n_sents": 10, "converter": "conllu", "merge_subtokens": True, "morphology": True}),
    *[(f"c{n}.iob", IOB, {"n_sents": n, "converter": "iob"}) for n in (1, 2, 10)],
    *[(f"d{n}.ner", NER, {"n_sents": n, "converter": "ner"}) for n in (1, 10)],
    ("e.ner", MARKED, {"n_sents": 1, "converter": "ner"}),
]
VARIANTS = {
    "single": [{"tags": ["PUNCT"], "variants": [".", "!", "..."]}],
    "paired": [{"tags": ["DET"], "variants": [["le", "la"], ["un", "une"]]}],
}
COMBINED = {
    "lower_level": 0.4, "orth_level": 0.5, "orth_variants": VARIANTS, "whitespace_level": 0.7,
    "whitespace_per_token": 0.2, "whitespace_variants": ["\n", "  "],
}  # fmt: skip
AUGMENTERS: list[tuple[str, str, dict[str, Any]]] = [
    ("lower", "lower_case", {"level": 0.5}),
    ("orth", "orth_variants", {"level": 0.7, "lower": 0.5, "orth_variants": VARIANTS}),
    ("combined", "combined_augmenter", COMBINED),
]


def files(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Files to convert, with settings: samples, and two treebanks where they are beside the repository."""
    found = []
    for name, text, settings in CASES:
        (folder / name).write_text(text, encoding="utf8")
        found.append((folder / name, settings))
    shared = [("ud-french-sequoia/fr_sequoia-ud-dev.conllu", True), ("ud-english-ewt/en_ewt-ud-dev.conllu", False)]
    for name, merge in shared:
        if (DATA / name).exists():
            found.append((DATA / name, {"n_sents": 10, "converter": "conllu", "merge_subtokens": merge}))
    return found


def batch_jobs() -> list[dict[str, Any]]:
    rng = random.Random(2)
    jobs = []
    for i in range(60):
        kind = ("words", "padded", "sequence")[i % 3]
        settings: dict[str, Any] = {}
        if kind != "sequence":
            settings["discard_oversize"] = rng.random() < 0.5
            settings.update({"tolerance": 0.2} if kind == "words" else {"buffer": rng.choice([1, 8, 256])})
        lengths = [rng.randrange(1, 120) for _ in range(rng.randrange(1, 50))]
        sizes = [rng.choice([3, 8, 20]) if kind == "sequence" else rng.choice([40, 100, 250]) for _ in range(200)]
        jobs.append({"kind": kind, "settings": settings, "lengths": lengths, "sizes": sizes})
    return jobs


@pytest.fixture(scope="module")
def peers(run_peer: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the peer made, with the jobs."""
    folder = tmp_path_factory.mktemp("peer")
    (folder / "out").mkdir()
    inputs = files(folder)
    corpus = str(folder / "out" / "b.spacy")
    corpora: list[dict[str, Any]] = [{"path": corpus, "seed": 0, "settings": {}}]
    corpora += [{"path": corpus, "seed": 0, "settings": s} for s in ({"gold_preproc": True}, {"max_length": 4})]
    corpora += [
        {"path": corpus, "seed": seed, "settings": {"augmenter": [name, arguments]}}
        for name, _, arguments in AUGMENTERS
        for seed in range(6)
    ]
    jobs = {
        "convert": [
            {"input": str(path), "folder": str(folder / "out"), "settings": settings} for path, settings in inputs
        ],
        "corpora": corpora,
        "batches": batch_jobs(),
    }
    (folder / "jobs.json").write_text(json.dumps(jobs), encoding="utf8")
    run_peer("training/peer_data.py", folder / "jobs.json", folder / "results.json")
    return {"jobs": jobs, "folder": folder, **json.loads((folder / "results.json").read_text(encoding="utf8"))}


def test_converted_docs_are_the_peers(peers: dict[str, Any], tmp_path: Path) -> None:
    vocab = Vocab()
    for job in peers["jobs"]["convert"]:
        (written,) = convert(job["input"], tmp_path, **job["settings"])
        theirs = Path(job["folder"]) / written.name
        ours, others = (
            [doc for doc in DocBin().from_disk(path).get_docs(vocab) if len(doc)] for path in (written, theirs)
        )
        assert len(ours) == len(others), job["input"]
        for one, other in zip(ours, others, strict=True):
            assert one.has_unknown_spaces == other.has_unknown_spaces
            for attribute in ATTRIBUTES:
                assert one.to_array([attribute]).tolist() == other.to_array([attribute]).tolist(), attribute


def test_examples_and_their_variants_are_the_peers(peers: dict[str, Any]) -> None:
    nlp = blank("xx")
    names = {short: f"spacy.{name}.v1" for short, name, _ in AUGMENTERS}
    for job, theirs in zip(peers["jobs"]["corpora"], peers["corpora"], strict=True):
        settings = dict(job["settings"])
        if "augmenter" in settings:
            name, arguments = settings.pop("augmenter")
            settings["augmenter"] = registry.augmenters.get(names[name])(**arguments)
        random.seed(job["seed"])
        with pytest.warns() if "max_length" in settings else nullcontext():
            rows = [example.to_dict() for example in Corpus(job["path"], **settings)(nlp)]
        for row in rows:
            row["doc_annotation"].pop("links")
        assert json.loads(json.dumps(rows)) == theirs, job


def test_batches_are_the_peers(peers: dict[str, Any]) -> None:
    for job, theirs in zip(peers["jobs"]["batches"], peers["batches"], strict=True):
        lengths = job["lengths"]
        batcher = registry.batchers.get(f"spacy.batch_by_{job['kind']}.v1")
        made = batcher(size=iter(job["sizes"]), get_length=lengths.__getitem__, **job["settings"])
        batches = [list(batch) for batch in made(range(len(lengths)))]
        if job["kind"] == "padded":
            batches = [[lengths[i] for i in batch] for batch in batches]
        assert batches == theirs, job
