"""A very large alternation, taken apart so that only the few alternatives that a text may match are compiled.

French has a pattern of over a megabyte that lists compounds; compiling it whole takes seconds. Only whether it matches is
ever asked, so `A|B|C` may be asked one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import DataFormatError
from .charsets import CharSet, Condition, union, ops

LARGE = 40_000                                      # characters; below that a pattern is compiled whole
_FLAGS = re.compile(r"\(\?([imsux]+)\)")
_NOT_LOCAL = re.compile(r"\\[1-9]|\(\?P|\(\?\(|\(\?[a-zA-Z]*-?[a-zA-Z]+\)")
_LITERAL = re.compile(r"[^\W\d_](?![?*+{])")
_REPEATED = "?*+{"


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
        self._alternatives = alternatives
        for one in alternatives:
            self._by_start.setdefault(_start(one), []).append(one)
        self._lengths = sorted({len(start) for start in self._by_start})

    @classmethod
    def split(cls, pattern: str, flags: int, name: str) -> Alternation | None:
        """Take a pattern apart, or None if it is no plain alternation."""
        leading = _FLAGS.match(pattern)
        if leading is not None:
            for letter in leading.group(1):
                flags |= re.RegexFlag[letter.upper()]
            pattern = pattern[leading.end():]
        if flags & (re.VERBOSE | re.MULTILINE | re.ASCII | re.LOCALE) or _NOT_LOCAL.search(pattern):
            return None
        alternatives = [_unwrapped(one) for one in _top_level(pattern)]
        return cls(alternatives, flags, name) if len(alternatives) > 1 else None

    def matches(self, text: str) -> bool:
        """Whether some alternative matches at the beginning of the text."""
        lower = text.lower()
        known = lower.isascii()
        for length in self._lengths:
            if known:
                candidates = self._by_start.get(lower[:length], [])
            else:
                # Letters outside of ASCII may equal others when case is ignored: compare what can be compared.
                candidates = [
                    one
                    for start, group in self._by_start.items()
                    if len(start) == length and _may_start(lower, start)
                    for one in group
                ]
            if any(self._pattern(one).match(text) for one in candidates):
                return True
        return False

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


def _may_start(text: str, start: str) -> bool:
    head = text[: len(start)]
    if not head.isascii():
        return True
    return head == start


def _elements(pattern: str) -> Iterator[tuple[int, int]]:
    """Where each escape, class, and single character of a pattern begins and ends."""
    i = 0
    while i < len(pattern):
        end = i + 1
        if pattern[i] == "\\":
            end = i + 2
        elif pattern[i] == "[":
            end += pattern.startswith("^", end)
            end += pattern.startswith("]", end)
            while end < len(pattern) and pattern[end] != "]":
                end += 2 if pattern[end] == "\\" else 1
            end += 1
        yield i, end
        i = end


def _top_level(pattern: str) -> list[str]:
    """The alternatives of a pattern that are not inside of a group."""
    parts, depth, start = [], 0, 0
    for i, end in _elements(pattern):
        if end - i > 1:
            continue
        depth += (pattern[i] == "(") - (pattern[i] == ")")
        if pattern[i] == "|" and depth == 0:
            parts.append(pattern[start:i])
            start = end
    return [*parts, pattern[start:]]


def _unwrapped(alternative: str) -> str:
    """An alternative without the group around it."""
    if not (alternative.startswith("(?:") and alternative.endswith(")")):
        return alternative
    inner, depth = alternative[3:-1], 0
    for i, end in _elements(inner):
        if end - i == 1:
            depth += (inner[i] == "(") - (inner[i] == ")")
            if depth < 0 or (inner[i] == "|" and depth == 0):
                return alternative
    return inner


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
    for i, end in _elements(alternative):
        text = alternative[i:end]
        if end - i == 1:
            depth += (text == "(") - (text == ")")
        if text[0] != "[" or depth or alternative[end: end + 1] in tuple(_REPEATED) or len(text) > 12:
            continue
        chars = text[1:-1]
        if chars.startswith("^") or "\\" in chars or "-" in chars[1:-1] or any(char.isalnum() for char in chars):
            continue
        if best is None or len(chars) < len(best):
            best = chars
    if best is None:
        return None
    return CharSet(tuple((ops.LITERAL, ord(char)) for char in best))
