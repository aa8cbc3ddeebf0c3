"""Annotate a text with a saved pipeline: a table of what it says of each token, with time and words per second.

python examples/annotate.py PIPELINE TEXTFILE [COMPONENT-TO-LEAVE-OUT ...]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import spanwright

REPEATS = 200


def table(doc: spanwright.tokens.Doc) -> str:
    """One line a token: text, lemma, tag, part of speech, dependency with its head, entity label."""
    rows = []
    for token in doc:
        arc = f"{token.dep_} < {token.head.text}" if token.dep_ else ""
        cells = (token.text, token.lemma_, token.tag_, token.pos_, arc, token.ent_type_)
        rows.append(
            "  " + " ".join(f"{cell:<{width}}" for cell, width in zip(cells, (14, 14, 6, 6, 22, 8), strict=True))
        )
    return "\n".join(row.rstrip() for row in rows)


def main(pipeline: str, path: str, *exclude: str) -> None:
    """Load, annotate, print, and time the same work often enough to mean something."""
    start = time.perf_counter()
    nlp = spanwright.load(pipeline, exclude=exclude)
    loaded = time.perf_counter() - start
    texts = Path(path).read_text(encoding="utf8").splitlines()
    for doc in list(nlp.pipe(texts))[:3]:
        print(doc.text)
        print(table(doc))
    print(f"\n{pipeline} with {', '.join(nlp.pipe_names)}; loaded in {loaded:.2f} s")
    start = time.perf_counter()
    words = sum(len(doc) for doc in nlp.pipe(texts * REPEATS))
    seconds = time.perf_counter() - start
    print(f"{words:,} words in {seconds:.2f} s: {words / seconds:,.0f} words per second")


if __name__ == "__main__":
    main(*sys.argv[1:])
