"""Train a trainable_lemmatizer for 20 steps from saved weights, with the library that is named.

    python lemmatizer_worker.py init TRAIN.spacy FOLDER            (the peer: a pipeline that it has initialized)
    python lemmatizer_worker.py steps LIBRARY FOLDER TRAIN.spacy OUT.npz [PACKAGES]

OUT has the losses, the weights after the steps, and the trees as they are saved. Runs in the environment of either
library. PACKAGES: a folder of installed packages to search after the environment's own.
"""

from __future__ import annotations

import importlib
import site
import sys
from pathlib import Path
from typing import Any

import numpy

STEPS, DOCS = 20, 2


def examples(library: str, nlp: Any, data: str) -> list[Any]:
    tokens = importlib.import_module(f"{library}.tokens")
    example = importlib.import_module(f"{library}.training").Example
    made = []
    for gold in list(tokens.DocBin().from_disk(data).get_docs(nlp.vocab))[: STEPS * DOCS]:
        spaces = [bool(token.whitespace_) for token in gold]
        made.append(example(tokens.Doc(nlp.vocab, words=[t.text for t in gold], spaces=spaces), gold))
    return made


def initialize(data: str, folder: str) -> None:
    import spacy

    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("trainable_lemmatizer")
    nlp.initialize(lambda: examples("spacy", nlp, data))
    nlp.to_disk(folder)


def steps(library: str, folder: str, data: str, out: str, packages: str = "") -> None:
    if packages:
        site.addsitedir(packages)
    nlp = importlib.import_module(library).load(folder)
    pipe = nlp.get_pipe("trainable_lemmatizer")
    # The peer forgets which tree is which label when it loads a component.
    pipe.tree2label = {tree: label for label, tree in enumerate(pipe.cfg["labels"])}
    optimizer = importlib.import_module("thinc.api").Adam(0.001)
    batches = examples(library, nlp, data)
    found = []
    for step in range(STEPS):
        losses: dict[str, float] = {}
        numpy.random.seed(step)
        nlp.update(batches[step * DOCS : (step + 1) * DOCS], drop=0.1, sgd=optimizer, losses=losses)
        found.append(losses["trainable_lemmatizer"])
    arrays = {
        f"weights/{index}.{node.name}.{name}": node.get_param(name)
        for index, node in enumerate(pipe.model.walk())
        for name in node.param_names
        if node.has_param(name)
    }
    trees = numpy.frombuffer(pipe.trees.to_bytes(), dtype="uint8")
    numpy.savez(Path(out), losses=numpy.array(found), trees=trees, labels=numpy.array(pipe.labels), **arrays)


if __name__ == "__main__":
    {"init": initialize, "steps": steps}[sys.argv[1]](*sys.argv[2:])
