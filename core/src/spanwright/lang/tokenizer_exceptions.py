"""Texts that are tokens in any language: emoticons, single letters with a period, web addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from spanwright_tokens.attrs import IDS

from .ranges import UPPER_CHARS

ORTH = IDS["ORTH"]
NORM = IDS["NORM"]

Exceptions = dict[str, list[dict[int, str]]]

_EYES_AND_MOUTHS = [
    (":", ["", "-", "'", "’", "o", "^"], ") ( ] [ } { D P p O o 0 3 / \\ | * x X @ ( )) ((  ))) ((( > c".split()),
    (";", ["", "-"], ") ( D P p ] * /  )) _;".split()),
    ("=", ["", "-"], ") ( D P p ] [ / | 3".split()),
    ("8", ["-", ""], ") D".split()),
    ("x X", ["", "-"], ["D"]),
    (">:", ["", "-"], "( ) o O".split()),
    ("<", [""], ["3", "33", "333", "/3"]),
]
_OTHERS = r"""
(: (-: (; (= (8 ): )-: ): [: ]: [= ]= D: D:< :> :-> <3 </3 ^_^ ^__^ ^___^ -_- -__- >.< >_< >.> <.< v.v V.V v_v V_V
o.o O.o o.O O.O 0.0 o.0 0.o O_o o_O O_O o_o 0_0 0_o o_0 @_@ (._.) ._. (-_-) (*_*) (ಠ_ಠ) ಠ_ಠ (o: (¬_¬) (>_<) \o/ /o\
¯\_(ツ)_/¯ ¯\(ツ)/¯ (╯°□°)╯︵┻━┻ ಠ︵ಠ xD XD xDD XDD (^_^) \m/ <(^_^)> ;_; T_T T.T
"""
_SYMBOLS = "\\ / — – -- --- … ... « » “ ” ‘ ’ '' `` ’’ ‘‘ & @".split()


def _emoticons() -> set[str]:
    found = set(_OTHERS.split())
    for eyes, noses, mouths in _EYES_AND_MOUTHS:
        found.update("".join(parts) for parts in product(eyes.split(), noses, mouths))
    return {text for text in found if len(text) > 1}


def words(texts: Iterable[str], *, norm: str | None = None) -> Exceptions:
    """Exceptions for texts that are one token each, all with the same norm if one is given."""
    extra = {} if norm is None else {NORM: norm}
    return {text: [{ORTH: text, **extra}] for text in texts}


def pieces(*parts: tuple[str, str | None] | str) -> Exceptions:
    """The exception for a text of several tokens, each a text or a pair of text and norm."""
    split: list[dict[int, str]] = []
    for part in parts:
        text, norm = (part, None) if isinstance(part, str) else part
        split.append({ORTH: text} if norm is None else {ORTH: text, NORM: norm})
    return {"".join(one[ORTH] for one in split): split}


def update_exc(base: Mapping[str, Any], *additions: Mapping[str, Any]) -> Exceptions:
    """Exceptions with others added; later ones win.

    Raises ValueError if the parts of an exception do not add up to its text.
    """
    result = dict(base)
    for more in additions:
        for text, parts in more.items():
            joined = "".join(part[ORTH] for part in parts)
            if joined != text:
                raise ValueError(f"The tokens of the exception {text!r} must add up to it, found {joined!r}.")
        result.update(more)
    return result


BASE_EXCEPTIONS: Exceptions = {
    **words(_emoticons()),
    **words(_SYMBOLS),
    **words(f"{letter}." for letter in "abcdefghijklmnopqrstuvwxyzäöü"),
    **{text: [{ORTH: text}] for text in (" ", "\t", "\n")},
    **pieces("°", "C", "."), **pieces("°", "F", "."), **pieces("°", "K", "."),
    **pieces("°", "c", "."), **pieces("°", "f", "."), **pieces("°", "k", "."),
}  # fmt: skip

# An address: of a mail box, with a scheme, of a machine, or a name with a top-level domain. Whatever surrounds it has
# been cut off before this is asked.
_SCHEME = r"(?:[\w.+\-]{2,}://)?"
_USER = r"(?:\S+(?::\S*)?@)?"
_NUMERIC = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
_NAME = r"(?:[^\W_](?:[\w\-]{0,62}[^\W_])?\.)+"
_TOP_LEVEL = rf"(?:(?![{UPPER_CHARS}])[^\W\d_]){{2,63}}"
_REST = r"(?::[0-9]{2,5})?(?:[/?#]\S*)?"
URL_PATTERN = rf"^{_SCHEME}{_USER}(?:{_NUMERIC}|{_NAME}{_TOP_LEVEL}){_REST}$"
URL_MATCH = re.compile(URL_PATTERN).match
