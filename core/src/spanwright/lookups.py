"""Look-up tables; they live in the distribution spanwright-tokens."""

from spanwright_tokens.vocab import Lookups, Table

__all__ = ["Lookups", "Table"]
