"""Take 20 training steps from saved weights, with the library that is named, and write down losses and weights.

    python parity_worker.py init CONFIG TRAIN.spacy FOLDER BIASED (the peer: a pipeline that it has initialized)
    python parity_worker.py steps LIBRARY FOLDER TRAIN.spacy VARIANTS.json OUT.npz [PACKAGES]

Runs in the environment of either library, so it uses only what both have. PACKAGES: a folder of installed packages to
search after the environment's own, so that our code runs with the peer's thinc and BLIS. BIASED: a folder for the same
pipeline with random biases, see test_parity.py.
"""

from __future__ import annotations

import importlib
import json
import site
import sys
from pathlib import Path
from typing import Any

import numpy

STEPS, DOCS = 20, 2  # steps, and Docs of ten sentences in each


def initialize(config_path: str, data: str, folder: str, biased: str) -> None:
    import spacy
    from spacy.training.initialize import init_nlp

    overrides = {"paths.train": data, "paths.dev": data}
    nlp = init_nlp(spacy.util.load_config(config_path, overrides=overrides))
    nlp.to_disk(folder)
    random = numpy.random.default_rng(0)
    for node in nlp.get_pipe("tok2vec").model.walk():
        if node.name == "maxout":
            node.set_param("b", random.normal(scale=0.1, size=node.get_param("b").shape).astype("float32"))
    nlp.to_disk(biased)


def steps(library: str, folder: str, data: str, variants_path: str, out: str, packages: str = "") -> None:
    if packages:
        site.addsitedir(packages)
    arrays: dict[str, Any] = {}
    variants = json.loads(Path(variants_path).read_text())
    for name, variant in variants.items():
        nlp, losses, averages = one(library, folder, data, variant)
        arrays[f"{name}/losses"] = numpy.array(losses)
        for component, pipe in nlp.pipeline:
            for index, node in enumerate(pipe.model.walk()):
                for parameter in node.param_names:
                    if node.has_param(parameter):
                        key = f"{component}.{index}.{node.name}.{parameter}"
                        arrays[f"{name}/weights/{key}"] = node.get_param(parameter).copy()
                        if averages and (node.id, parameter) in averages:
                            arrays[f"{name}/averages/{key}"] = averages[node.id, parameter].copy()
    numpy.savez(out, **arrays)


def one(library: str, folder: str, data: str, variant: dict[str, Any]) -> Any:
    module = importlib.import_module(library)
    tokens = importlib.import_module(f"{library}.tokens")
    example = importlib.import_module(f"{library}.training").Example
    nlp = module.load(folder)
    resolved = importlib.import_module(f"{library}.util").registry.resolve({"optimizer": variant["optimizer"]})
    optimizer, parts = resolved["optimizer"], variant.get("accumulate", 1)
    docs = list(tokens.DocBin().from_disk(data).get_docs(nlp.vocab))
    rows = []
    for step in range(STEPS):
        batch = []
        for gold in docs[step * DOCS : (step + 1) * DOCS]:
            # Gold tokens, so that tokenizers play no part.
            spaces = [bool(token.whitespace_) for token in gold]
            batch.append(example(tokens.Doc(nlp.vocab, words=[t.text for t in gold], spaces=spaces), gold))
        losses: dict[str, float] = {}
        numpy.random.seed(step)  # the same dropout on both sides
        size = -(-len(batch) // parts)
        for start in range(0, len(batch), size):
            part = batch[start : start + size]
            nlp.update(part, drop=variant.get("drop", 0.0), sgd=False, losses=losses)
        for _, pipe in nlp.pipeline:
            pipe.finish_update(optimizer)
        optimizer.step_schedules()
        rows.append([losses[name] for name in nlp.pipe_names])
    return nlp, rows, optimizer.averages


if __name__ == "__main__":
    {"init": initialize, "steps": steps}[sys.argv[1]](*sys.argv[2:])
