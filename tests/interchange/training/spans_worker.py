"""Train components for spans for some steps from saved weights, or score with them, with the library that is named.

    python spans_worker.py init DATA.spacy FOLDER CASES.json            (the peer: pipelines that it has initialized)
    python spans_worker.py steps LIBRARY DATA.spacy FOLDER CASES.json OUT.npz [PACKAGES]
    python spans_worker.py train LIBRARY DATA.spacy FOLDER CASES.json   (pipelines trained for a while)
    python spans_worker.py scores LIBRARY DATA.spacy FOLDER CASES.json OUT.npz

Runs in the environment of either library, so it uses only what both have. CASES: by name, as spans_cases.py makes them;
each has its folder in FOLDER. PACKAGES: a folder of installed packages to search after the environment's own, so that
our code runs with the peer's thinc and BLIS.
"""

from __future__ import annotations

import importlib
import json
import site
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy

STEPS, DOCS, BATCHES = 20, 5, 4  # the same batches again and again, so that losses can be compared
# Gold spans that are longer than what a suggester offers.
warnings.filterwarnings("ignore", message="The suggester of component .* finds")


class Library:
    """What is needed of a library, by its import name."""

    def __init__(self, name: str) -> None:
        self.top = importlib.import_module(name)
        self.tokens = importlib.import_module(f"{name}.tokens")
        self.example = importlib.import_module(f"{name}.training").Example
        self.util = importlib.import_module(f"{name}.util")

    def examples(self, data: str, vocab: Any) -> list[Any]:
        """Gold tokens on both sides, and the gold spans with the token before them as what another component found."""
        found = []
        for gold in self.tokens.DocBin().from_disk(data).get_docs(vocab):
            bare = self.tokens.Doc(vocab, words=[t.text for t in gold], spaces=[bool(t.whitespace_) for t in gold])
            bare.spans["found"] = [bare[max(0, span.start - 1) : span.end] for span in gold.spans["sc"]]
            bare.spans["found"].extend([bare[span.start : span.end] for span in gold.spans["sc"]])
            found.append(self.example(bare, gold))
        return found

    def optimizer(self, settings: dict[str, Any]) -> Any:
        return self.util.registry.resolve({"optimizer": settings})["optimizer"]


def init(data: str, folder: str, cases: str) -> None:
    from thinc.api import fix_random_seed

    library = Library("spacy")
    for name, case in json.loads(Path(cases).read_text()).items():
        fix_random_seed(0)
        nlp = library.top.blank("en")
        for factory, settings in case["pipes"]:
            nlp.add_pipe(factory, config=settings)
        examples = library.examples(data, nlp.vocab)
        nlp.initialize(lambda examples=examples: examples)
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
    for title, case in json.loads(Path(cases).read_text()).items():
        nlp, losses = taught(library, Path(folder) / title, data, case, STEPS)
        arrays[f"{title}/losses"] = numpy.array(losses)
        for component, pipe in nlp.pipeline:
            for index, node in enumerate(pipe.model.walk()):
                for parameter in node.param_names:
                    if node.has_param(parameter):
                        key = f"{title}/weights/{component}.{index}.{node.name}.{parameter}"
                        arrays[key] = node.get_param(parameter).copy()
    numpy.savez(out, **arrays)


def taught(library: Library, start: Path, data: str, case: dict[str, Any], number: int) -> tuple[Any, Any]:
    """A pipeline after some steps, and the losses of its components in each."""
    nlp = library.top.load(start)
    optimizer = library.optimizer(case["optimizer"])
    # Sentences with gold spans.
    examples = [example for example in library.examples(data, nlp.vocab) if len(example.reference.spans["sc"])]
    rows = []
    for step in range(number):
        numpy.random.seed(step)  # dropout
        losses: dict[str, float] = {}
        first = step % BATCHES * DOCS
        nlp.update(examples[first : first + DOCS], drop=case["drop"], sgd=False, losses=losses)
        # As the training loop does it: the peer's update(sgd=optimizer) moves an upstream a step late.
        for _, pipe in nlp.pipeline:
            pipe.finish_update(optimizer)
        optimizer.step_schedules()
        rows.append([float(losses[name]) for name in nlp.pipe_names])
    return nlp, rows


def train(name: str, data: str, folder: str, cases: str) -> None:
    library = Library(name)
    for title, case in json.loads(Path(cases).read_text()).items():
        nlp, _ = taught(library, Path(folder) / title, data, case, 60)
        nlp.to_disk(Path(folder) / f"{title}-{name}")


def scores(name: str, data: str, folder: str, cases: str, out: str) -> None:
    """What each pipeline scores, and the spans that it sets."""
    library = Library(name)
    arrays: dict[str, Any] = {}
    for title, case in json.loads(Path(cases).read_text()).items():
        nlp = library.top.load(Path(folder) / title)
        examples = [example for example in library.examples(data, nlp.vocab) if len(example.reference.spans["sc"])]
        docs = [example.predicted for example in examples[:40]]
        factory = case["pipes"][-1][0]
        for _, pipe in nlp.pipeline:
            found = pipe.predict(docs)
            pipe.set_annotations(docs, found)
        candidates, values = found if factory != "span_finder" else (None, found)
        arrays[f"{title}/scores"] = values
        if candidates is not None:
            arrays[f"{title}/candidates"] = numpy.concatenate([candidates.dataXd.ravel(), candidates.lengths])
        labels = {label: column for column, label in enumerate(pipe.labels)}
        spans = [
            (number, span.start, span.end, labels.get(span.label_, -1))
            for number, doc in enumerate(docs)
            for span in doc.spans["sc"]
        ]
        arrays[f"{title}/spans"] = numpy.array(spans).reshape((-1, 4))
        kept = [numpy.ravel(doc.spans["sc"].attrs.get("scores", ())) for doc in docs]
        arrays[f"{title}/kept"] = numpy.concatenate(kept)
    numpy.savez(out, **arrays)


if __name__ == "__main__":
    {"init": init, "steps": steps, "train": train, "scores": scores}[sys.argv[1]](*sys.argv[2:])
