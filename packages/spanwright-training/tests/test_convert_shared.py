"""The shared corpora come out with the counts that their README gives. Skipped where they are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spanwright_training.convert import (
    conll_ner_to_docs,
    conllu_to_docs,
    coref_to_docs,
    jsonl_to_docs,
    nested_to_docs,
)
from spanwright_training.readers.text import read_text

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared corpora are not beside the repository")


def read(converter: Any, pattern: str, **settings: Any) -> list[Any]:
    files = sorted(DATA.glob(pattern))
    return [doc for file in files for doc in converter(read_text(file), source=str(file), **settings)]


def tokens(docs: list[Any]) -> int:
    return sum(map(len, docs))


@pytest.mark.parametrize(
    "pattern, merge, counts",
    [
        ("ud-english-ewt/*-dev.conllu", False, (201, 25_147, 2_001)),
        ("ud-french-sequoia/*-train.conllu", True, (224, 49_142, 2_231)),
        ("ud-french-sequoia/*-dev.conllu", True, (42, 9_717, 412)),
        ("ud-latin-udante/*-dev.conllu", False, (38, 11_616, 376)),
        ("ud-hungarian-szeged/*-dev.conllu", False, (45, 11_418, 441)),
    ],
)
def test_treebanks(pattern: str, merge: bool, counts: tuple[int, int, int]) -> None:
    docs = read(conllu_to_docs, pattern, merge_subtokens=merge)
    # Sentences with several roots count as several, so there may be more than the file has.
    assert (len(docs), tokens(docs)) == counts[:2]
    assert sum(len(list(doc.sents)) for doc in docs) >= counts[2]


@pytest.mark.parametrize(
    "pattern, counts",
    [
        ("ner-wnut17/wnut17train.conll", (3_394, 62_730, 1_975)),
        ("ner-wnut17/emerging.dev.conll", (1_009, 15_733, 836)),
        ("ner-wikigold/wikigold_train.conll", (101, 24_459, 2_319)),
        ("ner-wikigold/wikigold_dev.conll", (22, 7_275, 680)),
    ],
)
def test_entities(pattern: str, counts: tuple[int, int, int]) -> None:
    docs = read(conll_ner_to_docs, pattern, n_sents=1)
    assert (len(docs), tokens(docs), sum(len(doc.ents) for doc in docs)) == counts


def test_nested_entities() -> None:
    docs = read(nested_to_docs, "spancat-litbank/dev/*")
    assert (len(docs), sum(len(doc.spans["sc"]) for doc in docs)) == (903, 1_407)


def test_coreference() -> None:
    docs = read(coref_to_docs, "coref-litbank/dev/*.conll")
    assert (len(docs), tokens(docs)) == (10, 20_889)
    assert sum(len(group) for doc in docs for group in doc.spans.values()) == 2_222


@pytest.mark.parametrize(
    "pattern, docs, ents",
    [
        ("ner-fashion-brands/*dev.jsonl", 249, 113),
        ("textcat-docs-issues/*dev*.jsonl", 248, 0),
        ("entity-linking-emerson/*.jsonl", 21, 21),
    ],
)
def test_texts(pattern: str, docs: int, ents: int) -> None:
    found = read(jsonl_to_docs, pattern, lang="en", one_sentence=True, ner_map={"ORG": "PERSON"})
    assert (len(found), sum(len(doc.ents) for doc in found)) == (docs, ents)
    assert all(len(list(doc.sents)) == 1 for doc in found)
