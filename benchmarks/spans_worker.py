"""One side of the benchmarks of spancat: the same code runs ours and the peer's.

    python spans_worker.py spanwright|spacy PIPELINE DOCS.spacy

Reads a task a line from standard input, `{"task": "pipeline", "round": 0}`, and writes a JSON line for each.
"""

from __future__ import annotations

import gc
import importlib
import json
import resource
import sys
import time

DOCS = 500  # of a round
THRESHOLD = 0.05  # low: the pipelines are trained for a short time, and answers shall have something to compare


class Side:
    """A library under measurement, its pipeline and the Docs."""

    def __init__(self, library: str, pipeline: str, docs: str) -> None:
        self.library = importlib.import_module(library)
        self.tokens = importlib.import_module(f"{library}.tokens")
        self.util = importlib.import_module(f"{library}.util")
        self.nlp = self.library.load(pipeline)
        self.nlp.get_pipe("spancat").cfg["threshold"] = THRESHOLD
        self.gold = list(self.tokens.DocBin().from_disk(docs).get_docs(self.nlp.vocab))

    def docs(self, number: int) -> list:
        """Docs of a round, with gold tokens and nothing else."""
        first = number * DOCS % (len(self.gold) - DOCS)
        return [self.bare([token.text for token in doc]) for doc in self.gold[first : first + DOCS]]

    def bare(self, words: list[str]):
        """A Doc without annotation."""
        return self.tokens.Doc(self.nlp.vocab, words=words)

    def task_pipeline(self, number: int) -> dict:
        """Words per second of tok2vec and spancat."""
        docs = self.docs(number)
        gc.collect()
        start = time.perf_counter()
        found = list(self.nlp.pipe(docs, batch_size=256))
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "work": sum(map(len, docs)), "answer": spans(found)}

    def task_component(self, number: int) -> dict:
        """The same of spancat alone: token vectors are computed before the clock starts."""
        with self.nlp.select_pipes(enable="tok2vec"):
            docs = list(self.nlp.pipe(self.docs(number), batch_size=256))
        pipe = self.nlp.get_pipe("spancat")
        gc.collect()
        start = time.perf_counter()
        for _ in pipe.pipe(docs, batch_size=256):
            pass
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "work": sum(map(len, docs)), "answer": spans(docs)}

    def task_long(self, n_tokens: int) -> dict:
        """Seconds for one Doc of so many tokens with all spans of 1 to 12 tokens, and the peak of memory in MiB."""
        words = [token.text for doc in self.gold[:2000] for token in doc]
        doc = self.bare([words[i % len(words)] for i in range(n_tokens)])
        suggester = {"@misc": "spacy.ngram_range_suggester.v1", "min_size": 1, "max_size": 12}
        self.nlp.get_pipe("spancat").suggester = self.util.registry.resolve({"suggester": suggester})["suggester"]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        doc = self.nlp(doc)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": seconds, "work": n_tokens, "answer": len(doc.spans["sc"]), "before": before, "peak": peak}


def spans(docs: list) -> list:
    """Every span with its score."""
    return [
        [number, span.start, span.end, span.label_, float(score)]
        for number, doc in enumerate(docs)
        for span, score in zip(doc.spans["sc"], doc.spans["sc"].attrs.get("scores", ()), strict=True)
    ]


def main() -> None:
    """Answer tasks until standard input ends."""
    side = Side(*sys.argv[1:4])
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(getattr(side, f"task_{task['task']}")(task["round"])), flush=True)


if __name__ == "__main__":
    main()
