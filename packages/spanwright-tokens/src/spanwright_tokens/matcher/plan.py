"""Where compiled patterns begin and match: all of a matcher as columns, and indexed by what they ask of a token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._automaton import find
from .patterns import ONE, Pattern, TokenSpec
from .view import DocView

# Up to so many places of a pattern that need no token, going through them again costs less than to remember them.
FEW_LOOSE_PLACES = 8


class Found(NamedTuple):
    """A match: where, by which pattern, and which token of the pattern each of its tokens fits, if asked for."""

    start: int
    order: int
    end: int
    alignment: list[int] | None


class PatternTable:
    """Patterns in the order in which they were added, as columns: many of them cost little to add and to keep."""

    def __init__(self) -> None:
        # For each pattern its key and how many places it has.
        self.keys: list[int] = []
        self.lengths: list[int] = []
        # For each place, one pattern after the other: the number of its spec, how often, and the token it came from.
        self.rows: list[int] = []
        self.quantifiers: list[int] = []
        self.source: list[int] = []
        self.specs: dict[TokenSpec, int] = {}

    def append(self, pattern: Pattern) -> None:
        """Add a pattern; one whose tokens may all not be there, as {0} says, finds nothing and is left out."""
        if pattern.specs:
            self.keys.append(pattern.key)
            self.lengths.append(len(pattern.specs))
            self.rows += [self.specs.setdefault(spec, len(self.specs)) for spec in pattern.specs]
            self.quantifiers += pattern.quantifiers
            self.source += pattern.source

    def size(self) -> tuple[int, int]:
        """How many patterns there are, and how many places they have."""
        return len(self.keys), len(self.rows)

    def cut(self, size: tuple[int, int]) -> None:
        """Leave only those patterns that there were when `size` said so."""
        patterns, places = size
        del self.keys[patterns:], self.lengths[patterns:]
        del self.rows[places:], self.quantifiers[places:], self.source[places:]

    def without(self, key: int) -> PatternTable:
        """The same patterns without those of a key."""
        kept = PatternTable()
        specs = list(self.specs)
        end = 0
        for owner, length in zip(self.keys, self.lengths, strict=True):
            start, end = end, end + length
            if owner != key:
                made = tuple(specs[row] for row in self.rows[start:end])
                kept.append(Pattern(owner, made, tuple(self.quantifiers[start:end]), tuple(self.source[start:end])))
        return kept


class Plan:
    """Patterns, indexed by what their first token must equal, so that most are never looked at."""

    def __init__(self, table: PatternTable) -> None:
        self.keys = list(table.keys)
        self.specs = list(table.specs)
        self.rows = np.asarray(table.rows, dtype=np.int32)
        self.quantifiers = np.asarray(table.quantifiers, dtype=np.uint8)
        self.source = list(table.source)
        lengths = np.asarray(table.lengths, dtype=np.int64)
        self.last = np.cumsum(lengths)
        self.first = self.last - lengths
        self.owner = np.repeat(np.arange(len(lengths)), lengths)
        self.final = np.zeros(len(self.rows), dtype=np.uint8)
        self.final[self.last - 1] = 1
        # One place can be reached in several ways only past two that need no token.
        loose = np.bincount(self.owner, weights=self.quantifiers != ONE, minlength=len(lengths))
        self.merging = loose > 1
        self.crowded = loose > FEW_LOOSE_PLACES
        # Attributes that a Doc must have. Predicates such as NOT_IN judge what nothing has set, too, as in spaCy.
        self.attrs = {attr for row in np.unique(self.rows).tolist() for attr, _ in self.specs[row].equal}
        # attribute -> value -> patterns whose first token must have it
        self.index: dict[int, dict[int, list[int]]] = {}
        self.rest: list[int] = []
        first_rows, first_quantifiers = self.rows[self.first].tolist(), self.quantifiers[self.first].tolist()
        for order, (row, quantifier) in enumerate(zip(first_rows, first_quantifiers, strict=True)):
            spec = self.specs[row]
            if quantifier == ONE and spec.equal and not spec.negated:
                attr, value = spec.equal[0]
                self.index.setdefault(attr, {}).setdefault(value, []).append(order)
            else:
                self.rest.append(order)

    def candidates(self, view: DocView) -> list[int]:
        """The patterns that could begin somewhere in the text."""
        orders = list(self.rest)
        for attr, by_value in self.index.items():
            present = view.values(attr)
            smaller, larger = (by_value, present) if len(by_value) < len(present) else (present, by_value)
            for value in smaller:
                if value in larger:
                    orders += by_value[value]
        return sorted(orders)

    def run(self, view: DocView, aligned: bool = False) -> list[Found]:
        """Every match of every pattern, each once, in the order in which they become certain."""
        candidates = self.candidates(view) if view.length else []
        if not candidates:
            return []
        begins = [self.starts(view, order) for order in candidates]
        counts = [len(tokens) for tokens in begins]
        tokens = np.concatenate(begins)
        places = np.repeat(self.first[candidates], counts)
        # Patterns begin in the order in which they were added.
        by_token = np.argsort(tokens, kind="stable")
        starts = np.stack([tokens[by_token], places[by_token]], axis=1)
        rows, steps = self._find(view, candidates, np.ascontiguousarray(starts, dtype=np.int32), aligned)
        found: dict[tuple[int, int, int], Found] = {}
        for order, (_, start, end, path) in zip(self.owner[rows[:, 0]].tolist(), rows.tolist(), strict=True):
            identity = (self.keys[order], start, end)
            if identity not in found:
                found[identity] = Found(start, order, end, self._path(steps, path) if aligned else None)
        return list(found.values())

    def starts(self, view: DocView, order: int) -> NDArray[np.int32]:
        """The tokens at which a pattern can begin: those that fit a place with nothing required before it."""
        possible: NDArray[np.bool_] | None = None
        for place in range(int(self.first[order]), int(self.last[order])):
            fits = view.fits(self.specs[self.rows[place]])
            possible = fits if possible is None else possible | fits
            if self.quantifiers[place] == ONE:
                break
        assert possible is not None
        return np.flatnonzero(possible).astype(np.int32)

    def _find(
        self, view: DocView, candidates: Sequence[int], starts: NDArray[np.int32], tracing: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The matches of some of the patterns, and the steps that led to them; see `find`."""
        needed = np.unique(np.concatenate([self.rows[self.first[i] : self.last[i]] for i in candidates]))
        rows = np.zeros(len(self.specs), dtype=np.int32)
        rows[needed] = np.arange(len(needed))
        fits = np.ascontiguousarray(np.stack([view.fits(self.specs[i]) for i in needed]).view(np.uint8))
        merging = bool(self.merging[candidates].any())
        crowded = bool(self.crowded[candidates].any())
        return find(fits, rows[self.rows], self.quantifiers, self.final, starts, merging, tracing, crowded)

    def _path(self, steps: NDArray[np.int32], last: int) -> list[int]:
        """For each token of a match the token of the pattern that it fits."""
        found = []
        while last >= 0:
            last, place = steps[last].tolist()
            found.append(self.source[place])
        return found[::-1]
