"""French."""

from __future__ import annotations

from typing import Any

from spanwright.language import Language
from spanwright.language.defaults import BaseDefaults

from .exceptions import TOKENIZER_EXCEPTIONS
from .lexical import LEX_ATTRS
from .noun_chunks import noun_chunks
from .punctuation import TOKENIZER_INFIXES, TOKENIZER_PREFIXES, TOKENIZER_SUFFIXES
from .stop_words import STOP_WORDS

__all__ = ["French", "FrenchDefaults"]


class FrenchDefaults(BaseDefaults):
    """What French pipelines start from."""

    tokenizer_exceptions = TOKENIZER_EXCEPTIONS
    prefixes = TOKENIZER_PREFIXES
    suffixes = TOKENIZER_SUFFIXES
    infixes = TOKENIZER_INFIXES
    lex_attr_getters: dict[int, Any] = LEX_ATTRS
    syntax_iterators = {"noun_chunks": noun_chunks}
    stop_words = STOP_WORDS


class French(Language):
    """A French pipeline."""

    lang = "fr"
    Defaults = FrenchDefaults
