"""Annotate Docs that say something already, with the library that is named, and write down what they say then.

    python presets_worker.py LIBRARY PIPELINE TEXTS.jsonl OUT.json

Runs in the environment of either library, so it uses only what both have. Sentence starts and entities, blocked and
missing tokens are drawn by Python's `random`, the same in both. Lists by kind, a row a text.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

KINDS = {
    "starts": ("parser", "ner"),
    "entities": ("parser", "ner"),
    "both": ("parser", "ner"),
    "entities alone": ("ner",),
}
LABELS = ["PERSON", "GPE", "ORG", "SHIP"]  # the last is in no pipeline


def main(library: str, pipeline: str, texts_path: str, out: str) -> None:
    names = json.loads((Path(pipeline) / "meta.json").read_text(encoding="utf8"))["pipeline"]
    keep = {"tok2vec", "parser", "ner"}
    nlp = importlib.import_module(library).load(pipeline, exclude=[name for name in names if name not in keep])
    tokens = importlib.import_module(f"{library}.tokens")
    texts = [json.loads(line)["text"] for line in Path(texts_path).read_text(encoding="utf8").splitlines()]
    numbers = random.Random(0)
    found = {}
    for kind, components in KINDS.items():
        docs = [nlp.make_doc(text.replace(". ", ".  \n ")[:400]) for text in texts]
        for doc in docs:
            if kind in ("starts", "both"):
                set_starts(doc, numbers)
            if kind != "starts":
                set_entities(doc, numbers, tokens.Span)
        for name, pipe in nlp.pipeline:
            if name in ("tok2vec", *components):
                docs = list(pipe.pipe(docs, batch_size=16))
        found[kind] = [observe(doc) for doc in docs]
    Path(out).write_text(json.dumps(found))


def set_starts(doc: Any, numbers: random.Random) -> None:
    for token in doc:
        drawn = numbers.random()
        if drawn < 0.3:
            token.is_sent_start = drawn < 0.08


def set_entities(doc: Any, numbers: random.Random, span: Any) -> None:
    parts: dict[str, list[Any]] = {"entities": [], "blocked": [], "missing": []}
    at = 0
    while at < len(doc):
        drawn, end = numbers.random(), min(len(doc), at + numbers.randint(1, 4))
        if drawn < 0.2:
            part = "entities" if drawn < 0.08 else "blocked" if drawn < 0.14 else "missing"
            parts[part].append(span(doc, at, end, label=numbers.choice(LABELS) if part == "entities" else ""))
            at = end
        else:
            at += 1
    doc.set_ents(**parts, default=numbers.choice(["outside", "missing", "unmodified"]))


def observe(doc: Any) -> dict[str, Any]:
    return {
        "tokens": [token.text for token in doc],
        "heads": [token.head.i for token in doc],
        "deps": [token.dep_ for token in doc],
        "sent_start": [token.is_sent_start for token in doc],
        "ents": [[ent.start, ent.end, ent.label_] for ent in doc.ents],
        "ent_iob": [token.ent_iob for token in doc],
    }


if __name__ == "__main__":
    main(*sys.argv[1:5])
