"""Text in, Doc out: the rule-driven tokenizer."""

from __future__ import annotations

from .tokenizer import Tokenizer

__all__ = ["Tokenizer"]
