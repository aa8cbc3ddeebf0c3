"""The class Doc, at the place where programs also look for it."""

from spanwright_tokens.tokens import Doc

__all__ = ["Doc"]
