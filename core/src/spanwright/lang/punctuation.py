"""What is cut off the beginning and the end of words, and out of their middle, in any language.

Each list holds regular expressions; a language takes a list and adds or leaves out some.
"""

from __future__ import annotations

from .char_classes import (
    AFTER_LETTER,
    AFTER_LOWER,
    AFTER_UPPER,
    BEFORE_LETTER,
    BEFORE_UPPER,
    CURRENCY,
    ELLIPSES,
    HYPHENS,
    ICONS,
    PUNCT,
    QUOTE_CHARS,
    QUOTES,
    UNITS,
)

TOKENIZER_PREFIXES = [
    PUNCT,
    QUOTES,
    ELLIPSES,
    CURRENCY,
    ICONS,
    r"[§%=—–]",
    r"\+(?![0-9])",
]

TOKENIZER_SUFFIXES = [
    PUNCT,
    QUOTES,
    ELLIPSES,
    ICONS,
    r"['’][sS]",
    r"[—–]",
    r"(?<=\w)--+",
    r"(?<=[0-9])[+%‰]",
    rf"(?<=[0-9])(?:{CURRENCY})",
    rf"(?<=[0-9])(?:{UNITS})",
    r"(?<=°[FfCcKk])\.",
    r"(?<=[0-9%²\-+)\]}>»”’\"'/`*])\.",
    rf"{AFTER_LOWER}\.",
    rf"(?<=[^\W\d_]{{2}}){AFTER_UPPER}\.",  # "UN." loses its period, the initial "J." does not
]

TOKENIZER_INFIXES = [
    ELLIPSES,
    ICONS,
    r"(?<=[0-9])[+\-*^×](?=[0-9\-])",
    rf"{AFTER_LOWER}\.{BEFORE_UPPER}",
    rf"(?<=[{QUOTE_CHARS}])\.{BEFORE_UPPER}",
    rf"{AFTER_LETTER},{BEFORE_LETTER}",
    rf"{AFTER_LETTER}(?:{HYPHENS}){BEFORE_LETTER}",
    rf"(?<=[^\W_])[:<>=/]{BEFORE_LETTER}",
]
