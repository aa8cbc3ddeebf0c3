"""Parts of the regular expressions of tokenizer rules.

`AFTER_...` and `BEFORE_...` are lookarounds; names that end in `_CHARS` go between the brackets of a class; the others
are alternatives.
"""

from __future__ import annotations

from .ranges import (
    BRACKET_CHARS,
    CURRENCY_CHARS,
    ICON_CHARS,
    LOWER_CHARS,
    MARK_CHARS,
    PUNCT_CHARS,
    QUOTE_CHARS,
    UPPER_CHARS,
)

__all__ = [
    "AFTER_LETTER",
    "AFTER_LOWER",
    "AFTER_UPPER",
    "BEFORE_LETTER",
    "BEFORE_UPPER",
    "BRACKET_CHARS",
    "CURRENCY",
    "CURRENCY_CHARS",
    "ELLIPSES",
    "HYPHENS",
    "ICONS",
    "ICON_CHARS",
    "LETTER",
    "LOWER_CHARS",
    "MARK_CHARS",
    "PUNCT",
    "PUNCT_CHARS",
    "QUOTES",
    "QUOTE_CHARS",
    "UNITS",
    "UPPER_CHARS",
    "group_chars",
    "merge_chars",
    "split_chars",
]


def split_chars(char: str) -> list[str]:
    """The parts of a text between blanks."""
    return char.split()


def merge_chars(char: str) -> str:
    """The parts of a text between blanks as alternatives of a regular expression."""
    return "|".join(char.split())


def group_chars(char: str) -> str:
    """A text without its blanks, for a class of a regular expression."""
    return "".join(char.split())


LETTER = r"[^\W\d_]"
# A letter, with or without marks on it; scripts without case count as both upper and lower case.
AFTER_LETTER = rf"(?<=[^\W\d_]|[{MARK_CHARS}])"
AFTER_LOWER = rf"(?<![{UPPER_CHARS}]){AFTER_LETTER}"
AFTER_UPPER = rf"(?<![{LOWER_CHARS}])(?<=[^\W\d_])"
BEFORE_LETTER = rf"(?={LETTER})"
BEFORE_UPPER = rf"(?![{LOWER_CHARS}]){BEFORE_LETTER}"

HYPHENS = r"--+|[\-–—~‐‑―]"
QUOTES = f"[{QUOTE_CHARS}]"
PUNCT = f"[{PUNCT_CHARS}{BRACKET_CHARS}<>]"
ELLIPSES = r"(?:\.\.+|…)"
CURRENCY = rf"(?:US|CA?|AU?|NZ|HK|R)?[{CURRENCY_CHARS}]"
ICONS = f"[{ICON_CHARS}\U0001f3fb-\U0001f3ff]"


def _joined(beginnings: str, endings: str) -> list[str]:
    """Each of some beginnings before each of some endings."""
    return [beginning + ending for beginning in beginnings.split() for ending in endings.split()]


_UNITS = [
    *_joined("n µ μ m c d k", "m"), *"m in ft yd mi ha".split(), *_joined("mm cm dm m km", "² ³"),
    *_joined("µ μ m k", "g"), *"g t lb lbs oz".split(),
    *"m/s km/h kmh kph mph".split(),
    *"Pa hPa kPa mbar".split(),
    *_joined("k K m M g G t T", "b B"), *"K M G T".split(),
    # Russian: lengths, areas, weights, speeds, pressures, sizes of data
    *_joined("н м с д к", "м"), "м", *_joined("м см мм км", "²"), "м³",
    *_joined("м к", "г"), "г", "м/с", "км/ч",
    *_joined("к", "Па"), "Па", "мбар",
    *_joined("к К М м Г г Т т", "б"), *_joined("К М Г Т", "Б"),
    # Arabic: centimetre, millimetre, metre, kilometre; gramme, milligramme, kilogramme; cup
    *"سم مم م كم".split(), *_joined("م كم", "²"), "م³", *"جم غرام جرام ملغ كغ".split(), "كوب",
]  # fmt: skip
UNITS = "|".join(dict.fromkeys(_UNITS))
