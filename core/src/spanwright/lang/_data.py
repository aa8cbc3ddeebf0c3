"""The languages' modules: `spanwright.lang.en.English` and what belongs to it, from the plugin that is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._lookup import plugin_names

# Name -> attribute of a language's Defaults.
_DEFAULTS = {
    "STOP_WORDS": "stop_words",
    "TOKENIZER_EXCEPTIONS": "tokenizer_exceptions",
    "TOKENIZER_PREFIXES": "prefixes",
    "TOKENIZER_SUFFIXES": "suffixes",
    "TOKENIZER_INFIXES": "infixes",
    "LEX_ATTRS": "lex_attr_getters",
    "SYNTAX_ITERATORS": "syntax_iterators",
}


def language_names(module: str, code: str, class_name: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of the module of a language.

    Each name raises MissingNameError (an ImportError), with the distribution to install, where the language's data is
    missing.
    """
    get_class, _ = plugin_names(module, {class_name: f"=languages:{code}"})

    def get(name: str) -> Any:
        if name == class_name:
            return get_class(name)
        if name == f"{class_name}Defaults":
            return get_class(class_name).Defaults
        if name in _DEFAULTS:
            return getattr(get_class(class_name).Defaults, _DEFAULTS[name])
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    def listing() -> list[str]:
        return sorted([class_name, f"{class_name}Defaults", *_DEFAULTS])

    return get, listing
