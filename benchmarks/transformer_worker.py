"""One side of the transformers' benchmark: the same code runs ours and the peer's.

    python transformer_worker.py spanwright|spacy MODEL TEXTS.jsonl [PIPELINE TRAIN.spacy]

Reads a task a line from standard input, `{"task": "predict", "round": 0}`, and writes a JSON line for each.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import resource
import sys
import time

import numpy

TEXTS = 96  # of a round
STEPS, WORDS = 6, 500  # of a round of training


class Side:
    """A library under measurement, its pipelines and the texts."""

    def __init__(self, library: str, model: str, texts: str, pipeline: str = "", data: str = "") -> None:
        self.name = library
        self.library = importlib.import_module(library)
        self.tokens = importlib.import_module(f"{library}.tokens")
        self.nlp = self.library.blank("en")
        spans = {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 128, "stride": 96}
        block = {"@architectures": "spacy-transformers.TransformerModel.v3", "name": model, "get_spans": spans}
        self.nlp.add_pipe("transformer", config={"model": {**block, "tokenizer_config": {"use_fast": True}}})
        self.nlp.get_pipe("transformer").model.initialize()
        with open(texts, encoding="utf8") as file:  # noqa: PTH123
            self.texts = [json.loads(line)["text"] for line in file]
        random.Random(0).shuffle(self.texts)
        self.pipeline, self.data = pipeline, data
        self.trained = None

    def task_predict(self, number: int) -> dict:
        """Words of paragraphs, with the time that the transformer takes for them."""
        chosen = self.texts[number * TEXTS : (number + 1) * TEXTS]
        docs = [self.nlp.make_doc(text) for text in chosen]
        pipe = self.nlp.get_pipe("transformer")
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        done = list(pipe.pipe(docs, batch_size=256))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        states = [doc._.trf_data.model_output["last_hidden_state"] for doc in done]
        lengths = [doc._.trf_data.wordpieces.lengths for doc in done]
        sums = [
            float(abs(row[:length]).mean())
            for state, own in zip(states, lengths, strict=True)
            for row, length in zip(state, own, strict=True)
        ]
        return self.result(wall, cpu, sum(map(len, docs)), sums)

    def task_train(self, number: int) -> dict:
        """Words of the Docs of some steps of the shared config's pipeline, and the time of the steps."""
        if self.trained is None:
            self.trained = self.library.load(self.pipeline)
            resolved = importlib.import_module(f"{self.name}.util").registry.resolve(
                {"optimizer": self.trained.config["training"]["optimizer"]}
            )
            self.optimizer = resolved["optimizer"]
            self.golds = list(self.tokens.DocBin().from_disk(self.data).get_docs(self.trained.vocab))
            self.example = importlib.import_module(f"{self.name}.training").Example
        batches, words, start = [], 0, number * STEPS * 4
        for step in range(STEPS):
            batch, size = [], 0
            for gold in self.golds[start + step * 4 : start + step * 4 + 4]:
                if size < WORDS:
                    spaces = [bool(token.whitespace_) for token in gold]
                    predicted = self.tokens.Doc(self.trained.vocab, words=[t.text for t in gold], spaces=spaces)
                    batch.append(self.example(predicted, gold))
                    size += len(gold)
            batches.append(batch)
            words += size
        found: dict = {}
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        for step, batch in enumerate(batches):
            random.seed(step)
            numpy.random.seed(step)
            self.trained.update(batch, sgd=False, losses=found)
            for _, pipe in self.trained.pipeline:
                pipe.finish_update(self.optimizer)
            self.optimizer.step_schedules()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return self.result(wall, cpu, words, [float(found["tagger"])])

    def result(self, wall: float, cpu: float, words: int, answer: list) -> dict:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"wall": wall, "cpu": cpu, "work": words, "answer": answer, "peak": peak}


def main() -> None:
    """Answer tasks until the input ends."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.path.pop(0)
    side = Side(*sys.argv[1:])
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(getattr(side, f"task_{asked['task']}")(asked["round"])), flush=True)


if __name__ == "__main__":
    main()
