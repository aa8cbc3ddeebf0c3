"""Worker processes: they share the weights, end with an error that says what happened, and leave nothing behind."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from spanwright import registry
from spanwright.errors import PipelineError, SpanwrightError
from spanwright.language import Language, blank
from spanwright.language.processing import ignore_error
from spanwright.language.sharing import SharedWork, open_shared
from spanwright.language.worker import WorkerError
from spanwright_tokens.tokens import Doc

METHODS = [name for name in ("fork", "spawn") if name in mp.get_all_start_methods()]
ROWS = 50_000


class Heavy:
    """A component with weights, and with every way to go wrong."""

    def __init__(self, vocab: Any = None, name: str = "heavy") -> None:
        self.name = name
        self.weights = numpy.ones((ROWS, 16), dtype="float32")

    def __call__(self, doc: Doc) -> Doc:
        for word in doc.text.split():
            if word in WAYS:
                WAYS[word]()
        doc.user_data["sum"] = float(self.weights.sum())
        doc.user_data["pid"] = os.getpid()
        return doc

    def __setstate__(self, state: dict[str, Any]) -> None:
        if os.environ.get("SPANWRIGHT_TEST_BREAK") == "start":
            raise RuntimeError("these weights do not open")
        self.__dict__.update(state)


class CannotBePickledError(Exception):
    def __init__(self) -> None:
        super().__init__("has a lock")
        self.lock = threading.Lock()


def _raise_unpicklable() -> None:
    raise CannotBePickledError


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _leave_child() -> None:
    # A child that is forked holds on to the worker's pipes.
    if not os.fork():
        time.sleep(3)
        os._exit(0)
    os._exit(5)


WAYS = {
    "kill": _kill,
    "exit": lambda: os._exit(7),
    "sysexit": lambda: sys.exit(4),
    "unpicklable": _raise_unpicklable,
    "child": _leave_child,
    "sleep": lambda: time.sleep(60),
}


@pytest.fixture(params=METHODS)
def method(request: Any) -> Iterator[str]:
    before = mp.get_start_method()
    mp.set_start_method(request.param, force=True)
    yield request.param
    mp.set_start_method(before, force=True)


@pytest.fixture
def heavy(request: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A pipeline with one heavy component. Nothing of its workers is left at the end."""
    # A spawned process imports this file by its name from the root, and has its parent's path.
    monkeypatch.syspath_prepend(request.config.rootpath)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    nlp = blank("xx")
    Language.component("heavy", func=Heavy())
    nlp.add_pipe("heavy")
    yield nlp
    registry.factories.remove("heavy")
    assert not mp.active_children()
    assert not _zombie()
    assert not list(tmp_path.iterdir())


def _zombie() -> int:
    """The id of a child that has ended and was not waited for, or 0. (Python keeps one running beside spawned ones.)"""
    try:
        return os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        return 0


@pytest.fixture
def forking() -> Iterator[None]:
    if "fork" not in METHODS:
        pytest.skip("processes are not forked here")
    before = mp.get_start_method()
    mp.set_start_method("fork", force=True)
    yield
    mp.set_start_method(before, force=True)


def test_results_order_and_contexts_are_the_serial_ones(heavy: Any, method: str) -> None:
    pairs = [(f"text {number}", number) for number in range(20)]
    serial = [(doc.text, doc.user_data["sum"], number) for doc, number in heavy.pipe(pairs, as_tuples=True)]
    got = list(heavy.pipe(pairs, as_tuples=True, n_process=2, batch_size=3))
    assert [(doc.text, doc.user_data["sum"], number) for doc, number in got] == serial
    assert len({doc.user_data["pid"] for doc, _ in got}) == 2


def test_a_killed_worker_is_named_with_the_texts_it_had(heavy: Any, method: str) -> None:
    texts = ["a b", "please kill me", "c", "d"] * 2
    expected = (
        r"Worker 2 of nlp\.pipe \(process \d+\) was killed by signal 9 \(SIGKILL\) before its work was done\. "
        r"It had 2 texts, from text 1 of the stream on in its hands: 'please kill me', 'd'\. "
        r"The system may have run out of memory: use fewer processes, or a smaller batch_size or batch_words\."
    )
    with pytest.raises(WorkerError, match=expected) as caught:
        list(heavy.pipe(texts, n_process=2, batch_size=1))
    error = caught.value
    assert isinstance(error, (SpanwrightError, RuntimeError))
    assert (error.worker, error.exitcode, error.texts) == (2, -9, ["please kill me", "d"])
    assert isinstance(error.pid, int)


def test_docs_before_the_killed_workers_come_out(heavy: Any) -> None:
    stream = heavy.pipe(["a", "b", "kill"], n_process=2, batch_size=1)
    assert [next(stream).text, next(stream).text] == ["a", "b"]
    with pytest.raises(WorkerError, match="It had text 2 in its hands: 'kill'"):
        next(stream)


@pytest.mark.parametrize(("way", "code"), [("exit", 7), ("sysexit", 4)])
def test_a_worker_that_exits_is_named(heavy: Any, method: str, way: str, code: int) -> None:
    expected = rf"Worker 1 of nlp\.pipe \(process \d+\) ended with exit code {code} before its work was done\. It had"
    with pytest.raises(WorkerError, match=expected) as caught:
        list(heavy.pipe([f"{way} " + "x" * 100], n_process=2))
    assert caught.value.exitcode == code
    assert f"'{way} xxx" in str(caught.value)
    assert "...'" in str(caught.value)


def test_a_worker_that_leaves_a_child_behind_is_noticed(heavy: Any, forking: None) -> None:
    with pytest.raises(WorkerError, match="ended with exit code 5"):
        list(heavy.pipe(["child"], n_process=2))


def test_a_worker_killed_from_outside_while_the_stream_waits(heavy: Any, forking: None) -> None:
    stream = heavy.pipe(["a", "sleep", "b", "c"], n_process=2, batch_size=1)
    pids = {next(stream).user_data["pid"]}
    other = next(child for child in mp.active_children() if child.pid not in pids)
    killer = threading.Timer(0.3, os.kill, (other.pid, signal.SIGTERM))
    killer.start()
    with pytest.raises(WorkerError, match=r"Worker 2 .* was killed by signal 15 \(SIGTERM\).*'sleep', 'c'"):
        next(stream)
    killer.join()


def test_docs_in_hand_are_named_by_their_texts(heavy: Any) -> None:
    docs = [heavy.make_doc("exit now"), heavy.make_doc("b").to_bytes(), heavy.make_doc("c"), heavy.make_doc("d")]
    with pytest.raises(WorkerError, match=r"had 4 texts, from text 0 .*hands: 'exit now', <bytes>, 'c', \.\.\.\."):
        list(heavy.pipe(docs, n_process=2))


def test_an_error_that_cannot_be_pickled_comes_with_its_traceback(heavy: Any, method: str) -> None:
    with pytest.raises(PipelineError, match=r"(?s)failed in worker 1 of nlp\.pipe:.*CannotBePickledError: has a lock"):
        list(heavy.pipe(["unpicklable"], n_process=2))


def test_error_handlers_drop_docs_in_workers(heavy: Any, method: str) -> None:
    heavy.set_error_handler(ignore_error)
    pairs = [("a", 0), ("unpicklable", 1), ("b", 2), ("c", 3)]
    got = list(heavy.pipe(pairs, as_tuples=True, n_process=2, batch_size=2))
    assert [number for _, number in got] == [0, 2, 3]


def test_a_worker_that_cannot_start(heavy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = mp.get_start_method()
    mp.set_start_method("spawn", force=True)
    monkeypatch.setenv("SPANWRIGHT_TEST_BREAK", "start")
    try:
        with pytest.raises(WorkerError, match="Worker 1 .* ended with exit code 1 .*failed while it started; its own"):
            list(heavy.pipe(["a"], n_process=2))
    finally:
        mp.set_start_method(before, force=True)


def test_texts_that_raise_end_the_workers(heavy: Any, method: str) -> None:
    def texts() -> Iterator[str]:
        yield from ["a", "sleep", "b"]
        raise OSError("the disk is gone")

    start = time.monotonic()
    with pytest.raises(OSError, match="the disk is gone"):
        list(heavy.pipe(texts(), n_process=2, batch_size=1))
    assert time.monotonic() - start < 30


def test_a_consumer_that_stops_early_ends_the_workers(heavy: Any, method: str) -> None:
    read = []

    def texts() -> Iterator[str]:
        for number in range(10**9):
            read.append(number)
            yield f"text {number}"

    stream = heavy.pipe(texts(), n_process=2, batch_size=5)
    assert next(stream).text == "text 0"
    assert len(read) <= 5 * 2 * 2
    stream.close()


def test_a_worker_that_ignores_sigterm_is_ended(heavy: Any, forking: None) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        stream = heavy.pipe(["a", "sleep", "sleep"], n_process=2, batch_size=1)
        next(stream)
        stream.close()
    finally:
        signal.signal(signal.SIGTERM, before)


ORPHANS = """
import os, sys, time
from spanwright.language import Language, blank
Language.component("slow", func=lambda doc: (doc, time.sleep(0.1))[0])
nlp = blank("xx"); nlp.add_pipe("slow")
stream = nlp.pipe(("a" for _ in range(10**9)), n_process=2, batch_size=1)
next(stream)
import multiprocessing
print(*[child.pid for child in multiprocessing.active_children()], flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are looked up in /proc")
def test_workers_end_with_a_killed_parent() -> None:
    done = subprocess.run([sys.executable, "-c", ORPHANS], capture_output=True, text=True, timeout=60, check=False)
    pids = done.stdout.split()
    assert len(pids) == 2, done.stderr
    end = time.monotonic() + 20
    while (left := [pid for pid in pids if _runs(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    assert not left


def _runs(pid: str) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf8")
    except OSError:
        return False
    return "State:\tZ" not in status


def test_daemonic_processes_get_advice(heavy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mp.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    with pytest.raises(PipelineError, match=r"called in a daemonic process.*Use n_process=1 there, or concurrent"):
        list(heavy.pipe(["a"], n_process=2))


def test_threads_may_each_have_workers(heavy: Any) -> None:
    found: dict[int, list[str]] = {}

    def one(number: int) -> None:
        found[number] = [doc.text for doc in heavy.pipe([f"{number} {i}" for i in range(6)], n_process=2, batch_size=2)]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert found == {number: [f"{number} {i}" for i in range(6)] for number in range(3)}


# ------------------------------------------------------------------ sharing


def test_arrays_come_from_the_file() -> None:
    shared = SharedWork({"a": numpy.arange(1000, dtype="float32"), "b": "text", "c": numpy.zeros(0)})
    try:
        first, second = open_shared(*shared.ticket), open_shared(*shared.ticket)
    finally:
        shared.remove()
    assert not shared.path.exists()
    assert first["b"] == "text"
    assert not first["a"].flags.owndata
    # What one process writes, it alone sees.
    first["a"][0] = 5
    assert second["a"].tolist() == list(range(1000))
    shared.remove()


def test_what_fails_while_it_is_written_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(PipelineError, match="cannot be sent to other processes: .*use n_process=1"):
        SharedWork(threading.Lock())
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="private memory is read from /proc")
def test_workers_have_no_copy_of_the_weights(heavy: Any, method: str) -> None:
    big = Heavy()
    big.weights = numpy.ones((40_000_000 // 4,), dtype="float32")
    heavy._components[0] = ("heavy", big)
    stream = heavy.pipe((f"text {number}" for number in range(10**9)), n_process=2, batch_size=1)
    for _ in range(4):
        next(stream)
    for child in mp.active_children():
        rollup = Path(f"/proc/{child.pid}/smaps_rollup").read_text(encoding="utf8")
        smaps = Path(f"/proc/{child.pid}/smaps").read_text(encoding="utf8")
        assert "Pss:" in rollup
        assert _largest_private(smaps) < 38_000, method
    stream.close()


def _largest_private(smaps: str) -> int:
    """Kilobytes that only this process has, in the mapping that has most of them."""
    return max(int(line.split()[1]) for line in smaps.splitlines() if line.startswith("Private_Dirty:"))
