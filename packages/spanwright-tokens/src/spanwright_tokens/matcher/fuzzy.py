"""When two spellings count as the same word."""

from __future__ import annotations

from ._levenshtein import levenshtein


def levenshtein_compare(input_text: str, pattern_text: str, fuzzy: int = -1) -> bool:
    """Whether a text is within the allowed edit distance of a pattern's.

    input_text: what stands in the Doc.
    pattern_text: what the pattern asks for.
    fuzzy: the greatest distance allowed; -1 allows 30 % of the pattern's characters, and never less than 2, so that
        two letters may have changed places.
    """
    allowed = fuzzy if fuzzy >= 0 else max(2, round(0.3 * len(pattern_text)))
    return levenshtein(input_text, pattern_text, allowed) <= allowed
