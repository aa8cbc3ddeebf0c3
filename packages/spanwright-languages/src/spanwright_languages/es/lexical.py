"""Spanish words for numbers."""

from __future__ import annotations

from spanwright.lang.lex_attrs import like_num as like_figures
from spanwright_tokens.attrs import IDS

_WORDS = frozenset(
    """
cero uno un una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete
dieciocho diecinueve veinte veintiuno veintiún veintiuna veintidós veintitrés veinticuatro veinticinco veintiséis
veintisiete veintiocho veintinueve treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento doscientos
trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos mil millón millones millardo
billón billones trillón trillones
""".split()
)
_ORDINALS = """
primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo vigésimo trigésimo
cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo nonagésimo centésimo milésimo millonésimo
"""
_ORDINAL_STEMS = frozenset(word[:-1] for word in _ORDINALS.split())


def like_num(text: str) -> bool:
    """Whether a word is a number, in figures or letters, or an ordinal such as "2º" or "segunda"."""
    lower = text.lower()
    if like_figures(text) or lower in _WORDS or lower in ("primer", "tercer"):
        return True
    if lower[-1:] in ("º", "ª") and lower[:-1].rstrip(".").isdigit():
        return True
    stem = lower.removesuffix("s")
    return stem[-1:] in ("o", "a") and stem[:-1] in _ORDINAL_STEMS


LEX_ATTRS = {IDS["LIKE_NUM"]: like_num}
