"""Patterns of a fixed number of tokens, found in a whole batch at once by operations on its columns."""

from __future__ import annotations

from collections.abc import Sequence

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
VERDICTS_KEPT = 100_000
# Up to as many tokens, going from token to token is quicker than operations on columns.
FEW_TOKENS = 64


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
        self._by_value: dict[int, dict[int, list[tuple[int, int]]]] = {}
        for attr, (values, rows) in self.anchored.items():
            table = self._by_value.setdefault(attr, {})
            for value, row in zip(values.tolist(), rows, strict=True):
                table.setdefault(value, []).append(row)
        self._verdicts: dict[Predicate, dict[int, bool]] = {}

    def find(self, batch: Batch) -> list[tuple[int, Ints]]:
        """Where each pattern begins: pairs of a pattern and its first tokens, in ascending order of both."""
        if batch.length <= FEW_TOKENS:
            return self._find_few(batch)
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

    def _find_few(self, batch: Batch) -> list[tuple[int, Ints]]:
        """The same, from token to token."""
        columns: dict[int, list[int]] = {}
        found: dict[int, list[int]] = {}

        def column(attr: int) -> list[int]:
            if attr not in columns:
                columns[attr] = batch.column(attr).tolist()
            return columns[attr]

        def check(number: int, start: int) -> None:
            specs = self.patterns[number].specs
            if start < 0 or start + len(specs) > batch.length:
                return
            if len(specs) > 1 and len(batch.docs) > 1:
                owners = batch.owners()
                if owners[start] != owners[start + len(specs) - 1]:
                    return
            for token, spec in enumerate(specs, start):
                fits = all(column(attr)[token] == value & 0xFFFFFFFFFFFFFFFF for attr, value in spec.equal)
                fits = fits and all(self._verdict(p, column(int(p.attr))[token]) for p in spec.predicates)
                if fits == spec.negated:
                    return
            found.setdefault(number, []).append(start)

        for attr, table in self._by_value.items():
            for token, value in enumerate(column(attr)):
                for number, place in table.get(value, ()):
                    check(number, token - place)
        for number in self.everywhere:
            first = self.patterns[number].specs[0]
            likely: Sequence[int]
            if first.negated or not first.predicates:
                likely = range(batch.length)
            else:
                predicate = first.predicates[0]
                known = self._verdicts.setdefault(predicate, {})
                # What is known not to fit is left out at once.
                values = enumerate(column(int(predicate.attr)))
                likely = [token for token, value in values if known.get(value, True)]
            for token in likely:
                check(number, token)
        return [(number, np.asarray(starts)) for number, starts in sorted(found.items())]

    def _verdict(self, predicate: Predicate, value: int) -> bool:
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
