"""The rule-driven tokenizer; it lives in the distribution spanwright-tokens."""

from spanwright_tokens.tokenizer import Tokenizer

__all__ = ["Tokenizer"]
