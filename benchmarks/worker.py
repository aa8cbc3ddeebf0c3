"""One side of a benchmark: the same code runs ours and the peer's, and reports seconds, work done and the answer.

    python worker.py spanwright|spacy PIPELINE TEXTS.jsonl

Reads a task a line from standard input, `{"task": "annotate", "round": 0}`, and writes a JSON line for each.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import resource
import sys
import time

KEEP = {"tok2vec", "tagger"}
MEGABYTE = 1_000_000


class Side:
    """A library under measurement, its pipeline folder and the texts."""

    def __init__(self, library: str, pipeline: str, texts: str) -> None:
        self.pipeline = pipeline
        start = time.perf_counter()
        self.library = importlib.import_module(library)
        self.import_seconds = time.perf_counter() - start
        with open(f"{pipeline}/config.cfg", encoding="utf8") as file:  # noqa: PTH123
            line = next(line for line in file if line.startswith("pipeline ="))
        self.exclude = [name for name in json.loads(line.split("=", 1)[1]) if name not in KEEP]
        with open(texts, encoding="utf8") as file:  # noqa: PTH123
            self.texts = [json.loads(line)["text"] for line in file]
        self.nlp = None

    def load(self):
        """The tok2vec and tagger of the pipeline."""
        return self.library.load(self.pipeline, exclude=self.exclude)

    def ready(self):
        """The pipeline, loaded once a process."""
        if self.nlp is None:
            self.nlp = self.load()
        return self.nlp

    def task_load(self, _round: int) -> dict:
        """Load the components in a process that has all modules in memory; what these cost, `start` measures."""
        self.load()
        start = time.perf_counter()
        nlp = self.load()
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "work": 1, "answer": nlp.pipe_names}

    def task_annotate(self, number: int) -> dict:
        """Words per second of `nlp.pipe`."""
        nlp = self.ready()
        texts = self.texts[number * 1000 : (number + 1) * 1000]
        start = time.perf_counter()
        docs = list(nlp.pipe(texts))
        seconds = time.perf_counter() - start
        tags = "\n".join(" ".join(token.tag_ for token in doc) for doc in docs)
        return {"seconds": seconds, "work": sum(map(len, docs)), "answer": digest(tags)}

    def task_tokenize(self, number: int) -> dict:
        """Tokenise a megabyte that this tokeniser has not seen, with nothing cached."""
        tokenizer = self.load().tokenizer
        texts, size = [], 0
        first = number * 2500
        for text in self.texts[first:]:
            texts.append(text)
            size += len(text)
            if size >= MEGABYTE:
                break
        start = time.perf_counter()
        docs = [tokenizer(text) for text in texts]
        seconds = time.perf_counter() - start
        words = "\n".join(token.text for doc in docs for token in doc)
        return {"seconds": seconds, "work": size, "answer": digest(words)}

    def task_iterate(self, number: int) -> dict:
        """Iterate tokens and read five attributes of each."""
        docs = list(self.ready().pipe(self.texts[number * 300 : (number + 1) * 300]))
        total = 0
        start = time.perf_counter()
        for _ in range(3):
            for doc in docs:
                for token in doc:
                    total += len(token.text) + len(token.tag_) + len(token.lower_) + token.is_alpha + token.idx
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "work": 3 * sum(map(len, docs)), "answer": total}

    def task_memory(self, _round: int) -> dict:
        """Peak resident memory of loading and annotating, in megabytes."""
        nlp = self.ready()
        words = sum(len(doc) for doc in nlp.pipe(self.texts[:2000]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": peak, "work": 1, "answer": words}


def digest(text: str) -> str:
    """A short fingerprint of an answer."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main() -> None:
    """Answer tasks until standard input ends."""
    side = Side(*sys.argv[1:4])
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(getattr(side, f"task_{task['task']}")(task["round"])), flush=True)


if __name__ == "__main__":
    main()
