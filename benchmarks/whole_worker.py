"""One side of the benchmark of a whole pipeline: the same code runs ours and the peer's.

    python whole_worker.py spanwright|spacy PIPELINE TEXTS.jsonl

Reads a task a line from standard input, `{"task": "pipe", "round": 0}`, and writes a JSON line for each.
"""

from __future__ import annotations

import gc
import importlib
import json
import resource
import sys
import time
from typing import Any

from worker import digest

TEXTS = 500  # of a round
SENTENCES = 60
SHORT = range(30, 100)  # characters


class Side:
    """A library under measurement, the whole pipeline and the texts."""

    def __init__(self, library: str, pipeline: str, texts: str) -> None:
        start = time.perf_counter()
        self.library = importlib.import_module(library)
        self.pipeline = pipeline
        self.nlp = self.library.load(pipeline)
        self.started = time.perf_counter() - start
        with open(texts, encoding="utf8") as file:  # noqa: PTH123
            self.texts = [json.loads(line)["text"] for line in file]

    def batch(self, number: int) -> list[str]:
        """The texts of a round; none comes twice in a process."""
        return self.texts[number * TEXTS : (number + 1) * TEXTS]

    def task_pipe(self, number: int) -> dict:
        """Words per second of `nlp.pipe`."""
        texts = self.batch(number)
        gc.collect()
        start = time.perf_counter()
        docs = list(self.nlp.pipe(texts))
        return result(time.perf_counter() - start, docs)

    def task_one(self, number: int) -> dict:
        """Seconds for one short sentence, from text to annotated Doc."""
        texts = [text for text in self.texts if len(text) in SHORT][number * SENTENCES :][:SENTENCES]
        docs = []
        gc.collect()
        start = time.perf_counter()
        for text in texts:
            docs.append(self.nlp(text))
        return {**result(time.perf_counter() - start, docs), "work": len(texts)}

    def task_shares(self, number: int) -> dict:
        """Seconds of the tokenizer and of each component, one after the other."""
        texts = self.batch(number)
        shares = {}
        gc.collect()
        start = time.perf_counter()
        docs = [self.nlp.make_doc(text) for text in texts]
        shares["tokenizer"] = time.perf_counter() - start
        for name, component in self.nlp.pipeline:
            start = time.perf_counter()
            docs = list(component.pipe(docs, batch_size=self.nlp.batch_size))
            shares[name] = time.perf_counter() - start
        return {**result(sum(shares.values()), docs), "shares": shares}

    def task_load(self, _round: int) -> dict:
        """Seconds to load, with all modules in memory."""
        start = time.perf_counter()
        nlp = self.library.load(self.pipeline)
        return {"seconds": time.perf_counter() - start, "work": 1, "answers": nlp.pipe_names}

    def task_start(self, _round: int) -> dict:
        """Seconds to import the library and load, in this process, which is new."""
        return {"seconds": self.started, "work": 1, "answers": self.nlp.pipe_names}

    def task_memory(self, _round: int) -> dict:
        """Peak resident memory of loading and annotating, in megabytes; Docs are thrown away as they come."""
        words = sum(len(doc) for doc in self.nlp.pipe(self.texts[: 3 * TEXTS]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": peak, "work": 1, "answers": [words]}


def result(seconds: float, docs: list) -> dict:
    """Seconds, words, and a fingerprint of every annotation of each Doc."""
    answers = [digest(str([annotations(token) for token in doc])) for doc in docs]
    return {"seconds": seconds, "work": sum(map(len, docs)), "answers": answers}


def annotations(token: Any) -> tuple:
    """All that the pipeline says of a token."""
    grammar = (token.tag_, token.pos_, str(token.morph), token.lemma_, token.dep_, token.head.i, token.is_sent_start)
    return (token.text, *grammar, token.ent_iob_, token.ent_type_)


def main() -> None:
    """Answer tasks until standard input ends."""
    side = Side(*sys.argv[1:4])
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(getattr(side, f"task_{task['task']}")(task["round"])), flush=True)


if __name__ == "__main__":
    main()
