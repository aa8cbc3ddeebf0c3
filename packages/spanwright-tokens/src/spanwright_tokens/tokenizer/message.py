"""The message that a tokenizer is saved as: five patterns, special cases, and a flag."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import DataFormatError, InvalidTypeError, InvalidValueError
from ..io import read_msgpack
from .rules import pieces_of

PATTERNS = ("prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match")


def read(data: bytes, *, where: str, exclude: Iterable[str] = ()) -> dict[str, Any]:
    """The checked fields of a message; those excluded or missing are left out.

    Raises DataFormatError (a ValueError) that begins with `where` for anything but a tokenizer's message.
    """
    message = read_msgpack(data, where=where)
    if not isinstance(message, dict):
        raise DataFormatError(f"{where}: a tokenizer is saved as a map, found {type(message).__name__}.")
    if not any(name in message for name in (*PATTERNS, "exceptions")):
        names = ", ".join(repr(name) for name in list(message)[:8])
        raise DataFormatError(f"{where}: this is no tokenizer: its fields are {names or 'none'}.")
    excluded = set(exclude)
    fields: dict[str, Any] = {name: value for name, value in message.items() if name not in excluded}
    for name in PATTERNS:
        if not isinstance(fields.get(name), (str, type(None))):
            raise DataFormatError(f"{where}: {name} must be a string or null, found {type(fields[name]).__name__}.")
    if "faster_heuristics" in fields and not isinstance(fields["faster_heuristics"], bool):
        found = fields["faster_heuristics"]
        raise DataFormatError(f"{where}: faster_heuristics must be true or false, found {found!r}.")
    if "vocab" in fields and not isinstance(fields["vocab"], bytes):
        raise DataFormatError(f"{where}: vocab must be bytes, found {type(fields['vocab']).__name__}.")
    _check_exceptions(fields, where)
    return fields


def _check_exceptions(fields: dict[str, Any], where: str) -> None:
    rules = fields.get("exceptions")
    if rules is None:
        return
    if not isinstance(rules, dict):
        raise DataFormatError(f"{where}: exceptions must be a map, found {type(rules).__name__}.")
    try:
        for chunk, substrings in rules.items():
            pieces_of(chunk, substrings)
    except (InvalidValueError, InvalidTypeError) as error:
        raise DataFormatError(f"{where}: {error}") from error
