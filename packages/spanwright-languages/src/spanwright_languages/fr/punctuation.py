"""What is cut off French words: elided words in front, pronouns after a verb behind. Compounds stay whole."""

from __future__ import annotations

from spanwright.lang.char_classes import AFTER_LETTER, HYPHENS, LETTER
from spanwright.lang.punctuation import TOKENIZER_INFIXES as NEUTRAL_INFIXES
from spanwright.lang.punctuation import TOKENIZER_PREFIXES as NEUTRAL_PREFIXES
from spanwright.lang.punctuation import TOKENIZER_SUFFIXES as NEUTRAL_SUFFIXES

# Pronouns after a verb ("dit-il", "parle-t-on"); "vous" of "rendez-vous" and the like are exceptions.
_INVERTED = "je tu il elle on ce nous vous ils elles moi toi lui leur en"
_PRONOUNS = "|".join(form for word in _INVERTED.split() for form in (word, word.upper()))
_INVERSION = rf"(?<={LETTER})[\-‐‑](?:[tT][\-‐‑])?(?:{_PRONOUNS})"

TOKENIZER_SUFFIXES = [
    *(suffix for suffix in NEUTRAL_SUFFIXES if "[sS]" not in suffix),  # 's is English
    _INVERSION,
    rf"(?<={LETTER}{LETTER})-",
]
TOKENIZER_PREFIXES = [*NEUTRAL_PREFIXES, rf"-(?={LETTER})"]
TOKENIZER_INFIXES = [
    *(infix for infix in NEUTRAL_INFIXES if HYPHENS not in infix),
    rf"{AFTER_LETTER}(?:--+|[–—])(?={LETTER})",
    rf"(?<={LETTER}['’])(?={LETTER})",  # between "l'" and "homme": nothing is taken out, the word is cut
]
