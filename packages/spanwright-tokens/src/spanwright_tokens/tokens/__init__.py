"""Docs and what they are made of."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..vocab.morphology import MorphAnalysis

from .doc import Doc  # isort: skip  (the compiled modules need each other; this order is one that works)
from .columns import gather, lengths, scatter
from .span import Span
from .span_group import SpanGroup
from .span_groups import SpanGroups
from .token import Token
from .underscore import Underscore

if TYPE_CHECKING:
    from .alignment import Alignment as Alignment
    from .docbin import DocBin as DocBin
    from .example import Example as Example
    from .texts import scatter_texts as scatter_texts

# Imported when asked for.
_LATE = {"Alignment": ".alignment", "DocBin": ".docbin", "Example": ".example", "scatter_texts": ".texts"}

__all__ = [
    "Alignment",
    "Doc",
    "DocBin",
    "Example",
    "MorphAnalysis",
    "Span",
    "SpanGroup",
    "SpanGroups",
    "Token",
    "Underscore",
    "gather",
    "lengths",
    "scatter",
    "scatter_texts",
]


def __getattr__(name: str) -> Any:
    module = _LATE.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(module, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
