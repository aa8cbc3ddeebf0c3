"""What is cut off Spanish words: compounds, ranges, fractions and percentages stay whole."""

from __future__ import annotations

from spanwright.lang.char_classes import AFTER_LETTER, HYPHENS, LETTER
from spanwright.lang.punctuation import TOKENIZER_INFIXES as NEUTRAL_INFIXES
from spanwright.lang.punctuation import TOKENIZER_SUFFIXES as NEUTRAL_SUFFIXES

# "3,5%" is one token, and 's is English.
TOKENIZER_SUFFIXES = [suffix.replace("[+%‰]", r"\+") for suffix in NEUTRAL_SUFFIXES if "[sS]" not in suffix]
TOKENIZER_INFIXES = [
    *(infix.replace(r"[+\-*^×]", "[+*^×]") for infix in NEUTRAL_INFIXES if HYPHENS not in infix),
    rf"{AFTER_LETTER}(?:--+|[–—])(?={LETTER})",
]
