"""Find the noun chunks of random trees, with the library that is named, and write them down.

    python chunks_worker.py LIBRARY OUT.json

Trees, relations and parts of speech are drawn by Python's `random`, the same in both libraries.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

TREES = 400
RELATIONS = {
    "en": "ROOT oprd nsubj dobj nsubjpass pcomp pobj dative appos attr conj cc punct det amod compound npadvmod",
    "de": "ROOT sb oa da nk mo ag root cj pd og app cd det",
    "es": "ROOT nsubj obj iobj obl nmod appos conj flat fixed compound case det amod nummod cc punct advmod",
    "fr": "ROOT nsubj nsubj:pass obj iobj obl:mod obl:arg nmod conj flat:name flat:foreign fixed case det amod",
}
POS = "NOUN NOUN NOUN PROPN PROPN PRON VERB ADJ DET ADP PUNCT CCONJ NUM SPACE ADV".split()


def main(library: str, out: str) -> None:
    module, tokens = (importlib.import_module(name) for name in (library, f"{library}.tokens"))
    numbers = random.Random(0)
    found: dict[str, list[Any]] = {}
    for lang, relations in RELATIONS.items():
        vocab = module.blank(lang).vocab
        found[lang] = []
        for _ in range(TREES):
            heads = forest(numbers, numbers.randint(1, 10))
            deps = ["ROOT" if head == i else numbers.choice(relations.split()[1:]) for i, head in enumerate(heads)]
            pos = [numbers.choice(POS) for _ in heads]
            doc = tokens.Doc(vocab, words=[f"w{i}" for i in range(len(heads))], heads=heads, deps=deps, pos=pos)
            found[lang].append([[chunk.start, chunk.end, chunk.root.i, chunk.label_] for chunk in doc.noun_chunks])
    Path(out).write_text(json.dumps(found))


def forest(numbers: random.Random, size: int) -> list[int]:
    """Heads of two random projective trees, side by side."""
    heads = list(range(size))

    def fill(start: int, stop: int, parent: int | None) -> None:
        if start >= stop:
            return
        root = numbers.randrange(start, stop)
        heads[root] = root if parent is None else parent
        for low, high in ((start, root), (root + 1, stop)):
            while low < high:
                end = numbers.randint(low + 1, high)
                fill(low, end, root)
                low = end

    middle = numbers.randint(1, size)
    fill(0, middle, None)
    fill(middle, size, None)
    return heads


if __name__ == "__main__":
    main(*sys.argv[1:3])
