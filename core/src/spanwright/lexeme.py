"""Lexemes; they live in the distribution spanwright-tokens."""

from spanwright_tokens.vocab import Lexeme

__all__ = ["Lexeme"]
