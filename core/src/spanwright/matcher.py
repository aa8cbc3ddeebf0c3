"""Matchers of patterns in Docs; they live in the distribution spanwright-tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spanwright_tokens import matcher as _matcher

if TYPE_CHECKING:
    from spanwright_tokens.matcher import (
        DependencyMatcher,
        Matcher,
        PhraseMatcher,
        filter_spans,
        levenshtein,
        levenshtein_compare,
    )

__all__ = ["DependencyMatcher", "Matcher", "PhraseMatcher", "filter_spans", "levenshtein", "levenshtein_compare"]


def __getattr__(name: str) -> Any:
    return getattr(_matcher, name)
