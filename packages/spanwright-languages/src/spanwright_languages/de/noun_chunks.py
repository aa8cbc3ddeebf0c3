"""Base noun phrases of German, from a parse with TIGER labels."""

from __future__ import annotations

from typing import Any

from ..chunks import Chunks, chunks

# Arguments of a verb; what hangs on a noun, with the conjuncts, whose parse gives a label of their own; the rest.
_ARGUMENTS = ("da", "oa", "og", "pd", "sb")
_IN_PHRASES = ("ag", "app", "cj", "nk")
_ROLES = frozenset([*_ARGUMENTS, *_IN_PHRASES, "mo", "ROOT", "root"])


def _bounds(noun: Any) -> tuple[int, int]:
    # Close appositions and measures: "zwei Tassen Kaffee".
    last = noun.i
    for right in noun.rights:
        if right.dep_ == "nk" and right.pos_ in ("NOUN", "PROPN"):
            last = right.i
    return noun.left_edge.i, last


def noun_chunks(doclike: Any) -> Chunks:
    """Noun phrases with nouns closely attached behind them, as (start, end, label); none is part of another.

    doclike: a Doc or Span.

    Raises MissingParseError (a ValueError) if there is no dependency parse.
    """
    return chunks(doclike, _ROLES, _bounds, conjuncts=False)
