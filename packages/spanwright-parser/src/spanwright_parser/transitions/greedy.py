"""Greedy parsing of a batch by the compiled loop."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .._kernels.batch import PackedNetwork, pack
from .._kernels.bits import same_bits

if TYPE_CHECKING:
    from .states import States


class PackedWeights:
    """The weights of a transition-based model, laid out for the compiled loop once and kept until they change."""

    def __init__(self) -> None:
        # What was given and what was made of it, in one pair: threads ask with different numbers of moves.
        self._kept: tuple[tuple[Any, ...], PackedNetwork] | None = None

    def get(
        self,
        lower: Any,
        bias: Any,
        pad: Any,
        upper: Any = None,
        upper_bias: Any = None,
        unseen: Iterable[int] = (),
        project: Any = None,
        project_bias: Any = None,
    ) -> PackedNetwork:
        """The weights as they are now.

        lower: weights of the lower layer. *Shape:* (nF, nO, nP, nI), float32, as the next ones.
        bias: *shape* (nO, nP).
        pad: what stands for a missing token. *Shape:* (1, nF, nO, nP).
        upper, upper_bias: *shapes* (n_moves, nO) and (n_moves,); None where the hidden layer gives the scores.
        unseen: moves that training has not met; they are chosen only where no other is possible.
        project, project_bias: a linear layer before the lower one. *Shapes:* (nI, width) and (nI,); None where token
            vectors are the lower layer's input as they are given.
        """
        given = (lower, bias, pad, upper, upper_bias, project, project_bias)
        arrays: Any = [None if a is None else np.ascontiguousarray(a, "float32") for a in given]
        masked = frozenset(unseen)
        kept = self._kept
        if kept is None or not _same(kept[0], arrays, masked):
            weights, sums, missing, outer, outer_bias, first, first_bias = arrays
            packed = pack(weights, sums, missing, outer, outer_bias, masked, first, first_bias)
            kept = self._kept = ((*(None if a is None else a.copy() for a in arrays), masked), packed)
        return kept[1]


def _same(given: tuple[Any, ...], arrays: list[Any], masked: frozenset[int]) -> bool:
    return masked == given[-1] and all(
        (a is None and b is None) or (a is not None and b is not None and same_bits(a, b))
        for a, b in zip(arrays, given[:-1], strict=True)
    )


def parse(states: States, vectors: Sequence[Any], weights: PackedNetwork, n_threads: int = 1) -> None:
    """Bring all states to their ends by the moves that the model scores highest.

    states: a batch, one state a Doc.
    vectors: of each Doc, those of its tokens, float32. *Shape:* (n_tokens, width).
    weights: see `PackedWeights.get`.
    n_threads: how many threads share the states; results do not depend on it. Advised: up to the number of cores.

    Raises ValueError if shapes do not fit.
    """
    states.batch.greedy(weights, _arrays(vectors), 0, states.n).run(n_threads)


def parse_parts(
    states: States, vectors_of: Callable[[int, int], Sequence[Any]], weights: PackedNetwork, n_threads: int
) -> None:
    """The same, where each thread also computes the token vectors of its states.

    vectors_of: gives the vectors of the states [start, stop); called by several threads.
    """

    bounds = list(pairwise(_shares(states.lengths, n_threads)))
    errors: list[BaseException] = []

    def run(start: int, stop: int) -> None:
        try:
            states.batch.greedy(weights, _arrays(vectors_of(start, stop)), start, stop).run()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=contextvars.copy_context().run, args=(run, *bound)) for bound in bounds[1:]]
    for thread in threads:
        thread.start()
    run(*bounds[0])
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _arrays(vectors: Sequence[Any]) -> list[Any]:
    return [np.ascontiguousarray(array, dtype="float32") for array in vectors]


def _shares(lengths: np.ndarray, n_threads: int) -> list[int]:
    """Where to cut the states, so that all threads have about as many tokens."""
    done = np.cumsum(lengths, dtype="int64")
    if n_threads <= 1 or len(done) <= 1:
        return [0, len(done)]
    wanted = np.arange(1, n_threads) * done[-1] / n_threads
    return sorted({0, *np.searchsorted(done, wanted).tolist(), len(done)})
