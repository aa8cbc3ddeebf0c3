"""English words for numbers."""

from __future__ import annotations

from spanwright.lang.lex_attrs import like_num as like_figures
from spanwright_tokens.attrs import IDS

_CARDINALS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion
quadrillion quintillion gajillion bazillion
""".split()
_ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth
ninetieth hundredth thousandth millionth billionth trillionth
""".split()
_WORDS = frozenset([*_CARDINALS, *_ORDINALS])


def like_num(text: str) -> bool:
    """Whether a word is a number, in figures or letters."""
    lower = text.lower()
    if like_figures(text) or lower in _WORDS:
        return True
    return lower[-2:] in ("st", "nd", "rd", "th") and lower[:-2].isdigit()


LEX_ATTRS = {IDS["LIKE_NUM"]: like_num}
