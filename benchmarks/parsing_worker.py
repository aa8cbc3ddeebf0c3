"""One side of the parser's benchmarks: the same code runs ours and the peer's.

    python parsing_worker.py spanwright|spacy PIPELINE TEXTS.jsonl

Reads a task a line from standard input, `{"task": "parser", "round": 0}`, and writes a JSON line for each. Token
vectors are computed before the clock starts, so that the components alone are measured.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import resource
import sys
import time
from collections.abc import Callable

TEXTS = 600  # of a round


class Side:
    """A library under measurement, its pipeline and the texts."""

    def __init__(self, library: str, pipeline: str, texts: str) -> None:
        self.library = importlib.import_module(library)
        self.tokens = importlib.import_module(f"{library}.tokens")
        config = importlib.import_module(f"{library}.util").load_config(f"{pipeline}/config.cfg")
        keep = {"tok2vec", "parser", "ner"}
        self.nlp = self.library.load(pipeline, exclude=[name for name in config["nlp"]["pipeline"] if name not in keep])
        with open(texts, encoding="utf8") as file:  # noqa: PTH123
            self.texts = [json.loads(line)["text"] for line in file]

    def docs(self, number: int) -> list:
        """Docs of a round, with token vectors."""
        first = number * TEXTS % (len(self.texts) - TEXTS)
        with self.nlp.select_pipes(enable="tok2vec"):
            return list(self.nlp.pipe(self.texts[first : first + TEXTS], batch_size=256))

    def timed(self, name: str, docs: list, clock: Callable[[], float] = time.perf_counter) -> float:
        """Seconds that a component takes for Docs."""
        pipe = self.nlp.get_pipe(name)
        gc.collect()
        start = clock()
        for _ in pipe.pipe(docs, batch_size=256):
            pass
        return clock() - start

    def task_parser(self, number: int, name: str = "parser") -> dict:
        """Words per second of the component alone."""
        docs = self.docs(number)
        seconds = self.timed(name, docs)
        return {"seconds": seconds, "work": sum(map(len, docs)), "answer": digest(docs)}

    def task_ner(self, number: int) -> dict:
        """The same of the entity recogniser."""
        return self.task_parser(number, "ner")

    def task_threads(self, number: int, name: str = "parser") -> dict:
        """Words per second with two threads."""
        self.nlp.get_pipe(name).n_threads = 2
        result = self.task_parser(number, name)
        self.nlp.get_pipe(name).n_threads = 1
        return result

    def task_threads_ner(self, number: int) -> dict:
        """The same of the entity recogniser."""
        return self.task_threads(number, "ner")

    def task_long(self, n_tokens: int, name: str = "parser") -> dict:
        """CPU seconds of the component for one Doc of so many tokens, and the process's peak of memory in MiB."""
        docs = [self.long_doc(n_tokens) for _ in range(3)]
        seconds = sorted(self.timed(name, [doc], time.process_time) for doc in docs)[1]
        doc = docs[0]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": seconds, "work": n_tokens, "answer": digest([doc]), "peak": peak}

    def task_long_ner(self, n_tokens: int) -> dict:
        """The same of the entity recogniser."""
        return self.task_long(n_tokens, "ner")

    def long_doc(self, n_tokens: int):
        """A Doc of real words, with token vectors made in pieces."""
        import numpy

        words: list[str] = []
        for text in self.texts:
            words += [token.text for token in self.nlp.make_doc(text)]
            if len(words) >= 20_000:
                break
        piece = self.tokens.Doc(self.nlp.vocab, words=words[:10_000])
        with self.nlp.select_pipes(enable="tok2vec"):
            vectors = self.nlp(piece).tensor
        doc = self.tokens.Doc(self.nlp.vocab, words=[words[i % 10_000] for i in range(n_tokens)])
        doc.tensor = numpy.tile(vectors, (-(-n_tokens // 10_000), 1))[:n_tokens]
        tok2vec = self.nlp.get_pipe("tok2vec")
        if hasattr(tok2vec, "broadcast"):
            tok2vec.broadcast.publish([doc], [doc.tensor])
        return doc


def digest(docs: list) -> str:
    """A short fingerprint of heads, labels and entities."""
    found = hashlib.sha256()
    for doc in docs:
        found.update(doc.to_array(["HEAD", "DEP", "ENT_IOB", "ENT_TYPE"]).tobytes())
    return found.hexdigest()[:16]


def main() -> None:
    """Answer tasks until standard input ends."""
    side = Side(*sys.argv[1:4])
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(getattr(side, f"task_{task['task']}")(task["round"])), flush=True)


if __name__ == "__main__":
    main()
