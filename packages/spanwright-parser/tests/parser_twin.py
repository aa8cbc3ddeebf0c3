"""Both transition systems and the greedy loop in plain Python and NumPy, one state an object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

SHIFT, REDUCE, LEFT, RIGHT, BREAK = range(5)
MISSING, BEGIN, IN, LAST, UNIT, OUT = range(6)

ARC_MOVES = [
    (SHIFT, ""), (REDUCE, ""), (LEFT, "a"), (LEFT, "b"), (LEFT, "dep"), (LEFT, "subtok"), (RIGHT, "a"), (RIGHT, "b"),
    (RIGHT, "dep"), (RIGHT, "subtok"), (BREAK, "ROOT"),
]  # fmt: skip
BILUO_MOVES = [
    *((action, label) for action in (BEGIN, IN, LAST, UNIT) for label in ("X", "Y")),
    (UNIT, ""),
    (OUT, ""),
]


@dataclass
class ArcTwin:
    """preset: for each token 1 where the Doc has a sentence start, -1 where it has none, 0 where nothing is known."""

    preset: list[int]
    stack: list[int] = field(default_factory=list)
    buffer: list[int] = field(default_factory=list)
    arcs: list[tuple[int, int, str]] = field(default_factory=list)  # head, child, label; in the order they were made
    returned: set[int] = field(default_factory=set)
    starts: set[int] = field(default_factory=set)

    @classmethod
    def begin(cls, preset: list[int]) -> ArcTwin:
        starts = {i for i, value in enumerate(preset) if value == 1}
        return cls(preset, buffer=list(range(len(preset))), starts=starts)

    def copy(self) -> ArcTwin:
        lists = [*self.stack], [*self.buffer], [*self.arcs], {*self.returned}, {*self.starts}
        return ArcTwin(self.preset, *lists)

    @property
    def final(self) -> bool:
        return not self.stack and not self.buffer

    def head(self, child: int) -> int | None:
        return next((h for h, c, _ in self.arcs if c == child), None)

    def valid(self, move: tuple[int, str]) -> bool:
        action, label = move
        if action == SHIFT:
            b = self.buffer[:1]
            return not self.stack or (len(self.buffer) > 1 and not ({*b} & (self.starts | self.returned)))
        if action == BREAK:
            if len(self.buffer) < 2:
                return False
            first, second = self.buffer[:2]
            return second == first + 1 and second not in self.starts and self.preset[second] != -1
        if not self.stack:
            return False
        if action == REDUCE:
            return not self.buffer or len(self.stack) > 1 or self.preset[self.buffer[0]] != -1
        if not self.buffer or self.buffer[0] in self.starts:
            return False
        return label != "subtok" or self.stack[-1] + 1 == self.buffer[0]

    def advance(self, move: tuple[int, str]) -> None:
        action, label = move
        if action == SHIFT:
            self.stack.append(self.buffer.pop(0))
        elif action == REDUCE:
            top = self.stack.pop()
            if self.stack and self.head(top) is None:
                self.buffer.insert(0, top)
                self.returned.add(top)
        elif action == LEFT:
            top = self.stack.pop()
            self.attach(self.buffer[0], top, label)
            self.returned.discard(self.buffer[0])
        elif action == RIGHT:
            self.attach(self.stack[-1], self.buffer[0], label)
            self.stack.append(self.buffer.pop(0))
        else:
            self.starts.add(self.buffer[1])

    def attach(self, head: int, child: int, label: str) -> None:
        self.arcs = [arc for arc in self.arcs if arc[1] != child]
        self.arcs.append((head, child, label))

    def features(self, n: int) -> list[int]:
        def at(items: list[int], i: int) -> int:
            return items[i] if i < len(items) else -1

        top = self.stack[::-1]
        b0, b1, s0, s1, s2 = at(self.buffer, 0), at(self.buffer, 1), at(top, 0), at(top, 1), at(top, 2)

        def child(head: int, side: int, n: int) -> int:
            found = [c for h, c, _ in self.arcs if h == head and (c - h) * side > 0]
            return at(found[::-1], n - 1)

        left, right = (lambda h, n: child(h, -1, n)), (lambda h, n: child(h, 1, n))
        if n == 8:
            return [b0, b1, s0, s1, s2, left(b0, 1), left(s0, 1), right(s0, 1)]
        return [
            b0, b1, s0, s1, s2, left(s0, 1), right(s0, 1), left(b0, 1), right(s0, 2),
            left(s1, 1), left(s1, 2), right(s1, 1), right(s1, 2),
        ]  # fmt: skip

    def reachable(self, gold: list[tuple[int | None, str]], labelled: bool = True) -> int:
        """Arcs of a gold tree that the state has."""
        return sum(h == gold[c][0] and (not labelled or label == gold[c][1]) for h, c, label in self.arcs)


@dataclass
class BiluoTwin:
    """given: for each token what the Doc says: (iob, label), 0 missing, 1 I, 2 O, 3 B; starts and spaces by token."""

    given: list[tuple[int, str]]
    starts: list[int]
    space: list[bool]
    at: int = 0
    open: tuple[int, str] | None = None
    ents: list[tuple[int, int, str]] = field(default_factory=list)

    def copy(self) -> BiluoTwin:
        return BiluoTwin(self.given, self.starts, self.space, self.at, self.open, [*self.ents])

    @property
    def final(self) -> bool:
        return self.at >= len(self.given)

    def look(self, i: int) -> tuple[int, str]:
        return self.given[self.at + i] if self.at + i < len(self.given) else (0, "")

    def valid(self, move: tuple[int, str]) -> bool:
        action, label = move
        (iob, preset), (after, _) = self.look(0), self.look(1)
        more = self.at + 1 < len(self.given)
        ends = more and self.starts[self.at + 1] == 1
        if action == OUT:
            return self.open is None and iob in (0, 2)
        if label == "":
            return action == UNIT and (iob, preset) == (3, "")
        if action == BEGIN:
            if self.open or not more or iob == 1:
                return False
            if iob == 3:
                return label == preset and after == 1
            return after != 3 and not ends and not self.space[self.at]
        if action == UNIT:
            if self.open or after == 1:
                return False
            return label == preset if iob == 3 else not self.space[self.at]
        if self.open is None:
            return False
        if action == IN:
            if not more or label != self.open[1] or iob == 3 or after == 3:
                return False
            return (after == 1 and label == preset) if iob == 1 else not ends
        if iob == 1 and after != 1:
            return label == preset
        return label == self.open[1] and after != 1

    def advance(self, move: tuple[int, str]) -> None:
        action, label = move
        if action == BEGIN:
            self.open = self.at, label
        elif action == UNIT:
            if label:
                self.ents.append((self.at, self.at + 1, label))
            self.open = None
        elif action == LAST:
            assert self.open is not None
            self.ents.append((self.open[0], self.at + 1, self.open[1]))
            self.open = None
        self.at += 1

    def features(self, n: int) -> list[int]:
        b0 = self.at if not self.final else -1
        first = self.open[0] if self.open else -1
        if n == 3:
            return [b0, first, b0 - 1 if b0 >= 0 and first >= 0 else -1]
        inside = list(range(first, b0))[:5] if self.open else []
        return [b0, *inside, *[-1] * (5 - len(inside))]


def follow(state: Any, moves: list[tuple[int, str]], scores: Any) -> int:
    """The first of the best valid moves is made; -1 if there is none."""
    best = -1
    for i, move in enumerate(moves):
        if state.valid(move) and (best < 0 or scores[i] > scores[best]):
            best = i
    if best >= 0:
        state.advance(moves[best])
    return best


def greedy(states: list[Any], moves: list[tuple[int, str]], vectors: Any, weights: dict[str, Any]) -> list[list[int]]:
    """The moves of the greedy loop, state by state.

    vectors: one row a token. weights: as `PackedWeights.get` takes them.
    """
    n_features, n_hidden, pieces, n_in = weights["lower"].shape
    if weights.get("project") is not None:
        vectors = vectors @ weights["project"].T + weights["project_bias"]
    table = (vectors @ weights["lower"].reshape((-1, n_in)).T).reshape((-1, n_features, n_hidden, pieces))
    unseen = list(weights.get("unseen", ()))
    chosen, row = [], 0
    for state in states:
        length = len(state.preset if isinstance(state, ArcTwin) else state.given)
        made: list[int] = []
        while not state.final:
            tokens = state.features(n_features)
            parts = [table[row + t, f] if t >= 0 else weights["pad"][0, f] for f, t in enumerate(tokens)]
            scores = (np.sum(parts, axis=0) + weights["bias"]).max(axis=-1)
            if weights.get("upper") is not None:
                scores = weights["upper"] @ scores + weights["upper_bias"]
            scores[unseen] = -1e30
            made.append(follow(state, moves, scores))
            if made[-1] < 0:
                break
        chosen.append(made)
        row += length
    return chosen


def least_loss(state: ArcTwin, moves: list[tuple[int, str]], gold: list[tuple[int | None, str]], memo: dict) -> int:
    """By trying everything: how few arcs of a gold tree are missed from here on."""
    key = (
        tuple(state.stack),
        tuple(state.buffer),
        tuple(state.arcs),
        frozenset(state.returned),
        frozenset(state.starts),
    )
    if key in memo:
        return memo[key]
    if state.final:
        total = sum(head is not None and head != i for i, (head, _) in enumerate(gold))
        memo[key] = total - state.reachable(gold)
        return memo[key]
    best = len(gold) + 1
    for move in moves:
        if state.valid(move):
            after = state.copy()
            after.advance(move)
            best = min(best, least_loss(after, moves, gold, memo))
    memo[key] = best
    return best
