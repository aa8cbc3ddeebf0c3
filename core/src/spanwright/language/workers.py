"""Several processes that share a stream of texts: each holds a copy of the pipeline, and answers come in order.

The parent gives every worker at most two batches, so that an endless stream is never read ahead. A worker that dies
is noticed at once, through its sentinel: the stream ends with an error that names it. A worker reads its orders in a
thread, so that neither side can wait for the other with full pipes.
"""

from __future__ import annotations

import multiprocessing as mp
import pickle
import traceback
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from spanwright_tokens.tokens import Doc

from ..errors import PipelineError, SpanwrightError, SpanwrightWarning

if TYPE_CHECKING:
    from .processing import Stage

IN_FLIGHT = 2
STOP = None


class WorkerError(SpanwrightError, RuntimeError):
    """A worker process ended before its work was done."""


class ComponentFailedError(PipelineError):
    """A component raised in a worker process; the text holds the worker's traceback."""


def run_workers(
    nlp: Any, pairs: Iterable[Any], stages: list[Stage], size: int, n_process: int, keep_context: bool
) -> Iterator[Doc]:
    """The Docs of a stream of (text, context) pairs, annotated by `n_process` workers, in order."""
    if n_process == -1:
        n_process = mp.cpu_count()
    if not isinstance(n_process, int) or n_process < 1:
        raise PipelineError(f"n_process must be 1 or more, or -1 for all processors; found {n_process!r}.")
    if any(_on_gpu(stage.component) for stage in stages):
        warnings.warn(
            "The pipeline is on a GPU, and every process of n_process needs its own copy there. Use n_process=1 with a "
            "larger batch_size instead.",
            SpanwrightWarning,
            stacklevel=3,
        )
    return _stream(nlp, iter(pairs), stages, size, n_process, keep_context)


def _stream(
    nlp: Any, pairs: Iterator[Any], stages: list[Stage], size: int, n_process: int, keep_context: bool
) -> Iterator[Doc]:
    # A forked process has the objects already. For another one they are pickled here, once, so that what cannot be
    # sent is an error in the parent.
    work = (nlp, stages) if mp.get_start_method() == "fork" else _pickled(nlp, stages)
    workers: list[Worker] = []
    # Batches under way, oldest first: who has them, and the contexts that stay at home.
    under_way: deque[tuple[Worker, list[Any]]] = deque()
    try:
        for number in range(n_process):
            workers.append(Worker(number + 1, work))
        turn = 0
        exhausted = False
        while True:
            while not exhausted and len(under_way) < IN_FLIGHT * n_process:
                batch = list(islice(pairs, size))
                if not batch:
                    exhausted = True
                    break
                worker = workers[turn % n_process]
                turn += 1
                worker.send([_packed(text) for text, _ in batch])
                under_way.append((worker, [_context(pair, keep_context) for pair in batch]))
            if not under_way:
                break
            worker, contexts = under_way.popleft()
            yield from _unpacked(nlp, worker, worker.receive(), contexts)
    finally:
        idle = not under_way
        for worker in workers:
            worker.stop(idle=idle)


class Worker:
    """A process with a copy of the pipeline's stages."""

    def __init__(self, number: int, work: Any) -> None:
        from spanwright_tokens.tokens import Underscore

        context = mp.get_context()
        self.number = number
        child_orders, self.orders = context.Pipe(duplex=False)
        self.answers, child_answers = context.Pipe(duplex=False)
        # Not with the arguments, for which Python would wait for ever if the process ended before reading them.
        pickled = isinstance(work, bytes)
        given = None if pickled else work
        self.process = context.Process(
            target=_work, args=(given, child_orders, child_answers, Underscore.get_state()), daemon=True
        )
        with warnings.catch_warnings():
            # Python warns of forks beside threads; those of the linear algebra library are safe to fork.
            warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork", category=DeprecationWarning)
            self.process.start()
        child_orders.close()
        child_answers.close()
        if pickled:
            self.send(work)

    def send(self, batch: Any) -> None:
        """Give the worker a batch. Raises WorkerError if it is gone."""
        try:
            self.orders.send(batch)
        except (BrokenPipeError, ConnectionResetError):
            self._gone()

    def receive(self) -> Any:
        """Wait for the answer to the oldest batch. Raises WorkerError if the worker ends without one."""
        while True:
            ready = wait([self.answers, self.process.sentinel])
            if self.answers in ready:
                try:
                    return self.answers.recv()
                except (EOFError, OSError):
                    self._gone()
            if not self.answers.poll():
                self._gone()

    def stop(self, *, idle: bool) -> None:
        """End the process: by the sentinel if it is idle, else at once."""
        try:
            if idle:
                self.orders.send(STOP)
                self.process.join(timeout=5)
        except OSError:
            pass
        if self.process.is_alive():
            self.process.terminate()
            self.process.join()
        self.orders.close()
        self.answers.close()

    def _gone(self) -> None:
        self.process.join(timeout=5)
        code = self.process.exitcode
        how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        hint = ""
        if code == -9:
            hint = " The system may have run out of memory: use fewer processes or a smaller batch_size."
        elif code == 1 and mp.get_start_method() != "fork":
            hint = " What starts the program must stand under `if __name__ == '__main__':`, as new processes import it."
        raise WorkerError(
            f"Worker {self.number} of nlp.pipe (process {self.process.pid}) {how} before its work was done.{hint}"
        )


def _pickled(nlp: Any, stages: list[Stage]) -> bytes:
    try:
        return pickle.dumps((nlp, stages))
    except Exception as error:
        raise PipelineError(
            f"The pipeline cannot be sent to other processes: {error}. Define components and error handlers at the top "
            "level of a module, or use n_process=1."
        ) from error


def _work(work: Any, orders: Connection, answers: Connection, extensions: Any) -> None:
    """The life of a worker process."""
    from spanwright_tokens.tokens import Underscore

    Underscore.load_state(extensions)
    nlp, stages = pickle.loads(orders.recv()) if work is None else work
    inbox: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_read_orders, args=(orders, inbox), daemon=True).start()
    while (batch := inbox.get()) is not STOP:
        try:
            answer: Any = _annotate(nlp, stages, batch)
        except Exception:
            answer = traceback.format_exc()
        try:
            answers.send(answer)
        except (BrokenPipeError, ConnectionResetError):
            return


def _read_orders(orders: Connection, inbox: SimpleQueue[Any]) -> None:
    while True:
        try:
            batch = orders.recv()
        except (EOFError, OSError):
            batch = STOP
        inbox.put(batch)
        if batch is STOP:
            return


def _annotate(nlp: Any, stages: list[Stage], batch: list[Any]) -> list[tuple[int, bytes]]:
    """(place in the batch, bytes) of every Doc that was not dropped."""
    docs: Any = (nlp._ensure_doc_with_context(text, place) for place, text in enumerate(batch))
    for stage in stages:
        docs = stage(docs)
    done = list(docs)
    places = [doc._context for doc in done]
    if len(done) == len(batch) and None in places:
        places = list(range(len(batch)))
    return [(place, doc.to_bytes()) for place, doc in zip(places, done, strict=True)]


def _packed(text: Any) -> Any:
    return text.to_bytes() if isinstance(text, Doc) else text


def _context(pair: Any, keep_context: bool) -> Any:
    text, context = pair
    return getattr(text, "_context", None) if keep_context else context


def _unpacked(nlp: Any, worker: Worker, answer: Any, contexts: list[Any]) -> Iterator[Doc]:
    if isinstance(answer, str):
        error = ComponentFailedError(f"A component failed in worker {worker.number} of nlp.pipe:\n{answer}")
        nlp.default_error_handler(None, None, None, error)
        return
    for place, data in answer:
        doc = Doc(nlp.vocab).from_bytes(data)
        doc._context = contexts[place] if place is not None else None
        yield doc


def _on_gpu(component: Any) -> bool:
    ops = getattr(getattr(component, "model", None), "ops", None)
    return getattr(ops, "device_type", "cpu") == "gpu"
