"""The exceptions of the project: each is a SpanwrightError and the built-in type that a caller would catch."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SpanwrightError(Exception):
    """Whatever Spanwright raises on purpose."""


class InvalidValueError(SpanwrightError, ValueError):
    """An argument has the right type and a value that cannot be."""


class InvalidTypeError(SpanwrightError, TypeError):
    """An argument has the wrong type."""


class InvalidIndexError(SpanwrightError, IndexError):
    """A position lies outside of what it indexes."""


class InvalidAttributeError(SpanwrightError, AttributeError):
    """An object lacks, or does not let you set, the attribute that was asked for."""


class MissingKeyError(SpanwrightError, KeyError):
    """A table has no such key."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""  # KeyError would print the text's repr


class UnknownStringError(MissingKeyError):
    """No string is known by this id (any more)."""


class DataFormatError(SpanwrightError, ValueError):
    """Bytes or a file that are truncated, damaged, or of another format than expected."""


class MissingFileError(SpanwrightError, FileNotFoundError):
    """A file or folder that is needed does not exist."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class UnsupportedError(SpanwrightError, NotImplementedError):
    """The operation is not possible for this kind of object."""


class SpanwrightWarning(UserWarning):
    """What the user should know although work goes on."""


def nearest(name: str, choices: Iterable[str], *, limit: int = 3) -> str:
    """The end of an error text: the choices closest to a misspelt name, or all if they are few, or nothing."""
    known = [choice for choice in choices if choice]
    close = get_close_matches(name, known, n=limit, cutoff=0.6)
    if close:
        return f" Did you mean {' or '.join(repr(choice) for choice in close)}?"
    if known and len(known) <= 12:
        return f" There are: {', '.join(repr(choice) for choice in known)}."
    return ""
