"""Runs in the peer's environment: what an entity linker there links, and what its knowledge base holds.

    python peer_linker.py link PIPELINE DOCS.json OUT.json KB       (also saves the knowledge base again, to KB)
    python peer_linker.py fill SPECS.json FOLDER                    (knowledge bases, each filled as its spec says)

Each Doc is {"words", "starts", "ents"}, with an entity as (start, end, label).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import spacy
from spacy.kb import InMemoryLookupKB
from spacy.tokens import Doc, Span


def make_docs(nlp: Any, rows: list[dict[str, Any]]) -> list[Doc]:
    docs = []
    for row in rows:
        doc = Doc(nlp.vocab, words=row["words"], sent_starts=row["starts"])
        doc.ents = [Span(doc, start, end, label=label) for start, end, label in row["ents"]]
        docs.append(doc)
    return docs


def contents(kb: Any) -> dict[str, Any]:
    """Entities with their vectors, and aliases with their candidates."""
    aliases = {
        alias: [[c.entity_, c.entity_freq, c.prior_prob] for c in kb.get_alias_candidates(alias)]
        for alias in kb.get_alias_strings()
    }
    return {"entities": {name: list(kb.get_vector(name)) for name in kb.get_entity_strings()}, "aliases": aliases}


def link(folder: str, docs: str, out: str, again: str) -> None:
    nlp = spacy.load(folder)
    linker = nlp.get_pipe("entity_linker")
    rows = json.loads(Path(docs).read_text())
    links = [[ent.kb_id_ for ent in doc.ents] for doc in nlp.pipe(make_docs(nlp, rows))]
    from_bytes = InMemoryLookupKB(nlp.vocab, 1)
    from_bytes.from_bytes(linker.kb.to_bytes())
    assert contents(from_bytes) == contents(linker.kb)
    linker.kb.to_disk(again)
    Path(out).write_text(json.dumps({"links": links, **contents(linker.kb)}))


def fill(specs: str, folder: str) -> None:
    for number, spec in enumerate(json.loads(Path(specs).read_text())):
        kb = InMemoryLookupKB(spacy.blank("xx").vocab, spec["width"])
        apply(kb, spec)
        kb.to_disk(Path(folder) / str(number))
        (Path(folder) / f"{number}.bytes").write_bytes(kb.to_bytes())


def apply(kb: Any, spec: dict[str, Any]) -> None:
    for method, *arguments in spec["calls"]:
        getattr(kb, method)(*arguments)


if __name__ == "__main__":
    {"link": link, "fill": fill}[sys.argv[1]](*sys.argv[2:])
