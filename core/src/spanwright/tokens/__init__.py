"""Doc, Token, Span and the other data of a pipeline; they live in the distribution spanwright-tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spanwright_tokens import tokens as _tokens
from spanwright_tokens.tokens import (
    Doc,
    MorphAnalysis,
    Span,
    SpanGroup,
    SpanGroups,
    Token,
    Underscore,
    gather,
    lengths,
    scatter,
)

from .._announced import declare_when_asked

if TYPE_CHECKING:
    from spanwright_tokens.tokens import Alignment, DocBin, Example, scatter_texts

__all__ = [
    "Alignment", "Doc", "DocBin", "Example", "MorphAnalysis", "Span", "SpanGroup", "SpanGroups", "Token", "Underscore",
    "gather", "lengths", "scatter", "scatter_texts",
]  # fmt: skip

declare_when_asked()


def __getattr__(name: str) -> Any:
    return getattr(_tokens, name)
