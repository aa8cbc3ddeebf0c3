"""Sets of characters as regular expressions describe them, and which of them a match cannot do without.

`conditions` reads the parse tree of a pattern and gives necessary conditions of a match in terms of single characters:
the first one, the last one, or some one anywhere in the text. The tokenizer asks these before it runs the pattern, and
most words meet none of them. A condition may be too weak, never too strong; what is not understood gives none at all.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

# The parser of regular expressions, which Python 3.11 moved.
_PLACES = ("re._constants", "re._parser") if sys.version_info >= (3, 11) else ("sre_constants", "sre_parse")
ops: Any = import_module(_PLACES[0])
parser: Any = import_module(_PLACES[1])

MAX_CLAUSES = 48
MAX_TAIL = 64  # characters
# Weights of CharSet.commonness.
LETTER = 20
EVERYTHING = 100_000
# Characters below 128 that a character above it equals when case is ignored: dotted and dotless i, long s, kelvin.
_FOLDS_OUTSIDE_ASCII = frozenset(map(ord, "iIsSkK"))


class Unsupported(Exception):  # noqa: N818 - never leaves this module
    """The pattern has a construct whose conditions are not worked out."""


class CharSet(NamedTuple):
    """A union of character classes; `items` are those of the parse tree, `ignore_case` a flag of the pattern."""

    items: tuple[Any, ...]
    ignore_case: bool = False

    def __contains__(self, char: object) -> bool:  # `char` is a code point
        assert isinstance(char, int)
        if not self.ignore_case:
            return any(_item_has(item, char) for item in self.items)
        if char >= 128:
            return True
        if char in _FOLDS_OUTSIDE_ASCII:
            return True
        swapped = ord(chr(char).swapcase())
        return any(_item_has(item, char) or _item_has(item, swapped) for item in self.items)

    def commonness(self) -> int:
        """How often ordinary words have a character of the set, roughly: the less, the better the condition."""
        return sum(map(_commonness, self.items))


def _item_has(item: Any, char: int) -> bool:
    op, value = item
    if op is ops.LITERAL:
        return bool(char == value)
    if op is ops.RANGE:
        return bool(value[0] <= char <= value[1])
    if op is ops.NOT_LITERAL:
        return bool(char != value)
    if op is ops.ANY:
        return True
    if op is ops.CATEGORY:
        return _in_category(value, char)
    if op is ops.NEGATE:  # a negated class, kept whole
        return not any(_item_has(one, char) for one in value)
    raise Unsupported(op)


def _commonness(item: Any) -> int:
    op, value = item
    if op is ops.LITERAL:
        return LETTER if chr(value).isalpha() else 1
    if op is ops.RANGE:
        return (value[1] - value[0] + 1) * (LETTER if chr(value[0]).isalpha() else 1)
    if op is ops.CATEGORY and value is ops.CATEGORY_DIGIT:
        return 10
    return EVERYTHING


def _in_category(category: Any, char: int) -> bool:
    text = chr(char)
    if category is ops.CATEGORY_DIGIT:
        return text.isdecimal()
    if category is ops.CATEGORY_NOT_DIGIT:
        return not text.isdecimal()
    if category is ops.CATEGORY_SPACE:
        return text.isspace()
    if category is ops.CATEGORY_NOT_SPACE:
        return not text.isspace()
    if category is ops.CATEGORY_WORD:
        return text.isalnum() or text == "_"
    if category is ops.CATEGORY_NOT_WORD:
        return not (text.isalnum() or text == "_")
    raise Unsupported(category)


class Clause(NamedTuple):
    """One way to match: what the first and the last consumed character, and some character, must be."""

    empty: bool = True  # nothing consumed yet
    first: CharSet | None = None
    last: CharSet | None = None
    needs: frozenset[CharSet] = frozenset()
    at_start: bool = False  # the match begins at the beginning of the text
    at_end: bool = False  # and ends at its end

    def then(self, other: Clause) -> Clause:
        """This, followed by `other`."""
        needs = self.needs | other.needs
        if other.empty:
            at_start = self.at_start or (self.empty and other.at_start)
            return self._replace(needs=needs, at_start=at_start, at_end=self.at_end or other.at_end)
        if self.empty:
            return other._replace(needs=needs, at_start=self.at_start or other.at_start)
        return Clause(False, self.first, other.last, needs, self.at_start, other.at_end)


class Condition(NamedTuple):
    """A match needs this first character, this last one and one of these anywhere; None asks nothing."""

    first: CharSet | None
    last: CharSet | None
    anywhere: CharSet | None


@lru_cache(maxsize=64)
def conditions(pattern: str, flags: int, *, anchored: bool = False) -> tuple[Condition, ...] | None:
    """Conditions one of which every match of the pattern meets, on texts without line breaks.

    anchored: the pattern is used with `match`, so that it starts at the beginning of the text.
    Returns None where the pattern could match under no condition, or is not understood (an invalid one included).
    """
    try:
        tree = parser.parse(pattern, flags)
        found = tree.state.flags
        if found & (re.ASCII | re.LOCALE | re.MULTILINE):
            return None
        clauses = _sequence(list(tree), bool(found & re.IGNORECASE))
        if anchored:
            clauses = [clause._replace(at_start=True) for clause in clauses]
        merged = _merged([_condition(clause) for clause in clauses])
        return None if merged is None else tuple(merged)
    except (Unsupported, RecursionError, AttributeError, OverflowError, re.error):
        return None


@lru_cache(maxsize=64)
def tail(pattern: str, flags: int) -> tuple[int, tuple[CharSet, ...]] | None:
    """How far before the end of a text the matches of a pattern that is anchored there begin.

    Returns the largest number of characters that is consumed, and the sets of last characters of those alternatives
    that may consume any number. Without one of these at the end of the text, only so many characters need a search.
    None: there is no such limit, or the pattern is not understood.
    """
    try:
        tree = parser.parse(pattern, flags)
        ignore_case = bool(tree.state.flags & re.IGNORECASE)
        if tree.state.flags & (re.ASCII | re.LOCALE | re.MULTILINE):
            return None
        branches = tree[0][1][1] if len(tree) == 1 and tree[0][0] is ops.BRANCH else [tree]
        longest, unlimited = 0, []
        for branch in branches:
            clauses = _sequence(list(branch), ignore_case)
            width = branch.getwidth()[1]
            if not all(clause.at_end for clause in clauses):
                return None
            if width <= MAX_TAIL:
                longest = max(longest, width)
                continue
            for clause in clauses:
                if clause.last is None:
                    return None
                unlimited.append(clause.last)
        return longest, tuple(unlimited)
    except (Unsupported, RecursionError, AttributeError, OverflowError, re.error):
        return None


def _condition(clause: Clause) -> Condition:
    first = clause.first if clause.at_start and not clause.empty else None
    last = clause.last if clause.at_end and not clause.empty else None
    needs = [one for one in clause.needs if one != first and one != last]
    rarest = min(needs, key=CharSet.commonness) if needs else None
    ends = [one.commonness() for one in (first, last) if one is not None]
    # Beside a rare character at an end, one more condition filters next to nothing.
    if ends and min(ends) < 3:
        rarest = None
    return Condition(first, last, rarest)


def _merged(found: list[Condition]) -> list[Condition] | None:
    """Unite conditions that differ in one place only."""
    if any(one == (None, None, None) for one in found):
        return None
    for place in (1, 0, 2):
        groups: dict[tuple[Any, ...], Condition] = {}
        for one in found:
            key = (*(part for i, part in enumerate(one) if i != place), one[place] is None)
            if key in groups:
                parts = list(groups[key])
                parts[place] = union([parts[place], one[place]]) if one[place] is not None else None  # type: ignore
                groups[key] = Condition(*parts)
            else:
                groups[key] = one
        found = list(groups.values())
    return found


def _sequence(nodes: list[Any], ignore_case: bool) -> list[Clause]:
    clauses = [Clause()]
    for node in nodes:
        options = _options(node, ignore_case)
        if len(clauses) > 1 and len(clauses) * len(options) > MAX_CLAUSES:
            options = _collapsed(options)
            if len(clauses) * len(options) > MAX_CLAUSES:
                clauses = _collapsed(clauses)
        clauses = list(dict.fromkeys(one.then(other) for one in clauses for other in options))
    return clauses


def _collapsed(options: list[Clause]) -> list[Clause]:
    """At most two options, one that consumes nothing and one that does, with weaker conditions."""
    result = []
    for empty in (True, False):
        some = [one for one in options if one.empty is empty]
        if not some:
            continue
        needs: frozenset[CharSet] = frozenset()
        if all(one.needs for one in some):
            needs = frozenset([union([min(one.needs, key=CharSet.commonness) for one in some])])
        first = None if empty else union([one.first for one in some if one.first is not None])
        last = None if empty else union([one.last for one in some if one.last is not None])
        starts = all(one.at_start for one in some)
        result.append(Clause(empty, first, last, needs, starts, all(one.at_end for one in some)))
    return result


def union(sets: list[CharSet]) -> CharSet:
    items: dict[Any, None] = {}
    for one in sets:
        items.update(dict.fromkeys(one.items))
    return CharSet(tuple(items), any(one.ignore_case for one in sets))


def _one_char(items: tuple[Any, ...], ignore_case: bool) -> list[Clause]:
    chars = CharSet(items, ignore_case)
    return [Clause(False, chars, chars, frozenset([chars]))]


def _options(node: Any, ignore_case: bool) -> list[Clause]:
    op, value = node
    if op in (ops.LITERAL, ops.NOT_LITERAL, ops.ANY):
        return _one_char(((op, value),), ignore_case)
    if op is ops.IN:
        if value and value[0][0] is ops.NEGATE:
            return _one_char(((ops.NEGATE, tuple(value[1:])),), ignore_case)
        return _one_char(tuple(value), ignore_case)
    if op is ops.AT:
        at_start = value in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING)
        return [Clause(at_start=at_start, at_end=value in (ops.AT_END, ops.AT_END_STRING))]
    if op is ops.ASSERT:
        inner = _sequence(list(value[1]), ignore_case)
        return list(dict.fromkeys(Clause(needs=one.needs) for one in inner))
    if op is ops.ASSERT_NOT:
        return [Clause()]
    if op is ops.BRANCH:
        branches = [_sequence(list(branch), ignore_case) for branch in value[1]]
        return list(dict.fromkeys(one for branch in branches for one in branch))
    if op is ops.SUBPATTERN:
        _, added, removed, inner = value
        if (added | removed) & (re.ASCII | re.LOCALE | re.MULTILINE):
            raise Unsupported(op)
        ignore_case = (ignore_case or bool(added & re.IGNORECASE)) and not removed & re.IGNORECASE
        return _sequence(list(inner), ignore_case)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, getattr(ops, "POSSESSIVE_REPEAT", None)):
        least, most, inner = value
        return _repeated(least, most, inner, ignore_case)
    if op is getattr(ops, "ATOMIC_GROUP", None):
        return _sequence(list(value), ignore_case)
    raise Unsupported(op)


def _repeated(least: int, most: int, inner: Any, ignore_case: bool) -> list[Clause]:
    options = _sequence(list(inner), ignore_case)
    if most > 1 and len(options) > 1:
        options = _collapsed(options)
    if most > 1:
        # The second round is not at the start, the last but one not at the end.
        options = [one._replace(at_start=False, at_end=False) for one in options]
    if least == 0:
        options = [Clause(), *options]
    return options
