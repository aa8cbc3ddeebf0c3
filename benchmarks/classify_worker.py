"""One side of the benchmarks of text classification: the same code runs ours and the peer's.

    python classify_worker.py spanwright|spacy CONFIG FOLDER TRAIN.spacy

Reads a task a line from standard input, `{"task": "predict", "round": 1}`, and writes a JSON line for each. The first
side that is asked trains the pipeline and saves it to FOLDER, from where both load it: the answers are those of one
model.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import sys
import time
from pathlib import Path

DOCS, BATCH, STEPS, WORDS = 2000, 256, 30, 2000


class Side:
    """A library under measurement, its pipeline and the texts."""

    def __init__(self, library: str, config: str, folder: str, data: str) -> None:
        self.library = importlib.import_module(library)
        self.tokens = importlib.import_module(f"{library}.tokens")
        self.example = importlib.import_module(f"{library}.training").Example
        self.util = importlib.import_module(f"{library}.util")
        self.config, self.folder, self.data = Path(config), Path(folder), data
        if not self.folder.exists():
            self.make()
        self.nlp = self.library.load(self.folder)
        self.name = self.nlp.pipe_names[-1]
        self.golds = list(self.tokens.DocBin().from_disk(data).get_docs(self.nlp.vocab))[:DOCS]

    def fresh(self):
        """The config's pipeline, with its first weights."""
        from thinc.api import fix_random_seed

        fix_random_seed(0)
        nlp = self.util.load_model_from_config(self.util.load_config(self.config), auto_fill=True)
        golds = list(self.tokens.DocBin().from_disk(self.data).get_docs(nlp.vocab))
        examples = self.examples(golds)
        nlp.initialize(lambda: examples)
        return nlp, examples

    def make(self) -> None:
        """Train a little, so that there is something to say, and save."""
        nlp, examples = self.fresh()
        optimizer = self.optimizer()
        for batch in self.batches(examples)[:60]:
            nlp.update(batch, sgd=optimizer, drop=0.2)
        nlp.to_disk(self.folder)

    def bare(self, gold):
        """The words of a Doc alone."""
        words, spaces = [token.text for token in gold], [bool(token.whitespace_) for token in gold]
        return self.tokens.Doc(gold.vocab, words=words, spaces=spaces)

    def examples(self, golds: list) -> list:
        """Examples with gold words."""
        return [self.example(self.bare(gold), gold) for gold in golds]

    def optimizer(self):
        """That of the config."""
        settings = self.util.load_config(self.config, interpolate=True)["training"]["optimizer"]
        return self.util.registry.resolve({"optimizer": settings})["optimizer"]

    def batches(self, examples: list) -> list:
        """Batches of as many words as the config's."""
        found, words = [[]], 0
        for example in examples:
            if words > WORDS:
                found, words = [*found, []], 0
            found[-1].append(example)
            words += len(example.predicted)
        return found

    def task_predict(self, number: int) -> dict:
        """Words per second of the component alone, on Docs that are there."""
        docs = [self.bare(gold) for gold in self.golds]
        pipe = self.nlp.get_pipe(self.name)
        gc.collect()
        start = time.perf_counter()
        for _ in pipe.pipe(docs, batch_size=BATCH):
            pass
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "work": sum(map(len, docs)), "answer": answers(docs, pipe.labels)}

    def task_train(self, number: int) -> dict:
        """Words per second of training steps from the first weights, dropout and optimizer as in the config."""
        nlp, examples = self.fresh()
        optimizer = self.optimizer()
        batches = self.batches(examples)
        nlp.update(batches[0], sgd=optimizer, drop=0.2)
        gc.collect()
        words, losses = 0, {}
        start = time.perf_counter()
        for batch in batches[1 : STEPS + 1]:
            nlp.update(batch, sgd=optimizer, drop=0.2, losses=losses)
            words += sum(len(example.predicted) for example in batch)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "work": words, "answer": sum(losses.values())}


def answers(docs: list, labels: tuple) -> list:
    """The scores of all Docs in a few numbers, and which labels are above one half, as a checksum.

    Scores that are next to one half are left out of it, as they may fall to either side.
    """
    sums = [sum(doc.cats[label] for doc in docs) for label in labels]
    above = [[label for label in labels if doc.cats[label] > 0.5 and abs(doc.cats[label] - 0.5) > 1e-3] for doc in docs]
    near = sum(abs(doc.cats[label] - 0.5) <= 1e-3 for doc in docs for label in labels)
    digest = hashlib.sha256(json.dumps(above).encode()).hexdigest()[:16]
    return [sums, digest, near]


if __name__ == "__main__":
    side = Side(*sys.argv[1:5])
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(getattr(side, f"task_{asked['task']}")(asked["round"])), flush=True)
