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

# Faces on their side, read from the left: eyes, noses, mouths, each separated by blanks; "~" is no nose.
_SIDEWAYS = [
    (":", "~ - ' ’ o ^", "( (( ((( ) )) ))) * / 0 3 > @ D O P X \\ ] c o p x | }"),
    (";", "~ -", "( ) )) * / D P ] p _;"),
    ("=", "~ -", "( ) / 3 D P [ ] p |"),
    ("8", "~ -", ") D"),
    ("x X", "~ -", "D DD"),
    (">:", "~ -", "( ) O o"),
]
# The same from the right: mouths, noses, eyes.
_SIDEWAYS_BACK = [
    ("(", "~ - o", ":"), ("(", "~ -", "; = 8"), (")", "~ -", ":"), ("[", "~", ": ="), ("]", "~", "="),
    ("D", "~", ": :< :>"),
]  # fmt: skip
# Upright faces: an eye, mouths, the other eye; with cheeks or arms where it is put between brackets.
_UPRIGHT = [
    *((eye, "_", eye) for eye in "0 O o V v T > - ; @ ಠ".split()),
    *((one, mouth, other) for mouth in "_." for one in "0oO" for other in "0oO" if (mouth, one + other) != (".", "00")),
    *((eye, ".", eye) for eye in "T V v".split()),
    *((eye, mouth, eye) for eye in "^-" for mouth in ("_", "__", "___")),
    (">", ".", "<"), (">", "_", "<"), (">", ".", ">"), ("<", ".", "<"), ("0", ".", "0"), (".", "_", "."),
]  # fmt: skip
_IN_BRACKETS = "* - . > ^ ¬ ಠ".split()
_FIGURES = r"\o/ /o\ \m/ :-> ಠ︵ಠ ¯\(ツ)/¯ ¯\_(ツ)_/¯ (╯°□°)╯︵┻━┻ <(^_^)>".split()
_HEARTS = ["</3", *("<" + "3" * size for size in (1, 2, 3))]
_SYMBOLS = "\\ / — – -- --- … ... « » “ ” ‘ ’ '' ’’ ‘‘ & @".split()


def _emoticons() -> set[str]:
    found = {*_FIGURES, *_HEARTS}
    for parts in (*_SIDEWAYS, *_SIDEWAYS_BACK):
        found.update("".join(face).replace("~", "") for face in product(*(part.split() for part in parts)))
    found.update(map("".join, _UPRIGHT))
    for eye in _IN_BRACKETS:
        found.add(f"({eye}_{'<' if eye == '>' else eye})")
    found.add("(._.)")
    return found


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
    **{f"°{scale}.": [{ORTH: sign} for sign in f"°{scale}."] for scale in "CFKcfk"},
}

# An address: of a mail box, with a scheme, of a machine, or a name with a top-level domain. Whatever surrounds it has
# been cut off before this is asked.
_SCHEME = r"(?:[\w.+\-]{2,}://)?"
_USER = r"(?:\S+@)?"
_NUMERIC = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
_NAME = r"(?:[^\W_](?:[\w\-]{0,62}[^\W_])?\.)+"
_TOP_LEVEL = rf"(?:(?![{UPPER_CHARS}])[^\W\d_]){{2,63}}"
_REST = r"(?::[0-9]{2,5})?(?:[/?#]\S*)?"
URL_PATTERN = rf"^{_SCHEME}{_USER}(?:{_NUMERIC}|{_NAME}{_TOP_LEVEL}){_REST}$"
URL_MATCH = re.compile(URL_PATTERN).match
