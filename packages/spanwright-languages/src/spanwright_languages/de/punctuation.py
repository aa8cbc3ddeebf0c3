"""What is cut off German words: compounds and ordinals ("3.") stay whole."""

from __future__ import annotations

from spanwright.lang.char_classes import AFTER_LETTER, HYPHENS, LETTER
from spanwright.lang.punctuation import TOKENIZER_INFIXES as NEUTRAL_INFIXES
from spanwright.lang.punctuation import TOKENIZER_SUFFIXES as NEUTRAL_SUFFIXES

TOKENIZER_SUFFIXES = [
    # A period after a figure makes an ordinal, so it is cut off behind other signs only.
    *(suffix.replace("(?<=[0-9%", "(?<=[%") for suffix in NEUTRAL_SUFFIXES),
    r"(?<=[0-9]{4})\.",  # a year ends a sentence more often than it counts
]
TOKENIZER_INFIXES = [
    *(infix for infix in NEUTRAL_INFIXES if HYPHENS not in infix),
    rf"{AFTER_LETTER}(?:--+|[–—])(?={LETTER})",
]
