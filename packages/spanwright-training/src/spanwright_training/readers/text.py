"""Reading text files, so that a bad byte is reported with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spanwright.errors import DataFormatError, MissingFileError


def read_text(path: str | Path) -> str:
    """The text of a file in UTF-8, with line ends as \\n and without a byte order mark.

    Raises MissingFileError (a FileNotFoundError), and DataFormatError (a ValueError) that names file, line and byte.
    """
    return "\n".join(line for _, line in read_lines(path, last=True))


def read_lines(path: str | Path, *, last: bool = False) -> Iterator[tuple[int, str]]:
    """The lines of a file in UTF-8 with their numbers (from 1), without their ends, read as they are needed.

    last: Give an empty line at the end for a file that ends with a line end, so that joining gives the text back.

    Raises MissingFileError (a FileNotFoundError), and DataFormatError (a ValueError) that names file, line and byte.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"There is no file {path}.")
    ended = True
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            ended = raw.endswith(b"\n")
            yield number, _decode(raw, path, number).rstrip("\r\n")
        if last and ended and file.tell():
            yield number + 1, ""


def _decode(raw: bytes, path: Path, number: int) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf8")
    except UnicodeDecodeError as error:
        raise DataFormatError(
            f"{path}:{number}: byte {error.start + 1} of this line (0x{raw[error.start]:02x}) is not UTF-8. Convert "
            f"the file first, for instance: iconv -f latin1 -t utf8 {path.name} > utf8-{path.name}"
        ) from None
