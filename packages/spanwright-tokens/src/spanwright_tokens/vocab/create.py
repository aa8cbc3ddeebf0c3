"""Making the vocabulary of a language."""

from __future__ import annotations

from typing import Any

from .lex_attrs import neutral_getters
from .vocab import Vocab


def create_vocab(lang: str | None, defaults: Any = None, vectors_name: str | None = None) -> Vocab:
    """The empty vocabulary of a language.

    lang: the language code.
    defaults: an object with `lex_attr_getters`, `stop_words`, `writing_system` and `syntax_iterators`; what it lacks,
        or None, means neutral.
    vectors_name: a name for the table of vectors.
    """
    iterators = getattr(defaults, "syntax_iterators", None) or {}
    return Vocab(
        lex_attr_getters=neutral_getters(
            lang, getattr(defaults, "stop_words", frozenset()), getattr(defaults, "lex_attr_getters", None)
        ),
        vectors_name=vectors_name,
        writing_system=getattr(defaults, "writing_system", None),
        get_noun_chunks=iterators.get("noun_chunks"),
    )
