"""The class Span, at the place where programs also look for it."""

from spanwright_tokens.tokens import Span

__all__ = ["Span"]
