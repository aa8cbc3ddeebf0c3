"""What is cut off English words, beside what the neutral rules say."""

from __future__ import annotations

from spanwright.lang.char_classes import HYPHENS, LETTER
from spanwright.lang.punctuation import TOKENIZER_INFIXES as NEUTRAL_INFIXES
from spanwright.lang.punctuation import TOKENIZER_SUFFIXES as NEUTRAL_SUFFIXES

# "7:30PM", and "mama`s" with a mark that is no apostrophe.
TOKENIZER_SUFFIXES = [*NEUTRAL_SUFFIXES, r"(?<=[0-9])(?:[AaPp][Mm]|[ap]\.m\.)", r"(?<=\w)[`´][sS]"]
# Hyphens and dashes between a figure and a word: "64-bit".
TOKENIZER_INFIXES = [*NEUTRAL_INFIXES, rf"(?<=[0-9])(?:{HYPHENS})(?={LETTER})"]
