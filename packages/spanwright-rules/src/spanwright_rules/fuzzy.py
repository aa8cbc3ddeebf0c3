"""spacy.levenshtein_compare.v1: when FUZZY patterns take two spellings for the same word."""

from __future__ import annotations

from collections.abc import Callable

from spanwright.matcher import levenshtein_compare


def levenshtein_compare_v1() -> Callable[[str, str, int], bool]:
    """spacy.levenshtein_compare.v1: a function that compares a text, a pattern's text and the edit distance allowed.

    Without a distance (-1), 30 % of the pattern's characters may differ, and never fewer than 2.
    """
    return levenshtein_compare
