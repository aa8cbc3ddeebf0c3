"""Base noun phrases of Spanish, from a parse with Universal Dependencies."""

from __future__ import annotations

from typing import Any

from ..chunks import Chunks, chunks, universal_bounds

_OF_VERBS = ("nsubj", "nsubj:pass", "obj", "obl", "pcomp")
_OF_NOUNS = ("appos", "nmod")
_ROLES = frozenset([*_OF_VERBS, *_OF_NOUNS, "ROOT"])
_NAMES = frozenset(["flat", "fixed", "compound"])


def _bounds(noun: Any) -> tuple[int, int]:
    return universal_bounds(noun, _NAMES)


def noun_chunks(doclike: Any) -> Chunks:
    """Noun phrases without their preposition, with adjectives and names behind, as (start, end, label).

    doclike: a Doc or Span.

    Raises MissingParseError (a ValueError) if there is no dependency parse.
    """
    return chunks(doclike, _ROLES, _bounds)
