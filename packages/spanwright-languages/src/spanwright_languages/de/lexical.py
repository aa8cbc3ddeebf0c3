"""German words for numbers."""

from __future__ import annotations

from spanwright.lang.lex_attrs import like_num as like_figures
from spanwright_tokens.attrs import IDS

_ONES = "null ein eins zwei zwo drei vier fünf sechs sieben acht neun zehn elf zwölf"
_TEENS = "dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
_TENS = "zwanzig dreißig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig"
_LARGE = "hundert tausend million millionen milliarde milliarden billion billionen billiarde trillion"
_WORDS = frozenset(" ".join([_ONES, _TEENS, _TENS, _LARGE, "eine einhundert eintausend"]).split())
_ORDINAL_STEMS = frozenset(
    [
        *"ers zwei drit vier fünf sechs sieb sieben ach neun zehn elf zwölf".split(),
        *_TEENS.split(),
        *(f"{tens}s" for tens in _TENS.split()),
        "hunderts", "tausends", "millions",
    ]
)  # fmt: skip


def _is_compound(word: str) -> bool:
    """Whether a word is put together from words for numbers, such as "einundzwanzig"."""
    if word in _WORDS:
        return True
    ones, joint, tens = word.partition("und")
    return bool(joint) and ones in _ONES.split() and tens in _TENS.split()


def like_num(text: str) -> bool:
    """Whether a word is a number, in figures or letters, or an ordinal such as "3." or "dritte"."""
    lower = text.lower()
    if like_figures(text) or (lower.endswith(".") and lower[:-1].isdigit()) or _is_compound(lower):
        return True
    stem = lower.rstrip("rnsm")
    return stem.endswith("te") and stem[:-2] in _ORDINAL_STEMS


LEX_ATTRS = {IDS["LIKE_NUM"]: like_num}
