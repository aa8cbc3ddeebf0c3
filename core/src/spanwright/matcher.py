"""Matchers of patterns in Docs; they live in the distribution spanwright-tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spanwright_tokens import matcher as _matcher

if TYPE_CHECKING:
    from spanwright_tokens.matcher import Matcher, PhraseMatcher, filter_spans, levenshtein

__all__ = ["Matcher", "PhraseMatcher", "filter_spans", "levenshtein"]


def __getattr__(name: str) -> Any:
    return getattr(_matcher, name)
