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

_LENGTHS = "nm µm μm mm cm dm m km in ft yd mi ha"
_POWERS = " ".join(f"{unit}{power}" for unit in ("mm", "cm", "dm", "m", "km") for power in "²³")
_MASSES = "µg μg mg g kg t lb lbs oz"
_SPEEDS = "m/s km/h kmh kph mph"
_DATA = " ".join(f"{prefix}{unit}" for prefix in "kKmMgGtT" for unit in "bB") + " K M G T"
_PRESSURES = "Pa hPa kPa mbar"
_CYRILLIC = "нм мм см дм м км мг г кг м/с км/ч кПа Па мбар кб Кб КБ Мб мб МБ Гб гб ГБ Тб тб ТБ мм² см² м² км² м³"
_ARABIC = "كم كم² م م² م³ سم مم غرام جرام جم كغ ملغ كوب"
UNITS = merge_chars(" ".join([_LENGTHS, _POWERS, _MASSES, _SPEEDS, _DATA, _PRESSURES, _CYRILLIC, _ARABIC]))
