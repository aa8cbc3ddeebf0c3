"""The class SpanGroup, at the place where programs also look for it."""

from spanwright_tokens.tokens import SpanGroup

__all__ = ["SpanGroup"]
