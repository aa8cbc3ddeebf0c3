"""Run by the peer's Python: LitBank's files of nested entities become a DocBin, as shared/configs/README.md says.

python peer_litbank.py FOLDER TARGET.spacy

A Doc a sentence; each column of IOB2 tags is one level, and all levels go to doc.spans["sc"].
"""

import sys
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin, Span


def sentences(path):
    rows = []
    for line in [*path.read_text(encoding="utf8").split("\n"), ""]:
        if line.strip():
            rows.append(line.rstrip("\n").split("\t"))
        elif rows:
            yield rows
            rows = []


def spans(rows):
    """(start, end, label) of all levels, each once."""
    found = {}
    for level in range(1, max(map(len, rows))):
        start = label = None
        for i, row in enumerate([*rows, []]):
            tag = row[level] if level < len(row) and row[level] else "O"
            if start is not None and tag != f"I-{label}":
                found[start, i, label] = True
                start = None
            if tag.startswith("B-") or (tag.startswith("I-") and start is None):
                start, label = i, tag[2:]
    return list(found)


def main(folder, target):
    vocab, docs = spacy.blank("en").vocab, []
    for path in sorted(folder.glob("*.tsv")):
        for rows in sentences(path):
            doc = Doc(vocab, words=[row[0] for row in rows])
            doc.spans["sc"] = [Span(doc, start, end, label=label) for start, end, label in spans(rows)]
            docs.append(doc)
    DocBin(docs=docs).to_disk(target)
    print(len(docs), sum(len(doc.spans["sc"]) for doc in docs))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
