"""The lines of a file of vectors: plain, .gz, or the one file in a .zip."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from spanwright.errors import DataFormatError, MissingFileError

GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile)


@contextmanager
def open_lines(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file to read lines from, and the one below it whose position says how far that is.

    What it is packed with is told by its first bytes, not by its name.
    Raises MissingFileError (a FileNotFoundError), DataFormatError (a ValueError) for a .zip of several files.
    """
    if not path.is_file():
        raise MissingFileError(f"There is no file {path}. Expected vectors as text: plain, .gz or .zip.")
    with path.open("rb") as raw:
        start = raw.read(4)
        raw.seek(0)
        if start.startswith(GZIP_MAGIC):
            with gzip.open(raw) as unpacked:
                yield unpacked, raw  # type: ignore[misc]
        elif start == ZIP_MAGIC:
            with zipfile.ZipFile(raw) as archive, archive.open(_only_file(archive, path)) as unpacked:
                yield unpacked, raw
        else:
            yield raw, raw


def _only_file(archive: zipfile.ZipFile, path: Path) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
    if len(names) != 1:
        found = ", ".join(names) or "nothing"
        raise DataFormatError(
            f"{path}: a .zip must hold one file with vectors, found {found}. Unpack the one that is meant."
        )
    return names[0]
