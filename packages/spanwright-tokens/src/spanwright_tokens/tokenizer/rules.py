"""Special cases: strings that are cut in a fixed way, with norms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..attrs import IDS, NAMES, intify_attr
from ..errors import InvalidTypeError, InvalidValueError

ORTH = IDS["ORTH"]
NORM = IDS["NORM"]
_DIRECT = {ORTH: ORTH, NORM: NORM, "ORTH": ORTH, "NORM": NORM, "orth": ORTH, "norm": NORM}


def pieces_of(chunk: str, substrings: Iterable[Mapping[Any, Any]], *, where: str = "") -> list[tuple[str, str | None]]:
    """The (text, norm) of each token of a special case, where a norm of None is the word's own.

    chunk: the string that is cut.
    substrings: a mapping for each token, with ORTH (the text) and, if wanted, NORM; keys are names or ids.
    where: begins the messages.

    Raises InvalidValueError (a ValueError) if the texts do not add up to the string, if one is empty or missing, or if
    another attribute is given; InvalidTypeError (a TypeError) for what is no list of mappings.
    """
    where = where or f"The special case {chunk!r}"
    if not isinstance(chunk, str):
        raise InvalidTypeError(f"{where}: a string is needed, found {type(chunk).__name__}.")
    if isinstance(substrings, (str, Mapping)) or not isinstance(substrings, Iterable):
        raise InvalidTypeError(f"{where}: a list of dicts is needed, one for each token, found {substrings!r}.")
    found = [_piece(one, where) for one in substrings]
    joined = "".join([text for text, _ in found])
    if joined != chunk:
        raise InvalidValueError(f"{where}: the ORTH of its tokens must add up to it, found {joined!r}.")
    return found


def _piece(attrs: Mapping[Any, Any], where: str) -> tuple[str, str | None]:
    text = norm = None
    if not isinstance(attrs, Mapping):
        raise InvalidTypeError(f"{where}: a dict of attributes is needed for each token, found {attrs!r}.")
    for name, value in attrs.items():
        key = _DIRECT.get(name) or (intify_attr(name) if isinstance(name, (str, int)) else None)
        if key == ORTH:
            text = value
        elif key == NORM:
            norm = value
        else:
            named = next((known for known in NAMES if IDS[known] == key), None) or name
            raise InvalidValueError(
                f"{where}: only ORTH and NORM can be set, found {named!r}. Set others with an attribute ruler."
            )
    if type(text) is not str or not text:
        raise InvalidValueError(f"{where}: each token needs an ORTH, a string that is not empty, found {attrs!r}.")
    if norm is not None and type(norm) is not str:
        raise InvalidTypeError(f"{where}: NORM must be a string, found {norm!r}.")
    return text, norm
