"""The class MorphAnalysis, at the place where programs also look for it."""

from spanwright_tokens.tokens import MorphAnalysis

__all__ = ["MorphAnalysis"]
