"""English words for numbers."""

from __future__ import annotations

from spanwright.lang.lex_attrs import like_num as like_figures
from spanwright_tokens.attrs import IDS

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_LARGE = ["hundred", "thousand", *(f"{size}illion" for size in "m b tr quadr quint sext sept oct non dec".split())]
_PLAYFUL = ["bazillion", "gajillion", "gazillion", "zillion"]
_CARDINALS = ["zero", *_ONES, *_TEENS, *_TENS, *_LARGE, *_PLAYFUL]
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip


def _ordinal(cardinal: str) -> str:
    if cardinal in _IRREGULAR:
        return _IRREGULAR[cardinal]
    return f"{cardinal[:-1]}ieth" if cardinal.endswith("y") else f"{cardinal}th"


_ORDINALS = [_ordinal(cardinal) for cardinal in _CARDINALS]
_WORDS = frozenset([*_CARDINALS, *_ORDINALS])


def like_num(text: str) -> bool:
    """Whether a word is a number, in figures or letters."""
    lower = text.lower()
    if like_figures(text) or lower in _WORDS:
        return True
    return lower[-2:] in ("st", "nd", "rd", "th") and lower[:-2].isdigit()


LEX_ATTRS = {IDS["LIKE_NUM"]: like_num}
