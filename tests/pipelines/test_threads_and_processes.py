"""Threads that share one pipeline, and processes, give the serial answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

THREADS = 16
WORDS = "The boats left at dawn . Mira reads old maps She folds them slowly , twice & 1,000 überall don't".split()
TEXTS = [" ".join(WORDS[(3 * i + 5 * j) % len(WORDS)] for j in range(i % 17)) + f" w{i}" for i in range(120)]


def test_sixteen_threads(nlp: Any, annotation: Callable[[Any], Any]) -> None:
    serial = [annotation(doc) for doc in nlp.pipe(TEXTS)]
    start = Barrier(THREADS)

    def one(number: int) -> list[Any]:
        start.wait()
        if number % 2:
            return [annotation(doc) for doc in nlp.pipe(TEXTS, batch_size=7 + number)]
        # Each its own order, so that the threads are in different Docs and components at a time.
        order = [(index + 11 * number) % len(TEXTS) for index in range(len(TEXTS))]
        found = {index: annotation(nlp(TEXTS[index])) for index in order}
        return [found[index] for index in range(len(TEXTS))]

    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(one, range(THREADS)):
            assert found == serial


def test_two_processes(nlp: Any, annotation: Callable[[Any], Any]) -> None:
    serial = [annotation(doc) for doc in nlp.pipe(TEXTS)]
    assert [annotation(doc) for doc in nlp.pipe(TEXTS, n_process=2, batch_size=9)] == serial
    pairs = [(text, number) for number, text in enumerate(TEXTS)]
    both = list(nlp.pipe(pairs, as_tuples=True, n_process=2, batch_size=50))
    assert [number for _, number in both] == list(range(len(TEXTS)))
    assert [annotation(doc) for doc, _ in both] == serial


def test_two_processes_with_a_component_excluded(nlp: Any) -> None:
    with nlp.select_pipes(disable=["senter"]):
        docs = list(nlp.pipe(TEXTS[:10], n_process=2, batch_size=3))
    assert not any(doc.has_annotation("SENT_START") for doc in docs)
    assert all(doc.has_annotation("TAG") for doc in docs)
