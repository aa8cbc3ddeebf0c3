"""Take 20 training steps from saved weights, with the library that is named, and write down losses and weights.

    python parity_worker.py init CONFIG TRAIN.spacy FOLDER SETTINGS.json    (the peer: a pipeline it has initialized)
    python parity_worker.py steps LIBRARY FOLDER TRAIN.spacy VARIANT.json OUT.npz

Runs in the environment of either library, so it uses only what both have.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy

STEPS = 20


def initialize(config_path: str, data: str, folder: str, settings: str) -> None:
    import spacy
    from spacy.training.initialize import init_nlp

    overrides = {"paths.train": data, "paths.dev": data, **json.loads(settings)}
    init_nlp(spacy.util.load_config(config_path, overrides=overrides)).to_disk(folder)


def steps(library: str, folder: str, data: str, variant_json: str, out: str) -> None:
    variant = json.loads(variant_json)
    util = importlib.import_module(f"{library}.util")
    corpus = importlib.import_module(f"{library}.training").Corpus
    nlp = importlib.import_module(library).load(folder)
    optimizer = util.registry.resolve({"optimizer": variant["optimizer"]})["optimizer"]
    examples = list(corpus(data, gold_preproc=variant["gold_preproc"])(nlp))[variant["start"] :]
    size, rows = variant["docs"], []
    for step in range(STEPS):
        random.seed(step)  # the cuts of long Docs
        numpy.random.seed(step)  # dropout, and whether a beam is used
        losses: dict[str, float] = {}
        batch = examples[step * size : (step + 1) * size]
        # As the training loop does it: the peer's update(sgd=optimizer) moves an upstream a step late.
        nlp.update(batch, drop=variant.get("drop", 0.0), sgd=False, losses=losses)
        for _, pipe in nlp.pipeline:
            pipe.finish_update(optimizer)
        optimizer.step_schedules()
        rows.append([float(losses[name]) for name in nlp.pipe_names])
    arrays: dict[str, Any] = {"losses": numpy.array(rows)}
    for component, pipe in nlp.pipeline:
        for index, node in enumerate(pipe.model.walk()):
            for parameter in node.param_names:
                if node.has_param(parameter):
                    arrays[f"{component}.{index}.{node.name}.{parameter}"] = node.get_param(parameter)
    numpy.savez(Path(out), **arrays)


if __name__ == "__main__":
    {"init": initialize, "steps": steps}[sys.argv[1]](*sys.argv[2:])
