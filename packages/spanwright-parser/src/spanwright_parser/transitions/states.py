"""A batch of parser states, kept in columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.errors import InvalidValueError

from .._kernels.batch import arc_batch, biluo_batch

if TYPE_CHECKING:
    from .._kernels.batch import Batch, Gold

# Cursors of a state: how long its Doc is, where its tokens begin in the batch, and in the columns.
LENGTH, ROW, SLOT = 0, 1, 2
N_CURSORS = 6
SUBTOKEN = "subtok"
# What a batch of entity states shares with its copies.
GIVEN = ("iob", "types", "starts", "space", "actions", "labels")


class States:
    """A batch of states of one transition system.

    Made by `TransitionSystem.start`. A method that takes `rows` works on those states of the batch, by default on all;
    no state may be given twice.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        # Probabilities of what the states say, by token of the batch, where a component was asked for them.
        self.chances: np.ndarray | None = None
        self._all = np.arange(batch.n_states, dtype="int32")

    @property
    def n(self) -> int:
        """Number of states."""
        return int(self.batch.n_states)

    def __len__(self) -> int:
        return self.n

    @property
    def n_tokens(self) -> int:
        """Number of tokens of the Docs that the batch was started with."""
        return int(self.batch.n_rows)

    @property
    def cursors(self) -> np.ndarray:
        """Positions in each state. *Shape:* (n, 6), int32; columns LENGTH, ROW, SLOT, and what the system needs."""
        return self.batch.arrays["cursors"]

    @property
    def lengths(self) -> np.ndarray:
        """Numbers of tokens of the states' Docs. *Shape:* (n,), int32."""
        return self.cursors[:, LENGTH]

    @property
    def final(self) -> np.ndarray:
        """Which states are at their ends. *Shape:* (n,), bool."""
        return self.batch.final(self._all).view("bool")

    @property
    def active(self) -> np.ndarray:
        """The states that are not at their ends. *Shape:* (at most n,), int32."""
        return np.flatnonzero(~self.final).astype("int32")

    def _rows(self, rows: Any) -> np.ndarray:
        return self._all if rows is None else np.ascontiguousarray(rows, dtype="int32")

    def features(self, n_features: int, rows: Any = None) -> np.ndarray:
        """The tokens that scores depend on, as rows of the batch's token matrix.

        *Shape:* (len(rows), n_features), int32.

        n_features: 8 or 13 for parsers, 3 or 6 for entities; which tokens they are is part of the models' meaning.

        A feature without a token is -1. Raises ValueError for another number.
        """
        return self.batch.features(self._rows(rows), n_features)

    def first_buffered(self) -> np.ndarray:
        """The first token of each state's buffer; -1 if it is empty. *Shape:* (n,), int32."""
        first = self.batch.features(self._all, 1)[:, 0]
        return np.where(first < 0, -1, first - self.cursors[:, ROW])

    def valid(self, rows: Any = None) -> np.ndarray:
        """Which moves are possible. *Shape:* (len(rows), n_moves), bool; in a state at its end none is."""
        return self.batch.valid(self._rows(rows)).view("bool")

    def advance(self, moves: Any, rows: Any = None) -> None:
        """Make a move in each state.

        moves: positions in the system's list of moves. *Shape:* (len(rows),).

        Raises InvalidValueError (a ValueError) if one is not possible; then none is made (of a state that is given
        twice, the first).
        """
        rows = self._rows(rows)
        moves = np.ascontiguousarray(moves, dtype="int32")
        bad = self.batch.advance(rows, moves)
        if bad >= 0:
            raise InvalidValueError(f"Move {int(moves[bad])} is not possible in state {int(rows[bad])}.")

    def follow(self, scores: Any, rows: Any = None) -> np.ndarray:
        """Make the possible move with the highest score in each state, the first of equals.

        scores: *shape* (len(rows), n_moves), float32.

        Returns the moves; -1 for a state that no move fits, which is at its end then.
        """
        return self.batch.follow(self._rows(rows), np.ascontiguousarray(scores, dtype="float32"))

    def finish(self, rows: Any = None) -> None:
        """Put states to their ends as they are."""
        self._stop(self._rows(rows))

    def _stop(self, rows: np.ndarray) -> None:
        raise NotImplementedError

    def costs(self, gold: Any, rows: Any = None) -> np.ndarray:
        """What each move loses of the gold annotation that could still be reached.

        *Shape:* (len(rows), n_moves), float32.

        gold: of the same batch; see `TransitionSystem.gold`.

        Moves that are not possible cost 9000. Cheapest moves cost 0 or less, if the gold annotation can be reached.
        """
        return self.batch.costs(self._rows(rows), _columns(gold))

    def gradient(self, gold: Any, scores: Any, rows: Any = None) -> tuple[np.ndarray, np.ndarray, int]:
        """The gradient of scores towards the cheapest moves, and which moves were gold in any state.

        gold: of the same batch.
        scores: *shape* (len(rows), n_moves), float32.

        Returns the gradient; for each move whether it cost nothing somewhere; and in how many states none did.
        """
        found, seen, impossible = self.batch.gradient(
            self._rows(rows), _columns(gold), np.ascontiguousarray(scores, dtype="float32")
        )
        return found, seen.view("bool"), int(impossible)

    def oracle(self, gold: Any, rows: Any = None) -> tuple[list[np.ndarray], int]:
        """The moves that lead to the gold annotation, for each state; the states are at their ends then.

        Where every move costs something, the moves end; the second result counts those states.
        """
        moves, counts, failed = self.batch.oracle(self._rows(rows), _columns(gold))
        return np.split(moves, np.cumsum(counts)[:-1]) if len(counts) else [], int(failed)

    def replay(self, sequences: list[np.ndarray], rows: Any = None) -> None:
        """Make several moves in each state; what follows a state's end is left out.

        Raises InvalidValueError (a ValueError) at the first that is not possible.
        """
        at = np.concatenate([[0], np.cumsum([len(moves) for moves in sequences])]).astype("int64")
        moves = np.concatenate([np.zeros(0), *sequences]).astype("int32")
        bad = self.batch.replay(self._rows(rows), at, moves)
        if bad >= 0:
            raise InvalidValueError(f"Move {int(moves[bad])} is not possible after the moves before it.")

    def take(self, rows: Any) -> States:
        """Copies of states, in this order; one may be taken more than once. Their tokens stay those of the batch."""
        rows = self._rows(rows)
        if len(rows) and not 0 <= rows.min() <= rows.max() < self.n:
            raise InvalidValueError(f"There are {self.n} states, but {rows.tolist()} were asked for.")
        cursors = self.cursors[rows]
        lengths = cursors[:, LENGTH].astype("int64")
        starts = np.concatenate([[0], np.cumsum(lengths)])
        slots = np.repeat(cursors[:, SLOT] - starts[:-1], lengths) + np.arange(starts[-1])
        cursors[:, SLOT] = starts[:-1]
        return self._copy(cursors, slots)

    def _copy(self, cursors: np.ndarray, slots: np.ndarray) -> States:
        raise NotImplementedError

    def join(self, others: Sequence[States]) -> States:
        """These states and others of the same batch, as one."""
        parts = [self, *others]
        cursors = np.concatenate([part.cursors for part in parts])
        sizes = [part.n_slots for part in parts]
        cursors[:, SLOT] += np.repeat(np.cumsum(sizes) - sizes, [part.n for part in parts]).astype("int32")
        return self._joined(cursors, parts)

    @property
    def n_slots(self) -> int:
        """Length of the columns."""
        raise NotImplementedError

    def _joined(self, cursors: np.ndarray, parts: Sequence[Any]) -> States:
        raise NotImplementedError

    def _stretch(self, state: int) -> slice:
        """Where a state's columns are."""
        start = int(self.cursors[state, SLOT])
        return slice(start, start + int(self.cursors[state, LENGTH]))


class ArcStates(States):
    """States of a dependency parser."""

    DEPTH, WAITING, NEXT = 3, 4, 5

    @classmethod
    def begin(cls, lengths: np.ndarray, preset: np.ndarray, moves: tuple[np.ndarray, np.ndarray, int]) -> ArcStates:
        """States at their beginnings.

        lengths: of the Docs, int32.
        preset: for each token whether the Doc says that it starts a sentence (1) or does not (-1), int8.
        moves: actions and labels, int32, and the label for tokens that belong together (-1 for none).
        """
        n_tokens = len(preset)
        cursors = _cursors(lengths)
        columns = np.full((6, n_tokens), -1, dtype="int32")
        columns[2] = 0
        return cls(arc_batch(cursors, columns, np.zeros(n_tokens, dtype="uint8"), preset, *moves))

    def _copy(self, cursors: np.ndarray, slots: np.ndarray) -> ArcStates:
        arrays = self.batch.arrays
        columns, flags = np.ascontiguousarray(arrays["columns"][:, slots]), arrays["flags"][slots]
        actions, labels, special = arrays["actions"], arrays["labels"], arrays["special"]
        return ArcStates(arc_batch(cursors, columns, flags, arrays["preset"], actions, labels, special))

    @property
    def n_slots(self) -> int:
        """Length of the columns."""
        return len(self.batch.arrays["flags"])

    def _joined(self, cursors: np.ndarray, parts: Sequence[Any]) -> ArcStates:
        arrays = [part.batch.arrays for part in parts]
        columns = np.concatenate([a["columns"] for a in arrays], axis=1)
        flags = np.concatenate([a["flags"] for a in arrays])
        rest = [arrays[0][name] for name in ("preset", "actions", "labels", "special")]
        return ArcStates(arc_batch(cursors, columns, flags, *rest))

    def _stop(self, rows: np.ndarray) -> None:
        cursors = self.cursors
        cursors[rows, self.DEPTH] = cursors[rows, self.WAITING] = 0
        cursors[rows, self.NEXT] = cursors[rows, LENGTH]

    @property
    def heads(self) -> np.ndarray:
        """The head of each token, as its position in the Doc; -1 for none. In the order of the states' columns."""
        return self.batch.arrays["columns"][1]

    @property
    def arc_labels(self) -> np.ndarray:
        """The label of each token's arc, as its position in the system's table of labels."""
        return self.batch.arrays["columns"][2]

    def stack(self, state: int) -> np.ndarray:
        """Positions of the tokens on a state's stack, the top last."""
        return self.batch.arrays["columns"][0, self._stretch(state)][: self.cursors[state, self.DEPTH]]

    def buffer(self, state: int) -> np.ndarray:
        """Positions of the tokens in a state's buffer, the first one first."""
        length, waiting = self.cursors[state, LENGTH], self.cursors[state, self.WAITING]
        returned = self.batch.arrays["columns"][0, self._stretch(state)][length - waiting :]
        return np.concatenate([returned, np.arange(self.cursors[state, self.NEXT], length, dtype="int32")])


class BiluoStates(States):
    """States of an entity recogniser."""

    NEXT, OPEN, LABEL = 3, 4, 5

    @classmethod
    def begin(
        cls,
        lengths: np.ndarray,
        given: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
        moves: tuple[np.ndarray, np.ndarray],
    ) -> BiluoStates:
        """States at their beginnings.

        lengths: of the Docs, int32.
        given: what the Docs say of each token: ENT_IOB (uint8), label (int32), sentence start (int8), space (uint8).
        moves: actions and labels, int32.
        """
        cursors = _cursors(lengths)
        cursors[:, cls.OPEN] = -1
        return cls(biluo_batch(cursors, np.full(len(given[0]), -1, dtype="int32"), *given, *moves))

    def _copy(self, cursors: np.ndarray, slots: np.ndarray) -> BiluoStates:
        arrays = self.batch.arrays
        given = [arrays[name] for name in GIVEN]
        return BiluoStates(biluo_batch(cursors, arrays["taken"][slots], *given))

    @property
    def n_slots(self) -> int:
        """Length of the columns."""
        return len(self.taken)

    def _joined(self, cursors: np.ndarray, parts: Sequence[Any]) -> BiluoStates:
        arrays = self.batch.arrays
        given = [arrays[name] for name in GIVEN]
        return BiluoStates(biluo_batch(cursors, np.concatenate([part.taken for part in parts]), *given))

    def _stop(self, rows: np.ndarray) -> None:
        self.cursors[rows, self.NEXT] = self.cursors[rows, LENGTH]

    @property
    def taken(self) -> np.ndarray:
        """The move that took each token; -1 for none. In the order of the states' columns."""
        return self.batch.arrays["taken"]


def _cursors(lengths: np.ndarray) -> np.ndarray:
    cursors = np.zeros((len(lengths), N_CURSORS), dtype="int32")
    cursors[:, LENGTH] = lengths
    cursors[:, ROW] = cursors[:, SLOT] = np.cumsum(lengths) - lengths
    return cursors


def _columns(gold: Any) -> Gold:
    return gold.columns
