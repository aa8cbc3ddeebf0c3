"""Annotate a text with a published pipeline: tokens, tags and sentence vectors, with time and words per second.

python examples/annotate.py PIPELINE TEXTFILE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import spanwright

# Their plugins come with later issues; what is left out is named here, so that nothing is left out in silence.
NOT_YET = ["parser", "ner", "attribute_ruler", "lemmatizer", "trainable_lemmatizer"]
REPEATS = 200


def table(doc: spanwright.tokens.Doc) -> str:
    """One line a token: its text, tag, and the first numbers of its vector."""
    rows = []
    for token, vector in zip(doc, doc.tensor, strict=True):
        numbers = " ".join(f"{number:6.2f}" for number in vector[:4])
        rows.append(f"  {token.text:<14} {token.tag_:<6} {numbers} ...")
    return "\n".join(rows)


def main(pipeline: str, path: str) -> None:
    """Load, annotate, print, and time the same work often enough to mean something."""
    start = time.perf_counter()
    nlp = spanwright.load(pipeline, exclude=NOT_YET)
    loaded = time.perf_counter() - start
    texts = Path(path).read_text(encoding="utf8").splitlines()
    docs = list(nlp.pipe(texts))
    for doc in docs[:3]:
        print(doc.text)
        print(table(doc))
    print(f"\n{pipeline} with {', '.join(nlp.pipe_names)}; loaded in {loaded:.2f} s")
    start = time.perf_counter()
    words = sum(len(doc) for doc in nlp.pipe(texts * REPEATS))
    seconds = time.perf_counter() - start
    print(f"{words:,} words in {seconds:.2f} s: {words / seconds:,.0f} words per second")


if __name__ == "__main__":
    main(*sys.argv[1:3])
