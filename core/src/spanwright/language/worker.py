"""One worker process of nlp.pipe, from both of its ends.

The parent's end notices at once when the process is gone, and never waits for it without an end. The worker's end
reads its orders in a thread, so that neither side can wait for the other with full pipes, and ends with its parent.
"""

from __future__ import annotations

import gc
import multiprocessing as mp
import os
import signal
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from spanwright_tokens.tokens import Doc, Underscore

from ..errors import SpanwrightError
from ..registry import registry
from .blas import compute_without_openmp, limit_threads
from .sharing import open_shared

if TYPE_CHECKING:
    from .processing import Stage

STOP = None
READY = "ready"
LOOK_AGAIN = 1.0  # Seconds. A child of a worker may hold the worker's pipes open after it has ended.
PATIENCE = 5.0  # Seconds that an idle worker has to end by itself
SHOWN_TEXTS = 3
SHOWN_CHARACTERS = 60

# A process that is forked while another thread makes pipes would inherit their ends and keep them open.
_starting = RLock()
_parents_ends: WeakSet[Connection] = WeakSet()


class WorkerError(SpanwrightError, RuntimeError):
    """A worker process ended before its work was done.

    worker: The worker's number, from 1.
    pid: Its process id.
    exitcode: Its exit code; negative: the signal that ended it.
    texts: The texts, or Docs, that it had in its hands.
    """

    def __init__(
        self, text: str, *, worker: int = 0, pid: int | None = None, exitcode: int | None = None, texts: Any = ()
    ) -> None:
        super().__init__(text)
        self.worker = worker
        self.pid = pid
        self.exitcode = exitcode
        self.texts = list(texts)


class Worker:
    """The parent's end.

    number: From 1, for messages.
    work: What the worker needs: `(nlp, stages)` in a forked process, else a ticket of `SharedWork`.
    n_process: How many there are to share the processors.
    """

    def __init__(self, number: int, work: Any, n_process: int) -> None:
        context = mp.get_context()
        self.number = number
        self.has_started = False
        forked = mp.get_start_method() == "fork"
        with _starting, warnings.catch_warnings():
            child_orders, self.orders = context.Pipe(duplex=False)
            self.answers, child_answers = context.Pipe(duplex=False)
            _parents_ends.update((self.orders, self.answers))
            self.process = context.Process(
                target=_work if forked else _work_elsewhere,
                args=(work if forked else None, child_orders, child_answers, n_process),
                daemon=True,
            )
            # Python warns of forks beside threads. Ours start with locks of their own, and with one BLAS thread.
            warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork", category=DeprecationWarning)
            try:
                self.process.start()
            except BaseException:
                self.orders.close()
                self.answers.close()
                raise
            finally:
                child_orders.close()
                child_answers.close()
        if not forked:
            # Not with the arguments, for which Python would wait for ever if the process ended before reading them.
            with suppress(OSError):
                self.orders.send((work, Underscore.get_state()))

    def send(self, batch: Any) -> bool:
        """Give the worker a batch. Returns whether it is there to take it."""
        if self.process.exitcode is not None:
            return False
        try:
            self.orders.send(batch)
        except OSError:
            return False
        return True

    def wait_until_ready(self) -> bool:
        """Wait until the worker has its pipeline. Returns False if it has ended instead."""
        while not self.has_started:
            answer = self._next()
            if answer is None:
                return False
            self.has_started = answer == READY
        return True

    def receive(self) -> Any:
        """The answer to the oldest batch, which is never None; None if the worker has ended without one."""
        return self._next() if self.wait_until_ready() else None

    def _next(self) -> Any:
        while True:
            ready = wait([self.answers, self.process.sentinel], timeout=LOOK_AGAIN)
            ended = self.process.exitcode is not None
            if self.answers in ready or self.answers.poll():
                try:
                    return self.answers.recv()
                except (EOFError, OSError):
                    return None
            if ended:
                return None

    def stop(self, *, idle: bool) -> None:
        """End the process: by a message if it is idle, else at once."""
        if idle and self.send(STOP):
            self.process.join(timeout=PATIENCE)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.orders.close()
        self.answers.close()
        self.process.close()

    def error(self, texts: Sequence[Any], place: int) -> WorkerError:
        """What happened to a worker that has ended.

        texts: What it had in its hands.
        place: Where in the stream the first of them stands, from 0.
        """
        self.process.join(timeout=PATIENCE)
        code = self.process.exitcode
        pid = self.process.pid
        return WorkerError(
            f"Worker {self.number} of nlp.pipe (process {pid}) {_ending(code)} before its work was done"
            f"{_in_hand(texts, place)}.{_hint(code, started=self.has_started)}",
            worker=self.number,
            pid=pid,
            exitcode=code,
            texts=texts,
        )


def _ending(code: int | None) -> str:
    if code is None:
        return "closed its pipe"
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"was killed by signal {-code}"


def _in_hand(texts: Sequence[Any], place: int) -> str:
    if not texts:
        return ""
    shown = ", ".join(_shortened(text) for text in texts[:SHOWN_TEXTS])
    which = f"text {place}" if len(texts) == 1 else f"{len(texts)} texts, from text {place} of the stream on"
    return f". It had {which} in its hands: {shown}{', ...' if len(texts) > SHOWN_TEXTS else ''}"


def _shortened(text: Any) -> str:
    shown = text.text if isinstance(text, Doc) else text
    if not isinstance(shown, str):
        return f"<{type(text).__name__}>"
    return repr(shown if len(shown) <= SHOWN_CHARACTERS else shown[: SHOWN_CHARACTERS - 3] + "...")


def _hint(code: int | None, *, started: bool) -> str:
    if code == -9:
        return " The system may have run out of memory: use fewer processes, or a smaller batch_size or batch_words."
    if not started and mp.get_start_method() != "fork":
        return (
            " It failed while it started; its own message is above. What starts the program must stand under "
            "`if __name__ == '__main__':`, as new processes import it."
        )
    return ""


# ------------------------------------------------------------------ the worker's end


def _work_elsewhere(_: None, orders: Connection, answers: Connection, n_process: int) -> None:
    """The life of a process that has nothing of its parent."""
    try:
        ticket, extensions = orders.recv()
    except (EOFError, OSError):
        os._exit(1)
    Underscore.load_state(extensions)
    _work(open_shared(*ticket), orders, answers, n_process)


def _work(work: Any, orders: Connection, answers: Connection, n_process: int) -> None:
    """The life of a worker that has its pipeline."""
    # Not the parent's handlers: the parent alone hears Ctrl-C, and then ends its workers.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Only in a forked process are there any. Open here, they would hide from other workers that the parent is gone.
    for connection in list(_parents_ends):
        with suppress(OSError):
            connection.close()
    _renew_locks()
    # What is there already stays: the collector need not write to its pages, which are shared.
    gc.freeze()
    limit_threads(max(1, (os.cpu_count() or 1) // n_process))
    if mp.get_start_method() == "fork":
        compute_without_openmp()
    nlp, stages = work
    inbox: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_read_orders, args=(orders, inbox), daemon=True).start()
    try:
        answers.send(READY)
        while (batch := inbox.get()) is not STOP:
            answers.send(_answer(nlp, stages, batch))
    except (BrokenPipeError, ConnectionResetError):
        return


def _renew_locks() -> None:
    # Another thread of the parent may have held one when the process was forked, and will never let go of it here.
    registry._lock = RLock()
    registry.index._lock = RLock()


def _read_orders(orders: Connection, inbox: SimpleQueue[Any]) -> None:
    while True:
        try:
            batch = orders.recv()
        except (EOFError, OSError):
            # The parent is gone, and nobody waits for the answers.
            os._exit(1)
        inbox.put(batch)
        if batch is STOP:
            return


def _answer(nlp: Any, stages: list[Stage], batch: list[Any]) -> list[tuple[int, bytes]] | str:
    """(place in the batch, bytes) of every Doc that was not dropped; or the traceback, as not all errors pickle."""
    try:
        return _annotate(nlp, stages, batch)
    except Exception:
        return traceback.format_exc()


def _annotate(nlp: Any, stages: list[Stage], batch: list[Any]) -> list[tuple[int, bytes]]:
    docs: Any = (nlp._ensure_doc_with_context(text, place) for place, text in enumerate(batch))
    for stage in stages:
        docs = stage(docs)
    # Each as soon as it is done: its vectors and tables need not wait for the others.
    done = [(doc._context, doc.to_bytes()) for doc in docs]
    if len(done) == len(batch) and any(place is None for place, _ in done):
        return [(place, data) for place, (_, data) in enumerate(done)]
    return done
