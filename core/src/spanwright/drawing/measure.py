"""How wide a text will be, roughly: the fonts are the reader's, so this can only be a guess."""

from __future__ import annotations

import unicodedata

NARROW, WIDE = set("iljtfrI.,:;'|!()[]{}-`\"/\\ "), set("mwMW@%&—")


def text_width(text: str, size: float) -> float:
    """The width in pixels of a text in a sans-serif font of a size in pixels."""
    return size * sum(map(_char_width, text))


def _char_width(char: str) -> float:
    if char in NARROW:
        return 0.34
    if char in WIDE:
        return 0.9
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    return 0.7 if char.isupper() else 0.58
