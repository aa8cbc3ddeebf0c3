"""French words for numbers."""

from __future__ import annotations

from spanwright.lang.lex_attrs import like_num as like_figures
from spanwright_tokens.attrs import IDS

_ONES = "un deux trois quatre cinq six sept huit neuf".split()
_TEENS = "dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf".split()
_TENS = "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix".split()
# As said in Belgium, in Switzerland, and formerly.
_OTHER_TENS = "septante huitante octante nonante".split()
_LARGE = [f"{size}{ending}" for size in "m b tr quadr quint".split() for ending in ("illion", "illiard")]
_CARDINALS = [*_ONES, *_TEENS, *_TENS, *_OTHER_TENS, "cent", "mille", *_LARGE]
_INFLECTED = ["zéro", "une", "cents", "quatre-vingts", "mil", *(f"{size}s" for size in _LARGE)]
_WORDS = frozenset([*_CARDINALS, *_INFLECTED])


def _ordinal(cardinal: str) -> str:
    if cardinal.endswith("neuf"):
        return f"{cardinal[:-1]}vième"
    return f"{cardinal.removesuffix('e')}{'u' if cardinal.endswith('cinq') else ''}ième"


_ORDINALS = frozenset(["premier", "première", "second", "seconde", "millionnième", *map(_ordinal, _CARDINALS[1:])])
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
