"""Base noun phrases of English, from a parse with ClearNLP labels."""

from __future__ import annotations

from typing import Any

from ..chunks import Chunks, chunks

_OF_VERBS = ("attr", "dative", "dobj", "nsubj", "nsubjpass", "oprd")
_OF_PREPOSITIONS = ("pcomp", "pobj")
_ROLES = frozenset([*_OF_VERBS, *_OF_PREPOSITIONS, "appos", "ROOT"])


def _bounds(noun: Any) -> tuple[int, int]:
    return noun.left_edge.i, noun.i


def noun_chunks(doclike: Any) -> Chunks:
    """Noun phrases without what follows their noun, as (start, end, label); none is part of another.

    doclike: a Doc or Span.

    Raises MissingParseError (a ValueError) if there is no dependency parse.
    """
    return chunks(doclike, _ROLES, _bounds)
