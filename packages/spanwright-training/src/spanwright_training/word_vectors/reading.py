"""Reading vectors as text in blocks of lines, with the line of whatever is wrong."""

from __future__ import annotations

import codecs
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from spanwright.errors import DataFormatError, InvalidValueError

from .header import BINARY_HINT, Header, read_header, shown
from .opening import DAMAGED, open_lines

LINES = 2048  # a block
FIRST_ROWS = 1 << 16  # room that is made before there is a row, whatever a header says
MODES = ("default", "floret")


@dataclass
class TextVectors:
    """The vectors of a file.

    data: float32, without repetitions. *Shape* (rows, width).
    words: The words in the order of the file; empty for floret.
    rows: For each word, its row.
    settings: Floret: the arguments of `Vectors`.
    """

    data: Any
    words: list[str]
    rows: Any
    settings: dict[str, Any] = field(default_factory=dict)


def read_vectors(path: str | Path, truncate: int = 0, *, mode: str = "default", silent: bool = True) -> TextVectors:
    """Read vectors as text: word2vec and fastText (a header, then a word and its values in each line), GloVe (no
    header), floret; plain, .gz or .zip. Equal vectors are kept once.

    path: The file.
    truncate: Read so many words only; 0 reads all. Files begin with the most frequent words.
    mode: "default", or "floret" for a table of subwords.
    silent: Show no progress.

    Raises MissingFileError (a FileNotFoundError), and DataFormatError (a ValueError) that names file and line: a row of
    another width, a value that is no number, a header that promises other rows than follow.
    """
    path = Path(path)
    if mode not in MODES:
        raise InvalidValueError(f"The mode of vectors is one of {', '.join(MODES)}, found '{mode}'.")
    if truncate < 0:
        raise InvalidValueError(f"truncate is a number of words, or 0 for all of them, found {truncate}.")
    if mode == "floret" and truncate:
        raise InvalidValueError("A floret table cannot be truncated: each word uses rows from all over it.")
    try:
        with open_lines(path) as (file, below):
            first = file.readline().removeprefix(codecs.BOM_UTF8)
            if not first.strip():
                raise DataFormatError(f"{path}:1 is empty. Expected a header, or a word and its values.")
            header = read_header(first, mode, str(path))
            reader = _Reader(path, header, truncate)
            if header.rows is None:
                reader.take([first], 1)
            for number, lines in _blocks(_shown(file, below, path, silent), 1):
                if reader.take(lines, number):
                    break
            return reader.finish()
    except DAMAGED as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise DataFormatError(f"{path} is damaged or not complete: {error}") from error


class _Reader:
    """Rows of vectors as they come in."""

    def __init__(self, path: Path, header: Header, truncate: int) -> None:
        self.path, self.header = path, header
        self.limit = truncate or sys.maxsize
        self.most = min(self.limit, sys.maxsize if header.rows is None else header.rows)
        self.data = np.empty((min(self.most, FIRST_ROWS), header.width), dtype="f")
        self.words: list[str] = []
        self.rows: list[int] = []
        self.filled = 0
        self.line = 1
        self.seen: dict[int, int] = {}

    def take(self, lines: list[bytes], number: int) -> bool:
        """Add a block of lines, the first of which has this number; return whether that is enough."""
        lines = _without_blank_end(lines)
        room = self.limit - len(self.words)
        lines = lines[:room]
        words, values = self._parse(lines, number)
        if self.header.rows is not None and len(self.words) + len(lines) > self.header.rows:
            extra = number + self.header.rows - len(self.words)
            raise self._wrong(extra, f"the header (line 1) says {self.header.rows} rows, and more follow")
        self._append(words, values)
        self.line = number + len(lines) - 1
        return len(self.words) >= self.limit

    def finish(self) -> TextVectors:
        """The table. Raises DataFormatError if rows are missing."""
        found, wanted = len(self.words), self.header.rows
        if wanted is not None and found < min(wanted, self.limit):
            raise DataFormatError(
                f"{self.path}:1: the header says {wanted} rows, and the file ends after {found} (line {self.line}). "
                "Get the whole file, or put the header right."
            )
        self.data.resize((self.filled, self.header.width), refcheck=False)
        words = [] if self.header.floret else self.words
        return TextVectors(self.data, words, np.asarray(self.rows, dtype="int32"), dict(self.header.settings))

    # ---------------------------------------------------------------- a block

    def _parse(self, lines: list[bytes], number: int) -> tuple[list[str], Any]:
        width = self.header.width
        split = [line.rsplit(None, width) for line in lines]
        if any(len(fields) != width + 1 or b" " in fields[0] for fields in split):
            self._check_widths(lines, split, number)
        values = _numbers(b" ".join(b" ".join(fields[1:]) for fields in split), len(lines) * width)
        if values is None:
            raise self._no_number(split, number)
        try:
            words = [fields[0].decode("utf8") for fields in split]
        except UnicodeDecodeError:
            raise self._no_utf8(lines, split, number) from None
        if self.header.floret:
            self._check_places(words, number)
        return words, values.reshape(-1, width)

    def _append(self, words: list[str], values: Any) -> None:
        needed = self.filled + len(values)
        if needed > len(self.data):
            room = max(needed, min(self.most, 2 * len(self.data)))
            self.data.resize((room, self.header.width), refcheck=False)
        self.words.extend(words)
        if self.header.floret:  # rows are found by their place
            self.data[self.filled : needed] = values
            self.filled = needed
            return
        for value in values:
            key = hash(value.tobytes())
            row = self.seen.setdefault(key, self.filled)
            if row != self.filled and not np.array_equal(self.data[row], value):
                row = self.filled  # another vector of the same hash
            if row == self.filled:
                self.data[row] = value
                self.filled += 1
            self.rows.append(row)

    # ---------------------------------------------------------------- what can be wrong

    def _check_widths(self, lines: list[bytes], split: list[list[bytes]], number: int) -> None:
        width = self.header.width
        for i, fields in enumerate(split):
            if len(fields) != width + 1:
                raise self._ragged(lines[i], number + i)
            # Words may hold blanks. A number before the values, written as they are, is a value too many.
            last = fields[0].split()[-1]
            if b" " in fields[0] and _looks_like(last, fields[1:]):
                raise self._ragged(lines[i], number + i)

    def _ragged(self, line: bytes, number: int) -> DataFormatError:
        fields = line.split()
        more = "1 field" if len(fields) == 2 else f"{len(fields) - 1} fields"
        found = f"a word and {more}" if fields else "an empty line"
        source = "its first row (line 1)" if self.header.rows is None else "the header (line 1)"
        hint = "" if len(fields) > 1 else f" {BINARY_HINT}"
        return self._wrong(
            number, f"{source} says a word and {self.header.width} values, found {found}: {shown(line)}.{hint}"
        )

    def _no_number(self, split: list[list[bytes]], number: int) -> DataFormatError:
        for i, fields in enumerate(split):
            for value in fields[1:]:
                problem = _problem(value)
                if problem:
                    word = fields[0].decode("utf8", "replace")
                    return self._wrong(number + i, f"{shown(value)}, a value of '{word}', {problem}")
        return self._wrong(number, "the values of these lines cannot be read")

    def _no_utf8(self, lines: list[bytes], split: list[list[bytes]], number: int) -> DataFormatError:
        for i, fields in enumerate(split):
            try:
                fields[0].decode("utf8")
            except UnicodeDecodeError as error:
                return self._wrong(number + i, f"the word is not UTF-8 ({error.reason}): {shown(lines[i])}")
        raise AssertionError("one of the words is not UTF-8")

    def _check_places(self, words: list[str], number: int) -> None:
        for i, word in enumerate(words):
            if word != str(self.filled + i):
                raise self._wrong(number + i, f"row {self.filled + i} of the floret table belongs here, found '{word}'")

    def _wrong(self, line: int, text: str) -> DataFormatError:
        return DataFormatError(f"{self.path}:{line}: {text.rstrip('.')}.")


def _numbers(text: bytes, count: int) -> Any:
    """As many finite numbers; None if some of the text is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            values = np.fromstring(text.decode("ascii"), dtype="f", sep=" ")
        except (ValueError, DeprecationWarning, RuntimeWarning):
            return None
    return values if len(values) == count and np.isfinite(values).all() else None


def _problem(value: bytes) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "is no number"
    if not abs(number) <= float(np.finfo("f").max):
        return "is no finite 32-bit number"
    return None if _numbers(value, 1) is not None else "is no number"


def _looks_like(text: bytes, values: list[bytes]) -> bool:
    if _problem(text) == "is no number":
        return False
    return _has_point(text) or not any(map(_has_point, values))


def _has_point(value: bytes) -> bool:
    return b"." in value or b"e" in value.lower()


def _without_blank_end(lines: list[bytes]) -> list[bytes]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def _blocks(lines: Iterator[bytes], before: int) -> Iterator[tuple[int, list[bytes]]]:
    number = before + 1
    while block := list(islice(lines, LINES)):
        yield number, block
        number += len(block)


def _shown(file: IO[bytes], below: IO[bytes], path: Path, silent: bool) -> Iterator[bytes]:
    """The lines, with a bar for the share of the file that was read, if that is wanted and seen."""
    if silent or not sys.stderr.isatty():
        yield from file
        return
    from tqdm import tqdm

    with tqdm(total=path.stat().st_size, unit="B", unit_scale=True, desc=f"Reading {path.name}", leave=False) as bar:
        for number, line in enumerate(file):
            if number % LINES == 0:
                bar.update(below.tell() - bar.n)
            yield line
