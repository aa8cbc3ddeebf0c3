"""Beam search: several candidates for each Doc of a batch, continued together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.errors import InvalidValueError

from .._kernels.beam import copy_flags, copy_stretches, step
from ..transitions.states import LENGTH, SLOT

if TYPE_CHECKING:
    from ..transitions import States


@dataclass
class Born:
    """Candidates that a step made: of which Docs, at which ranks, from which rows of the scores, by which moves."""

    docs: np.ndarray
    ranks: np.ndarray
    rows: np.ndarray
    moves: np.ndarray
    edges: np.ndarray  # the last moves of those that they continue


class Trace:
    """All moves of a search; each knows the one before it, so that candidates share the beginnings of their histories.

    A move is known by its number; -1 stands before the first one. Those of step i are numbered from `firsts[i]`.
    """

    def __init__(self) -> None:
        self.firsts = [0]
        self.before: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []
        self.moves: list[np.ndarray] = []

    def add(self, before: np.ndarray, rows: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Add a step's moves; returns their numbers."""
        first = self.firsts[-1]
        self.firsts.append(first + len(moves))
        self.before.append(before)
        self.rows.append(rows)
        self.moves.append(moves)
        return np.arange(first, first + len(moves))

    def lengths(self, edges: np.ndarray) -> np.ndarray:
        """How many moves lead to and include each of these."""
        return np.searchsorted(self.firsts, edges, side="right")

    def history(self, edge: int) -> list[int]:
        """The moves that end with this one."""
        found = []
        for number in range(int(self.lengths(np.array([edge]))[0]) - 1, -1, -1):
            at = edge - self.firsts[number]
            found.append(int(self.moves[number][at]))
            edge = int(self.before[number][at])
        return found[::-1]


class Search:
    """The beams of a batch.

    states: one state a Doc; they are copied.
    width: candidates that are kept for a Doc.
    density: least probability of a candidate that is kept, against the best one's; 0 keeps all.

    Arrays have the *shape* (n_docs, width), candidates from best to worst; only the first `sizes[i]` of Doc i count.
    """

    def __init__(self, states: States, width: int, density: float = 0.0) -> None:
        if width < 1:
            raise InvalidValueError(f"A beam needs a width of at least 1, but got {width}.")
        if not 0.0 <= density <= 1.0:
            raise InvalidValueError(f"The density of a beam is a part of the best probability, 0 to 1; got {density}.")
        n, self.width, self.density = states.n, width, density
        self.pool = states.take(np.repeat(np.arange(n, dtype="int32"), width))
        self.where = np.arange(n * width, dtype="int32").reshape((n, width))
        self.totals = np.zeros((n, width), dtype="float32")
        self.losses = np.zeros((n, width), dtype="float32")
        self.edges = np.full((n, width), -1, dtype="int64")
        self.sizes = np.ones(n, dtype="int32")
        self.ended = np.ones((n, width), dtype=bool)
        self.ended[:, 0] = states.final
        self.done = self.ended[:, 0].copy()
        self.stuck = np.zeros(n, dtype=bool)
        self.number = 0

    @property
    def kept(self) -> np.ndarray:
        """Which places of the arrays hold a candidate. *Shape:* (n_docs, width), bool."""
        return np.arange(self.width) < self.sizes[:, None]

    def open(self) -> tuple[np.ndarray, np.ndarray]:
        """Docs and ranks of the candidates that are to be scored, by Doc and rank."""
        docs, ranks = np.nonzero(~self.ended & self.kept & ~self.done[:, None])
        return docs, ranks

    def states_of(self, docs: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """Candidates as rows of `pool`."""
        return self.where[docs, ranks]

    def advance(
        self, docs: np.ndarray, ranks: np.ndarray, scores: np.ndarray, valid: np.ndarray, costs: Any = None
    ) -> Born:
        """Continue all beams by a move; `edges` of the born candidates are the caller's to set.

        docs, ranks: as `open` gave them; scores, valid, costs: a row for each. *Shape:* (len(docs), n_moves).
        """
        rows = np.full(self.where.shape, -1, dtype="int32")
        rows[docs, ranks] = np.arange(len(docs), dtype="int32")
        parents, moves, self.totals, sizes, copies = step(
            self.totals, rows, self.sizes, self.done.view("uint8"), np.ascontiguousarray(scores, dtype="float32"),
            np.ascontiguousarray(valid).view("uint8"), self.where, self.number, self.density,
        )  # fmt: skip
        self.number += 1
        self._stop_where_nothing_is_possible(sizes == 0)
        self.sizes = np.where(sizes == 0, self.sizes, sizes)
        all_docs = np.arange(len(parents))[:, None]
        self.ended, self.losses = self.ended[all_docs, parents], self.losses[all_docs, parents]
        self.edges, rows = self.edges[all_docs, parents], rows[all_docs, parents]
        copy_states(self.pool, copies[:, 0], copies[:, 1])
        born_docs, born_ranks = np.nonzero((moves >= 0) & self.kept)
        at = born_docs, born_ranks
        born = Born(born_docs, born_ranks, rows[at], moves[at], self.edges[at])
        if costs is not None:
            self.losses[at] += costs[born.rows, born.moves]
        states = self.where[at]
        self.pool.advance(born.moves, states)
        self.ended[at] = self.pool.final[states]
        self.done = ~(self.kept & ~self.ended).any(axis=1) | self.stuck
        return born

    def _stop_where_nothing_is_possible(self, docs: np.ndarray) -> None:
        self.stuck |= docs


def copy_states(states: States, source: np.ndarray, target: np.ndarray) -> None:
    """Overwrite states of a batch with others of the same Doc; what no move has touched yet is not copied."""
    if not len(source):
        return
    cursors, arrays = states.cursors, states.batch.arrays
    slots = cursors[:, SLOT].astype("int64")
    lengths = cursors[source, LENGTH].astype("int64")
    # A move changes tokens up to the second of the buffer; what was put back waits at the far end.
    shifted = states.NEXT  # type: ignore[attr-defined]
    reach = np.minimum(np.maximum(cursors[source, shifted], cursors[target, shifted]) + 2, lengths)
    if states.batch.is_arc:
        tail = np.maximum(cursors[source, states.WAITING], cursors[target, states.WAITING]).astype("int64")  # type: ignore[attr-defined]
        tail = np.minimum(tail, lengths - reach)
        copy_stretches(arrays["columns"], slots[source], slots[target], reach)
        copy_stretches(arrays["columns"], slots[source] + lengths - tail, slots[target] + lengths - tail, tail)
        copy_flags(arrays["flags"], slots[source], slots[target], reach)
    else:
        copy_stretches(arrays["taken"][None], slots[source], slots[target], reach)
    cursors[target] = cursors[source]
    cursors[target, SLOT] = slots[target]
