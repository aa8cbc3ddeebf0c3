"""Take 20 training steps from saved weights, with the library that is named, and write down losses and weights.

    python parity_worker.py init CASES.json FOLDER                              (the peer: pipelines it has initialized)
    python parity_worker.py steps LIBRARY FOLDER CASES.json OUT.npz [PACKAGES]

Runs in the environment of either library, so it uses only what both have. PACKAGES: a folder of installed packages to
search after the environment's own, so that our code runs with the peer's thinc and BLIS.
"""

from __future__ import annotations

import importlib
import json
import random
import site
import sys
from pathlib import Path
from typing import Any

import numpy

STEPS = 20


def initialize(cases_path: str, folder: str) -> None:
    """One pipeline for all cases that start alike."""
    import spacy
    from spacy.training.initialize import init_nlp

    for case in json.loads(Path(cases_path).read_text()).values():
        target = Path(folder) / case["start"]
        if not target.exists():
            overrides = {"paths.train": case["data"], "paths.dev": case["data"], **case["overrides"]}
            init_nlp(spacy.util.load_config(case["config"], overrides=overrides)).to_disk(target)


def steps(library: str, folder: str, cases_path: str, out: str, packages: str = "") -> None:
    """Losses and weights of all cases."""
    if packages:
        site.addsitedir(packages)
    arrays: dict[str, Any] = {}
    for name, case in json.loads(Path(cases_path).read_text()).items():
        nlp = importlib.import_module(library).load(Path(folder) / case["start"])
        before = weights(nlp)
        arrays[f"{name}/losses"] = numpy.array(train(library, nlp, case))
        after = weights(nlp)
        arrays |= {f"{name}/weights/{key}": value for key, value in after.items()}
        arrays[f"{name}/moved"] = numpy.array(max(abs(after[key] - before[key]).max() for key in after))
    numpy.savez(out, **arrays)


def weights(nlp: Any) -> dict[str, Any]:
    """Copies of all weights, by component, place of the node, its name, and parameter."""
    return {
        f"{component}.{index}.{node.name}.{parameter}": node.get_param(parameter).copy()
        for component, pipe in nlp.pipeline
        for index, node in enumerate(pipe.model.walk())
        for parameter in node.param_names
        if node.has_param(parameter) and node.get_param(parameter).size
    }


def train(library: str, nlp: Any, case: dict[str, Any]) -> list[list[float]]:
    """Take the steps; returns the losses of the components in each."""
    registry = importlib.import_module(f"{library}.util").registry
    optimizer = registry.resolve({"optimizer": case["optimizer"]})["optimizer"]
    nlp.get_pipe(case["component"]).cfg.update(case["settings"])
    size = case["docs"]
    corpus = importlib.import_module(f"{library}.training").Corpus
    examples = list(corpus(case["data"], gold_preproc=case["gold_preproc"], limit=2 * STEPS)(nlp))
    assert len(examples) >= STEPS * size
    rows = []
    for step in range(STEPS):
        random.seed(step)  # the cuts of long Docs
        numpy.random.seed(step)  # dropout, and whether a beam is used
        losses: dict[str, float] = {}
        batch = examples[step * size : (step + 1) * size]
        # As the training loop does it: the peer's update(sgd=optimizer) moves an upstream a step late.
        nlp.update(batch, drop=case.get("drop", 0.0), sgd=False, losses=losses)
        for _, pipe in nlp.pipeline:
            pipe.finish_update(optimizer)
        optimizer.step_schedules()
        rows.append([float(losses[name]) for name in nlp.pipe_names])
    return rows


if __name__ == "__main__":
    {"init": initialize, "steps": steps}[sys.argv[1]](*sys.argv[2:])
