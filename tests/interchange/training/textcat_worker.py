"""Train text classifiers for some steps from saved weights, or score with them, with the library that is named.

    python textcat_worker.py init DATA.spacy FOLDER CASES.json           (the peer: pipelines that it has initialized)
    python textcat_worker.py steps LIBRARY DATA.spacy FOLDER CASES.json OUT.npz [PACKAGES]
    python textcat_worker.py train LIBRARY DATA.spacy FOLDER CASES.json  (pipelines trained for a while)
    python textcat_worker.py scores LIBRARY DATA.spacy FOLDER CASES.json OUT.npz

Runs in the environment of either library, so it uses only what both have. CASES: by name, the config of a pipeline and
of an optimizer; each has its folder in FOLDER. PACKAGES: a folder of installed packages to search after the
environment's own, so that our code runs with the peer's thinc and BLIS.
"""

from __future__ import annotations

import importlib
import json
import site
import sys
from pathlib import Path
from typing import Any

import numpy

STEPS, DOCS = 20, 8


class Library:
    """What is needed of a library, by its import name."""

    def __init__(self, name: str) -> None:
        self.top = importlib.import_module(name)
        self.tokens = importlib.import_module(f"{name}.tokens")
        self.example = importlib.import_module(f"{name}.training").Example
        self.util = importlib.import_module(f"{name}.util")

    def docs(self, data: str, vocab: Any) -> list[Any]:
        return list(self.tokens.DocBin().from_disk(data).get_docs(vocab))

    def bare(self, gold: Any) -> Any:
        words, spaces = [token.text for token in gold], [bool(token.whitespace_) for token in gold]
        return self.tokens.Doc(gold.vocab, words=words, spaces=spaces)

    def examples(self, golds: list[Any]) -> list[Any]:
        return [self.example(self.bare(gold), gold) for gold in golds]

    def optimizer(self, settings: dict[str, Any]) -> Any:
        return self.util.registry.resolve({"optimizer": settings})["optimizer"]


def build(library: Library, case: dict[str, Any], data: str) -> Any:
    """A pipeline, initialized on the data."""
    from thinc.api import Config, fix_random_seed

    fix_random_seed(0)
    nlp = library.util.load_model_from_config(Config(case["config"]), auto_fill=True)
    numbers = numpy.random.default_rng(1)
    words = sorted({token.text for doc in library.docs(data, nlp.vocab)[:40] for token in doc})
    nlp.vocab.reset_vectors(width=8)
    for word in words:
        nlp.vocab.set_vector(word, numbers.normal(size=8).astype("float32"))
    examples = library.examples(library.docs(data, nlp.vocab)[:60])
    nlp.initialize(lambda: examples)
    return nlp


def init(data: str, folder: str, cases: str) -> None:
    library = Library("spacy")
    for name, case in json.loads(Path(cases).read_text()).items():
        nlp = build(library, case, data)
        random = numpy.random.default_rng(0)
        for _, pipe in nlp.pipeline:
            for node in pipe.model.walk():
                # Equal pieces of a maxout layer let rounding decide which one learns.
                if node.name == "maxout":
                    node.set_param("b", random.normal(scale=0.1, size=node.get_param("b").shape).astype("float32"))
        nlp.to_disk(Path(folder) / name)


def steps(name: str, data: str, folder: str, cases: str, out: str, packages: str = "") -> None:
    if packages:
        site.addsitedir(packages)
    library = Library(name)
    arrays: dict[str, Any] = {}
    for case, settings in json.loads(Path(cases).read_text()).items():
        nlp = library.top.load(Path(folder) / case)
        optimizer = library.optimizer(settings["optimizer"])
        docs = library.docs(data, nlp.vocab)
        rows = []
        for step in range(STEPS):
            losses: dict[str, float] = {}
            batch = library.examples(docs[step * DOCS : (step + 1) * DOCS])
            numpy.random.seed(step)
            nlp.update(batch, drop=settings.get("drop", 0.0), sgd=False, losses=losses)
            for _, pipe in nlp.pipeline:
                pipe.finish_update(optimizer)
            optimizer.step_schedules()
            rows.append(losses[nlp.pipe_names[-1]])
        arrays[f"{case}/losses"] = numpy.array(rows)
        weights(arrays, case, nlp, optimizer)
    numpy.savez(out, **arrays)


def weights(arrays: dict[str, Any], case: str, nlp: Any, optimizer: Any) -> None:
    for component, pipe in nlp.pipeline:
        for index, node in enumerate(pipe.model.walk()):
            for parameter in node.param_names:
                if node.has_param(parameter):
                    key = f"{component}.{index}.{node.name}.{parameter}"
                    arrays[f"{case}/weights/{key}"] = node.get_param(parameter).copy()
                    if optimizer.averages and (node.id, parameter) in optimizer.averages:
                        arrays[f"{case}/averages/{key}"] = optimizer.averages[node.id, parameter].copy()


def train(name: str, data: str, folder: str, cases: str) -> None:
    library = Library(name)
    for case, settings in json.loads(Path(cases).read_text()).items():
        nlp = build(library, settings, data)
        optimizer = library.optimizer({**settings["optimizer"], "learn_rate": 0.01})
        examples = library.examples(library.docs(data, nlp.vocab)[:40])
        for _ in range(3):
            for start in range(0, 40, DOCS):
                nlp.update(examples[start : start + DOCS], sgd=optimizer)
        nlp.to_disk(Path(folder) / case)


def scores(name: str, data: str, folder: str, cases: str, out: str) -> None:
    library = Library(name)
    arrays: dict[str, Any] = {}
    for case in json.loads(Path(cases).read_text()):
        nlp = library.top.load(Path(folder) / case)
        docs = [library.bare(gold) for gold in library.docs(data, nlp.vocab)[:60]]
        labels = nlp.get_pipe(nlp.pipe_names[-1]).labels
        found = list(nlp.pipe(docs, batch_size=16))
        assert all(set(doc.cats) == set(labels) for doc in found)
        arrays[case] = numpy.array([[doc.cats[label] for label in labels] for doc in found])
        arrays[f"{case} labels"] = numpy.array(labels)
    numpy.savez(out, **arrays)


if __name__ == "__main__":
    {"init": init, "steps": steps, "train": train, "scores": scores}[sys.argv[1]](*sys.argv[2:])
