"""A very large alternation, taken apart so that only the few alternatives that a text may match are compiled.

French has a pattern of over a megabyte that lists compounds; compiling it whole takes seconds. Only whether it matches
is ever asked, so `A|B|C` may be asked one by one.
"""

from __future__ import annotations

import re

from ..errors import DataFormatError
from .charsets import CharSet, Condition, conditions, ops, union

LARGE = 40_000  # characters; below that a pattern is compiled whole
_FLAGS = re.compile(r"\(\?([imsux]+)\)")
_NOT_LOCAL = re.compile(r"\\[1-9]|\(\?P|\(\?\(|\(\?[a-zA-Z]*-?[a-zA-Z]+\)")
_LITERAL = re.compile(r"[^\W\d_](?![?*+{])")
# Escapes and classes whole, and what structures a pattern.
_PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|\[]", re.DOTALL)
# The characters outside of ASCII that equal an ASCII letter when case is ignored.
_TO_ASCII = {0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k"}


class Alternation:
    """Alternatives of a pattern that are tried one by one, found by how they begin.

    alternatives: expressions, of which a text has to match one, from its beginning.
    flags: of the whole pattern.
    name: of the setting, for messages.
    """

    def __init__(self, alternatives: list[str], flags: int, name: str) -> None:
        self.flags = flags
        self.name = name
        self._compiled: dict[str, re.Pattern[str]] = {}
        self._by_start: dict[str, list[str]] = {}
        self._by_class: dict[CharSet | None, list[str]] = {}
        self._alternatives = alternatives
        for one in alternatives:
            start = _start(one)
            if start:
                self._by_start.setdefault(start, []).append(one)
            else:
                self._by_class.setdefault(_first(one, flags), []).append(one)
        self._lengths = sorted({len(start) for start in self._by_start})

    @classmethod
    def split(cls, pattern: str, flags: int, name: str) -> Alternation | None:
        """Take a pattern apart, or None if it is no plain alternation."""
        leading = _FLAGS.match(pattern)
        if leading is not None:
            for letter in leading.group(1):
                flags |= re.RegexFlag[letter.upper()]
            pattern = pattern[leading.end() :]
        if flags & (re.VERBOSE | re.MULTILINE | re.ASCII | re.LOCALE) or _NOT_LOCAL.search(pattern):
            return None
        alternatives = [_unwrapped(one) for one in _top_level(pattern)]
        return cls(alternatives, flags, name) if len(alternatives) > 1 else None

    def matches(self, text: str) -> bool:
        """Whether some alternative matches at the beginning of the text."""
        begin = text.translate(_TO_ASCII).lower()
        for length in self._lengths:
            if any(self._pattern(one).match(text) for one in self._by_start.get(begin[:length], ())):
                return True
        return any(
            self._pattern(one).match(text)
            for first, group in self._by_class.items()
            if first is None or (text and ord(text[0]) in first)
            for one in group
        )

    def conditions(self) -> tuple[Condition, ...] | None:
        """A character that every alternative needs, or None."""
        needed = [_needed(one) for one in self._alternatives]
        found = [one for one in needed if one is not None]
        return (Condition(None, None, union(found)),) if len(found) == len(needed) else None

    def _pattern(self, alternative: str) -> re.Pattern[str]:
        compiled = self._compiled.get(alternative)
        if compiled is None:
            try:
                compiled = self._compiled[alternative] = re.compile(alternative, self.flags)
            except re.error as error:
                raise DataFormatError(
                    f"The tokenizer's {self.name} is no valid regular expression: {error}, in {alternative[:60]!r}."
                ) from error
        return compiled


def _top_level(pattern: str) -> list[str]:
    """The alternatives of a pattern that are not inside of a group; none if it is no valid pattern."""
    parts, depth, start = [], 0, 0
    for found in _PARTS.finditer(pattern):
        mark = found.group()
        depth += (mark == "(") - (mark == ")")
        if mark == "[":  # a class without an end
            return []
        if mark == "|" and depth == 0:
            parts.append(pattern[start : found.start()])
            start = found.end()
    return [*parts, pattern[start:]]


def _unwrapped(alternative: str) -> str:
    """An alternative without the group around it."""
    if not (alternative.startswith("(?:") and alternative.endswith(")")):
        return alternative
    inner, depth = alternative[3:-1], 0
    for found in _PARTS.finditer(inner):
        mark = found.group()
        depth += (mark == "(") - (mark == ")")
        if depth < 0 or (mark == "|" and depth == 0):
            return alternative
    return inner


def _first(alternative: str, flags: int) -> CharSet | None:
    """The class of characters that a match begins with, if the expression begins with one."""
    found = _PARTS.match(alternative, 1 if alternative.startswith("^") else 0)
    if found is None or found.group()[0] != "[" or alternative[found.end() : found.end() + 1] in ("?", "*", "{"):
        return None
    allowed = conditions(found.group(), flags, anchored=True)
    return allowed[0].first if allowed is not None and len(allowed) == 1 else None


def _start(alternative: str) -> str:
    """The ASCII letters that a match begins with, in lower case; empty if unknown."""
    i = 1 if alternative.startswith("^") else 0
    first = i
    while i < len(alternative) and alternative[i].isascii() and _LITERAL.match(alternative, i):
        i += 1
    return alternative[first:i].lower()


def _needed(alternative: str) -> CharSet | None:
    """A small class of characters, none of them a letter, one of which every match has."""
    depth = 0
    best = None
    for found in _PARTS.finditer(alternative):
        mark = found.group()
        depth += (mark == "(") - (mark == ")")
        optional = alternative[found.end() : found.end() + 1] in ("?", "*", "{")
        if mark[0] != "[" or depth or optional or len(mark) > 12:
            continue
        chars = mark[1:-1]
        if chars.startswith("^") or "\\" in chars or "-" in chars[1:-1] or any(char.isalnum() for char in chars):
            continue
        if best is None or len(chars) < len(best):
            best = chars
    if best is None:
        return None
    return CharSet(tuple((ops.LITERAL, ord(char)) for char in best))
