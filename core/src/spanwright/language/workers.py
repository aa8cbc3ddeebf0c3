"""Several processes that share a stream of texts: the pipeline's weights are there once, and answers come in order.

The parent gives every worker at most two batches, so that an endless stream is never read ahead. Forked processes
share the memory of their parent; others map a file (`sharing`). A worker that dies ends the stream with an error that
names it and the texts that it had.
"""

from __future__ import annotations

import multiprocessing as mp
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from spanwright_tokens.tokenizer import Tokenizer
from spanwright_tokens.tokens import Doc

from ..batching import BatchSize
from ..errors import PipelineError, SpanwrightWarning
from .sharing import SharedWork
from .worker import Worker, WorkerError

if TYPE_CHECKING:
    from .processing import Stage

__all__ = ["ComponentFailedError", "WorkerError", "run_workers"]

IN_FLIGHT = 2


class ComponentFailedError(PipelineError):
    """A component raised in a worker process; the text holds the worker's traceback."""


class Batch(NamedTuple):
    """Texts that a worker has in its hands, and the contexts that stay at home."""

    worker: Worker
    texts: list[Any]
    contexts: list[Any]
    place: int


def run_workers(
    nlp: Any, pairs: Iterable[Any], stages: list[Stage], size: BatchSize, n_process: int, keep_context: bool
) -> Iterator[Doc]:
    """The Docs of a stream of (text, context) pairs, annotated by `n_process` workers, in order."""
    if n_process == -1:
        n_process = mp.cpu_count()
    if not isinstance(n_process, int) or n_process < 1:
        raise PipelineError(f"n_process must be 1 or more, or -1 for all processors; found {n_process!r}.")
    if mp.current_process().daemon:
        raise PipelineError(
            "nlp.pipe(n_process=...) was called in a daemonic process, which may not start others: it is a worker of "
            "nlp.pipe or of a multiprocessing.Pool. Use n_process=1 there, or concurrent.futures."
        )
    if any(_on_gpu(stage.component) for stage in stages):
        warnings.warn(
            "The pipeline is on a GPU, and every process of n_process needs its own copy there. Use n_process=1 with a "
            "larger batch_size instead.",
            SpanwrightWarning,
            stacklevel=3,
        )
    return _stream(nlp, size.pairs(pairs), stages, n_process, keep_context)


def _stream(
    nlp: Any, batches: Iterator[list[Any]], stages: list[Stage], n_process: int, keep_context: bool
) -> Iterator[Doc]:
    workers: list[Worker] = []
    under_way: deque[Batch] = deque()  # oldest first
    shared = None
    try:
        if mp.get_start_method() == "fork":
            if isinstance(nlp.tokenizer, Tokenizer):
                nlp.tokenizer("")  # its tables are there now, so that no other thread makes them during the fork
            _start(workers, (nlp, stages), n_process)
        else:
            shared = SharedWork((nlp, stages))
            _start(workers, shared.ticket, n_process)
            # All have the file in memory: it may go, lest it stay when this process is killed.
            shared.remove()
        place = turn = 0
        exhausted = False
        while True:
            while not exhausted and len(under_way) < IN_FLIGHT * n_process:
                pairs = next(batches, None)
                if pairs is None:
                    exhausted = True
                    break
                worker = workers[turn % n_process]
                turn += 1
                texts = [text for text, _ in pairs]
                under_way.append(Batch(worker, texts, [_context(pair, keep_context) for pair in pairs], place))
                place += len(pairs)
                if not worker.send([_packed(text) for text in texts]):
                    # Answers to earlier batches come first; waiting for this one will show what happened.
                    exhausted = True
            if not under_way:
                break
            answer = under_way[0].worker.receive()
            if answer is None:
                raise _lost(under_way)
            batch = under_way.popleft()
            yield from _unpacked(nlp, answer, batch)
    finally:
        idle = not under_way
        for worker in workers:
            worker.stop(idle=idle)
        if shared is not None:
            shared.remove()


def _start(workers: list[Worker], work: Any, n_process: int) -> None:
    for number in range(n_process):
        workers.append(Worker(number + 1, work, n_process))
    for worker in workers:
        if not worker.wait_until_ready():
            raise worker.error([], 0)


def _lost(under_way: deque[Batch]) -> WorkerError:
    worker = under_way[0].worker
    texts = [text for batch in under_way if batch.worker is worker for text in batch.texts]
    return worker.error(texts, under_way[0].place)


def _packed(text: Any) -> Any:
    return text.to_bytes() if isinstance(text, Doc) else text


def _context(pair: Any, keep_context: bool) -> Any:
    text, context = pair
    return getattr(text, "_context", None) if keep_context else context


def _unpacked(nlp: Any, answer: Any, batch: Batch) -> Iterator[Doc]:
    if isinstance(answer, str):
        error = ComponentFailedError(f"A component failed in worker {batch.worker.number} of nlp.pipe:\n{answer}")
        nlp.default_error_handler(None, None, None, error)
        return
    # From the front, so that no bytes outlive their turn here.
    answer.reverse()
    while answer:
        place, data = answer.pop()
        doc = Doc(nlp.vocab).from_bytes(data)
        doc._context = batch.contexts[place] if place is not None else None
        yield doc


def _on_gpu(component: Any) -> bool:
    ops = getattr(getattr(component, "model", None), "ops", None)
    return getattr(ops, "device_type", "cpu") == "gpu"
