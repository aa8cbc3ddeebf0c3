"""The class Token, at the place where programs also look for it."""

from spanwright_tokens.tokens import Token

__all__ = ["Token"]
