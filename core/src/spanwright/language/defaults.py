"""What a language says about its pipelines, and the default config that everything starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwright_tokens.vocab import create_vocab

from ..config import Config
from ..lang.punctuation import TOKENIZER_INFIXES, TOKENIZER_PREFIXES, TOKENIZER_SUFFIXES
from ..lang.tokenizer_exceptions import BASE_EXCEPTIONS, URL_MATCH

__all__ = ["DEFAULT_CONFIG", "BaseDefaults", "create_vocab"]

DEFAULT_CONFIG_PATH = Path(__file__).parent.parent / "default_config.cfg"
DEFAULT_CONFIG = Config().from_disk(DEFAULT_CONFIG_PATH, interpolate=False)


class BaseDefaults:
    """The language-neutral data of a pipeline. A language subclasses it, and its `Language` class names the subclass.

    config: Settings laid over the default config.
    tokenizer_exceptions: Text -> list of token attributes ({ORTH: ..., NORM: ...}) for texts with their own tokens.
    prefixes, suffixes, infixes: Regular expressions of what is cut off words, and out of them.
    token_match, url_match: Functions that say whether a text is one token, before and after the affixes are cut.
    syntax_iterators: Name ("noun_chunks") -> function of a Doc or Span.
    lex_attr_getters: Attribute id -> function of a word.
    stop_words: Words for `is_stop`.
    writing_system: Direction, case and letters of the script.
    """

    config: Mapping[str, Any] = Config()
    tokenizer_exceptions: Mapping[str, Any] = BASE_EXCEPTIONS
    prefixes: Sequence[Any] | None = TOKENIZER_PREFIXES
    suffixes: Sequence[Any] | None = TOKENIZER_SUFFIXES
    infixes: Sequence[Any] | None = TOKENIZER_INFIXES
    token_match: Callable[[str], Any] | None = None
    url_match: Callable[[str], Any] | None = URL_MATCH
    syntax_iterators: Mapping[str, Callable[..., Any]] = {}
    lex_attr_getters: Mapping[int, Callable[[str], Any]] = {}
    stop_words: set[str] = set()
    writing_system: Mapping[str, Any] = {"direction": "ltr", "has_case": True, "has_letters": True}
