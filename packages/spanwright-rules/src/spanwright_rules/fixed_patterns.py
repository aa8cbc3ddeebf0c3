"""Patterns of a fixed number of tokens, found in a whole batch at once by operations on its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spanwright.attrs import IDS
from spanwright.tokens import Doc, gather, lengths
from spanwright_tokens.matcher.patterns import ONE, Pattern, TokenSpec
from spanwright_tokens.matcher.predicates import Predicate

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Values = NDArray[np.uint64]

# Where to start looking for a pattern: at the attribute that tells tokens apart best.
_SELECTIVE = ["ORTH", "LOWER", "NORM", "LEMMA", "SHAPE", "MORPH", "TAG", "DEP", "ENT_TYPE", "POS"]
RANKS = {IDS[name]: rank for rank, name in enumerate(_SELECTIVE)}
SENT_START = IDS["SENT_START"]
VERDICTS_KEPT = 1 << 14
# Up to as many tokens, going from token to token is quicker than operations on columns.
FEW_TOKENS = 64
# Tokens, as their values of the attributes that patterns ask for, that are remembered with what fits them.
SEEN_KEPT = 1 << 13


def is_fixed(pattern: Pattern) -> bool:
    """Whether a pattern always has the same number of tokens and asks for no extension attribute."""
    plain = all(not spec.extensions and not any(p.is_extension for p in spec.predicates) for spec in pattern.specs)
    return plain and all(quantifier == ONE for quantifier in pattern.quantifiers)


class Batch:
    """The columns of a batch of Docs, one Doc after the other, gathered when they are asked for."""

    def __init__(self, docs: Sequence[Doc]) -> None:
        self.docs = docs
        counts = lengths(docs).astype(np.int64)
        self.ends = np.cumsum(counts)
        self.starts = self.ends - counts
        self.length = int(self.ends[-1]) if len(docs) else 0
        self._columns: dict[int, Values] = {}
        self._orders: dict[int, tuple[Ints, Values]] = {}
        self._owners: Ints | None = None

    def column(self, attr: int) -> Values:
        """The attribute's value for each token: *Shape: (length,)*."""
        if attr not in self._columns:
            values = np.ascontiguousarray(gather(self.docs, attr)[:, 0])
            # Patterns ask whether a token starts a sentence: unknown counts as no.
            self._columns[attr] = (values == 1).astype(np.uint64) if attr == SENT_START else values
        return self._columns[attr]

    def ordered(self, attr: int) -> tuple[Ints, Values]:
        """The tokens in the order of an attribute's values, and those values."""
        if attr not in self._orders:
            order = np.argsort(self.column(attr), kind="stable")
            self._orders[attr] = (order, self.column(attr)[order])
        return self._orders[attr]

    def owners(self) -> Ints:
        """For each token the number of its Doc."""
        if self._owners is None:
            self._owners = np.repeat(np.arange(len(self.docs)), self.ends - self.starts)
        return self._owners


class FixedPatterns:
    """Finds many patterns for which `is_fixed` holds.

    patterns: Compiled patterns. A match is reported with the pattern's place in this list.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = patterns
        anchored: dict[int, list[tuple[int, int, int]]] = {}
        # Patterns without any equality are looked for at every token.
        self.everywhere: list[int] = []
        for number, pattern in enumerate(patterns):
            choices = [
                (RANKS.get(attr, len(RANKS)), place, attr, value)
                for place, spec in enumerate(pattern.specs)
                for attr, value in spec.equal
                if not spec.negated
            ]
            if choices:
                _, place, attr, value = min(choices)
                anchored.setdefault(attr, []).append((value & 0xFFFFFFFFFFFFFFFF, number, place))
            else:
                self.everywhere.append(number)
        self.anchored = {
            attr: (np.asarray([value for value, _, _ in rows], dtype=np.uint64), [row[1:] for row in rows])
            for attr, rows in anchored.items()
        }
        self._verdicts: dict[Predicate, dict[int, bool]] = {}
        self.by_token = TokenByToken(self)

    def find(self, batch: Batch) -> list[tuple[int, Ints]]:
        """Where each pattern begins: pairs of a pattern and its first tokens, in ascending order of both."""
        found: list[tuple[int, Ints]] = []
        for attr, (values, rows) in self.anchored.items():
            order, ordered = batch.ordered(attr)
            first = np.searchsorted(ordered, values, "left")
            last = np.searchsorted(ordered, values, "right")
            for i in np.flatnonzero(last > first).tolist():
                number, place = rows[i]
                self._add(found, batch, number, np.sort(order[first[i] : last[i]]) - place)
        for number in self.everywhere:
            self._add(found, batch, number, np.arange(batch.length))
        return sorted(found, key=lambda item: item[0])

    def verdict(self, predicate: Predicate, value: int) -> bool:
        """Whether a value passes a predicate, judged once and remembered."""
        known = self._verdicts.setdefault(predicate, {})
        verdict = known.get(value)
        if verdict is None:
            if len(known) > VERDICTS_KEPT:
                known.clear()
            verdict = known[value] = bool(predicate.test(value))
        return verdict

    def _add(self, found: list[tuple[int, Ints]], batch: Batch, number: int, starts: Ints) -> None:
        specs = self.patterns[number].specs
        if len(specs) > 1:
            starts = starts[(starts >= 0) & (starts + len(specs) <= batch.length)]
            owners = batch.owners()
            starts = starts[owners[starts] == owners[starts + len(specs) - 1]] if len(starts) else starts
        for place, spec in enumerate(specs):
            if len(starts):
                starts = starts[self._fits(batch, spec, starts + place)]
        if len(starts):
            found.append((number, starts))

    def _fits(self, batch: Batch, spec: TokenSpec, tokens: Ints) -> Flags:
        fits = np.ones(len(tokens), dtype=bool)
        for attr, value in spec.equal:
            fits &= batch.column(attr)[tokens] == np.uint64(value & 0xFFFFFFFFFFFFFFFF)
        for predicate in spec.predicates:
            if fits.any():
                fits[fits] = self._judge(predicate, batch.column(int(predicate.attr))[tokens[fits]])
        return ~fits if spec.negated else fits

    def _judge(self, predicate: Predicate, values: Values) -> Flags:
        """Which values pass a predicate; each value is judged once and remembered."""
        known = self._verdicts.setdefault(predicate, {})
        distinct, rows = np.unique(values, return_inverse=True)
        if len(known) > VERDICTS_KEPT:
            known.clear()
        verdicts = []
        for value in distinct.tolist():
            verdict = known.get(value)
            if verdict is None:
                verdict = known[value] = bool(predicate.test(value))
            verdicts.append(verdict)
        return np.asarray(verdicts, dtype=bool)[rows.reshape(-1)]


class TokenByToken:
    """The same patterns, found from token to token: for short texts.

    patterns: The patterns and what is known about their predicates.
    """

    def __init__(self, patterns: FixedPatterns) -> None:
        self.patterns = patterns.patterns
        self.verdict = patterns.verdict
        specs = [spec for pattern in patterns.patterns for spec in pattern.specs]
        asked = {attr for spec in specs for attr, _ in spec.equal} | {int(p.attr) for s in specs for p in s.predicates}
        # What a token is for the patterns: its values of these attributes.
        self.attrs = sorted(asked)
        columns = {attr: column for column, attr in enumerate(self.attrs)}
        self.sent_start = columns.get(SENT_START)
        # For each pattern and token: equal values, predicates (with their columns), and whether none of this may hold.
        self.tests = [
            [
                (
                    [(columns[attr], value & 0xFFFFFFFFFFFFFFFF) for attr, value in spec.equal],
                    [(columns[int(p.attr)], p) for p in spec.predicates],
                    spec.negated,
                )
                for spec in pattern.specs
            ]
            for pattern in patterns.patterns
        ]
        # Column -> value -> (pattern, place in it).
        self.index: dict[int, dict[int, list[tuple[int, int]]]] = {}
        for attr, (values, rows) in patterns.anchored.items():
            table = self.index.setdefault(columns[attr], {})
            for value, row in zip(values.tolist(), rows, strict=True):
                table.setdefault(value, []).append(row)
        self.everywhere = [(number, 0) for number in patterns.everywhere]
        self._seen: dict[tuple[int, ...], list[tuple[int, int]]] = {}

    def find(self, batch: Batch) -> list[tuple[int, int]]:
        """Pairs of a pattern and a token at which it begins, in ascending order of both."""
        if not self.attrs:  # nothing is asked: every token fits all that is not negated
            tokens: list[tuple[int, ...]] = [()] * batch.length
        else:
            tokens = [tuple(row) for row in gather(batch.docs, self.attrs).tolist()]
        if self.sent_start is not None:
            at = self.sent_start
            tokens = [(*row[:at], int(row[at] == 1), *row[at + 1 :]) for row in tokens]
        found = []
        for at, token in enumerate(tokens):
            rows = self._seen.get(token)
            if rows is None:
                rows = self._look(token)
            for number, place in rows:
                size = len(self.tests[number])
                if size == 1 or self._continues(batch, tokens, number, at - place, place):
                    found.append((number, at - place))
        found.sort()
        return found

    def _look(self, token: tuple[int, ...]) -> list[tuple[int, int]]:
        """The patterns that can be found by a token, with the place of the token in them."""
        rows = list(self.everywhere)
        for column, table in self.index.items():
            rows += table.get(token[column], ())
        rows = [(number, place) for number, place in rows if self._fits(self.tests[number][place], token)]
        if len(self._seen) >= SEEN_KEPT:
            self._seen.clear()
        self._seen[token] = rows
        return rows

    def _continues(self, batch: Batch, tokens: list[tuple[int, ...]], number: int, start: int, known: int) -> bool:
        """Whether a pattern fits the tokens from `start` on; its place `known` does."""
        tests = self.tests[number]
        last = start + len(tests) - 1
        if start < 0 or last >= batch.length:
            return False
        if len(batch.docs) > 1 and batch.owners()[start] != batch.owners()[last]:
            return False
        return all(i == known or self._fits(test, tokens[start + i]) for i, test in enumerate(tests))

    def _fits(self, test: tuple[list[tuple[int, int]], list[tuple[int, Predicate]], bool], token: Any) -> bool:
        equal, predicates, negated = test
        fits = all(token[column] == value for column, value in equal)
        fits = fits and all(self.verdict(predicate, token[column]) for column, predicate in predicates)
        return fits != negated
