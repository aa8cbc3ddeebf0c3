"""French words for numbers."""

from __future__ import annotations

from spanwright.lang.lex_attrs import like_num as like_figures
from spanwright_tokens.attrs import IDS

_WORDS = frozenset(
    """
zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit
dix-neuf vingt trente quarante cinquante soixante soixante-dix septante quatre-vingt quatre-vingts huitante octante
quatre-vingt-dix nonante cent cents mille mil million millions milliard milliards billion billions trillion
trillions quadrillion
""".split()
)
_ORDINALS = frozenset(
    """
premier première second seconde deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième
onzième douzième treizième quatorzième quinzième seizième dix-septième dix-huitième dix-neuvième vingtième trentième
quarantième cinquantième soixantième septantième quatre-vingtième huitantième nonantième centième millième
millionnième milliardième
""".split()
)
_ENDINGS = ("er", "re", "e", "ème", "eme", "ère", "nd", "nde", "ième")


def like_num(text: str) -> bool:
    """Whether a word is a number, in figures or letters, or an ordinal such as "2e"."""
    lower = text.lower()
    if like_figures(text) or lower in _WORDS or lower in _ORDINALS:
        return True
    parts = lower.split("-")
    if len(parts) > 1 and all(part in _WORDS or part == "et" for part in parts):
        return True
    return any(lower.endswith(ending) and lower[: -len(ending)].isdigit() for ending in _ENDINGS)


LEX_ATTRS = {IDS["LIKE_NUM"]: like_num}
