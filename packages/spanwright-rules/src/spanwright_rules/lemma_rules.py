"""What the lemmatizers of several languages share: endings that are replaced, and lists that are asked for members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

# Lists of words by identity, as sets; the list is kept, so that its identity stays its own.
_SETS: dict[int, tuple[Any, int, frozenset[str]]] = {}
_KEPT = 256


def members(words: Any) -> Collection[str]:
    """A list of words as a set, made once for each list; sets and dicts are given back as they are."""
    if not isinstance(words, (list, tuple)) or len(words) < 8:
        return words
    known = _SETS.get(id(words))
    if known is None or known[0] is not words or known[1] != len(words):
        if len(_SETS) >= _KEPT:
            _SETS.clear()
        known = _SETS[id(words)] = (words, len(words), frozenset(words))
    return known[2]


def apply_suffix_rules(
    word: str, rules: Iterable[Sequence[str]], index: Collection[str]
) -> tuple[list[str], list[str]]:
    """The forms that rules make of a word.

    word: In lower case.
    rules: Pairs of an ending and what replaces it.
    index: Words that are known.

    Returns the forms that are known or have signs that are no letters, and the others; each in the order of the rules.
    """
    accepted: list[str] = []
    unknown: list[str] = []
    for ending, replacement in rules:
        if word.endswith(ending):
            form = word[: len(word) - len(ending)] + replacement
            if form:
                (unknown if form.isalpha() and form not in index else accepted).append(form)
    return accepted, unknown
