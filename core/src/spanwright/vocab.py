"""The vocabulary, its lexemes and strings; they live in the distribution spanwright-tokens."""

from spanwright_tokens.vocab import LEX_ATTRS, Lexeme, Vocab, create_vocab

__all__ = ["LEX_ATTRS", "Lexeme", "Vocab", "create_vocab"]
