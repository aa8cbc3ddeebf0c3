"""From a language code to the class of its pipelines."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any

from .. import registry
from ..errors import PipelineError

# Three-letter and other spellings of the codes that our own language data goes by.
ALIASES = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "mul": "xx",
}  # fmt: skip


def get_lang_class(lang: str) -> type[Any]:
    """The `Language` subclass for a language code, such as "en".

    A code that no installed plugin provides gets a class with neutral rules, and keeps its code.
    Raises PipelineError (a ValueError) if the text cannot be a language code.
    """
    if not isinstance(lang, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)*", lang):
        raise PipelineError(f"A language code is a short text such as 'en' or 'xx'; found {lang!r}.")
    for code in (lang, ALIASES.get(lang, lang)):
        if registry.has("languages", code):
            return registry.get("languages", code)
    return neutral_class(lang)


@cache
def neutral_class(lang: str) -> type[Any]:
    """A subclass of `Language` with neutral rules, for a code of which nothing is known."""
    from .base import Language

    name = _class_name(lang)
    cls = type(name, (Language,), {"lang": lang, "__module__": __name__, "__doc__": f"Neutral rules for '{lang}'."})
    # Where pickle looks for it; see __getattr__ for other processes.
    setattr(sys.modules[__name__], name, cls)
    return cls


def _class_name(lang: str) -> str:
    return "Language_" + lang.replace("-", "__").replace(".", "___")


def __getattr__(name: str) -> Any:
    """The neutral classes, so that pickled pipelines find theirs."""
    if not name.startswith("Language_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return neutral_class(name.removeprefix("Language_").replace("___", ".").replace("__", "-"))
