"""Word vectors; they live in the distribution spanwright-tokens."""

from spanwright_tokens.vocab import Vectors

__all__ = ["Vectors"]
