"""Strings and their ids; they live in the distribution spanwright-tokens."""

from spanwright_tokens.vocab import StringStore, get_string_id

__all__ = ["StringStore", "get_string_id"]
