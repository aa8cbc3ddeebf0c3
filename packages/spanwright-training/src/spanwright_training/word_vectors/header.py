"""The first line of a file of vectors: how many rows there are, how wide they are, and how floret hashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spanwright.errors import DataFormatError, InvalidValueError

MOST_VALUES = 1_000_000  # in a row: a header that says more is damaged, and would ask for all memory
FLORET_FIELDS = "rows width minn maxn hash_count hash_seed bow eow"


@dataclass(frozen=True)
class Header:
    """What the first line says.

    rows: How many rows follow; None where there is no header (GloVe).
    width: Values a row.
    settings: Floret: the arguments of `Vectors`.
    """

    rows: int | None
    width: int
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def floret(self) -> bool:
        """Whether the rows are those of a floret table."""
        return bool(self.settings)


def read_header(line: bytes, mode: str, where: str) -> Header:
    """Read the first line. Raises DataFormatError, InvalidValueError (ValueErrors)."""
    fields = line.split()
    if mode == "floret":
        return _floret(fields, where)
    if len(fields) == 8 and all(map(_is_int, fields[:6])) and not _is_float(fields[7]):
        raise InvalidValueError(f"{where}:1 is the header of a floret table. Read it with --mode floret.")
    if len(fields) == 2 and all(map(_is_int, fields)):
        return _checked(Header(int(fields[0]), int(fields[1])), where)
    # No header: a word and its values. Only the word may hold anything but numbers.
    width = len(fields) - 1
    while width > 0 and not all(map(_is_float, fields[-width:])):
        width -= 1
    if width < 1:
        raise DataFormatError(
            f"{where}:1 is neither a header (two whole numbers: rows and width) nor a word with its values, found: "
            f"{shown(line)}. {BINARY_HINT}"
        )
    return Header(None, width)


BINARY_HINT = (
    "Formats are word2vec, GloVe, fastText and floret as text; the binary ones must be exported as text first."
)


def _floret(fields: list[bytes], where: str) -> Header:
    if len(fields) != 8 or not all(map(_is_int, fields[:6])):
        raise DataFormatError(
            f"{where}:1 is not the header of a floret table. Expected 8 fields: {FLORET_FIELDS}; found: "
            f"{shown(b' '.join(fields))}."
        )
    rows, width, minn, maxn, hash_count, hash_seed = map(int, fields[:6])
    settings = {
        "mode": "floret",
        "minn": minn,
        "maxn": maxn,
        "hash_count": hash_count,
        "hash_seed": hash_seed,
        "bow": fields[6].decode("utf8", "replace"),
        "eow": fields[7].decode("utf8", "replace"),
    }
    return _checked(Header(rows, width, settings), where)


def _checked(header: Header, where: str) -> Header:
    if header.rows is None or header.rows < 1 or header.width < 1:
        raise DataFormatError(
            f"{where}:1: the header says {header.rows} rows of {header.width} values; both must be at least 1."
        )
    if header.width > MOST_VALUES:
        raise DataFormatError(f"{where}:1: the header says {header.width} values in a row; {MOST_VALUES} is the most.")
    return header


def shown(line: bytes, most: int = 60) -> str:
    """A line for a message, cut."""
    text = line[: most + 1].decode("utf8", "replace").rstrip()
    return repr(text[:most] + "…" if len(text) > most else text)


def _is_int(text: bytes) -> bool:
    return text.removeprefix(b"-").isdigit()


def _is_float(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
