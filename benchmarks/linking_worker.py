"""One side of the benchmarks of the entity linker: the same code runs ours and the peer's.

    python linking_worker.py spanwright|spacy FOLDER TEXTS.jsonl      (FOLDER/pipeline, FOLDER/kb)
    python linking_worker.py make FOLDER TEXTS.jsonl                  (the peer: makes both)

Reads a task a line from standard input, `{"task": "predict", "round": 0}`, and writes a JSON line for each. Entities
are the words with a capital inside of sentences; each may be any of three of a thousand entries.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import resource
import sys
import time
from pathlib import Path

DOCS = 120  # of a round
TRAINED, BATCH = 64, 8
WIDTH, ENTITIES = 64, 1000
LOADED = 300_000  # entities of the base that is loaded


class Side:
    """A library under measurement, its pipeline and the texts."""

    def __init__(self, library: str, folder: str, texts: str) -> None:
        self.library = importlib.import_module(library)
        self.tokens = importlib.import_module(f"{library}.tokens")
        self.example = importlib.import_module(f"{library}.training").Example
        self.kb = importlib.import_module(f"{library}.kb").InMemoryLookupKB
        self.folder = Path(folder)
        self.nlp = self.library.load(self.folder / "pipeline")
        self.linker = self.nlp.get_pipe("entity_linker")
        self.texts = read_texts(texts)

    def docs(self, number: int, count: int = DOCS) -> list:
        """Docs of a round, with sentences and entities."""
        first = number * count % (len(self.texts) - count)
        return [mark(self.tokens, self.nlp, text) for text in self.texts[first : first + count]]

    def task_predict(self, number: int) -> dict:
        """Words per second of linking."""
        docs = self.docs(number)
        gc.collect()
        start = time.perf_counter()
        found = list(self.linker.pipe(docs, batch_size=128))
        seconds = time.perf_counter() - start
        links = [[ent.kb_id_ for ent in doc.ents] for doc in found]
        return {"seconds": seconds, "work": sum(map(len, docs)), "answer": digest(links)}

    def task_train(self, number: int) -> dict:
        """Words per second of training; weights are set back for each round."""
        gold = self.docs(number, TRAINED)
        for doc in gold:
            for ent in doc.ents:
                for token in ent:
                    token.ent_kb_id_ = f"Q{place(ent.text)}"
        pairs = [self.example(doc.copy(), doc) for doc in gold]
        saved = self.linker.model.to_bytes()
        optimizer = self.nlp.create_optimizer()
        losses: dict = {}
        gc.collect()
        start = time.perf_counter()
        for begin in range(0, len(pairs), BATCH):
            self.linker.update(pairs[begin : begin + BATCH], sgd=optimizer, losses=losses)
        seconds = time.perf_counter() - start
        self.linker.model.from_bytes(saved)
        return {"seconds": seconds, "work": sum(map(len, gold)), "answer": f"{losses['entity_linker']:.2g}"}

    def task_load(self, number: int) -> dict:
        """Entities per second of loading a large base, and the memory that it adds."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        kb = self.kb(self.library.blank("xx").vocab, 1)
        kb.from_disk(self.folder / "kb")
        seconds = time.perf_counter() - start
        answer = digest([kb.get_vector(f"Q{LOADED - 1}"), len(kb), kb.get_size_aliases()])
        added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        return {"seconds": seconds, "work": LOADED, "answer": answer, "added": added}


def read_texts(path: str) -> list[str]:
    """Paragraphs of some length."""
    with Path(path).open(encoding="utf8") as file:
        texts = [json.loads(line)["text"] for line in file]
    return [text for text in texts if 300 < len(text) < 1500]


def mark(tokens, nlp, text: str):
    """A Doc with sentences, which end with a full stop, and entities."""
    doc = nlp.make_doc(text)
    starts = [token.i == 0 or doc[token.i - 1].text in ".!?" for token in doc]
    for token, start in zip(doc, starts, strict=True):
        token.is_sent_start = start
    doc.ents = [
        tokens.Span(doc, token.i, token.i + 1, label="NAME")
        for token, start in zip(doc, starts, strict=True)
        if not start and token.text.istitle() and len(token.text) > 2
    ]
    return doc


def place(text: str) -> int:
    """The first entry that a word may mean."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % ENTITIES


def digest(value) -> str:
    """A short fingerprint."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def make(folder: str, texts: str) -> None:
    """The peer: a pipeline with the default network, initialized, and a large knowledge base."""
    import numpy
    import spacy
    from spacy.kb import InMemoryLookupKB
    from spacy.training import Example

    nlp = spacy.blank("en")
    linker = nlp.add_pipe("entity_linker", config={"incl_prior": False})
    docs = [mark(spacy.tokens, nlp, text) for text in read_texts(texts)]
    numbers = numpy.random.default_rng(0)
    for name in range(ENTITIES):
        linker.kb.add_entity(f"Q{name}", 1.0, numbers.normal(size=WIDTH).tolist())
    for alias in sorted({ent.text for doc in docs for ent in doc.ents}):
        names = [f"Q{(place(alias) + step) % ENTITIES}" for step in (0, 1, 7)]
        linker.kb.add_alias(alias, names, [0.3, 0.3, 0.3])
    nlp.initialize(lambda: [Example(doc, doc.copy()) for doc in docs[:10]])
    nlp.to_disk(Path(folder) / "pipeline")
    kb = InMemoryLookupKB(spacy.blank("xx").vocab, WIDTH)
    names = [f"Q{name}" for name in range(LOADED)]
    kb.set_entities(names, [1.0] * LOADED, numbers.normal(size=(LOADED, WIDTH)).tolist())
    for number, name in enumerate(names):
        other = names[(number * 7 + 1) % LOADED]
        kb.add_alias(
            f"name of {number}", [name, other] if other != name else [name], [0.5, 0.3] if other != name else [1]
        )
    kb.to_disk(Path(folder) / "kb")


def main() -> None:
    """Answer tasks until standard input ends."""
    if sys.argv[1] == "make":
        make(*sys.argv[2:4])
        return
    side = Side(*sys.argv[1:4])
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(getattr(side, f"task_{task['task']}")(task["round"])), flush=True)


if __name__ == "__main__":
    main()
