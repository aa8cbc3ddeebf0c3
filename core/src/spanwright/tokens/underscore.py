"""The class Underscore, at the place where programs also look for it."""

from spanwright_tokens.tokens import Underscore

__all__ = ["Underscore"]
