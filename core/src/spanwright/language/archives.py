"""Pipelines in archives: unpacked into a temporary folder, with no path in them trusted."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

from ..errors import DataFormatError

ZIPS = (".whl", ".zip")
TARS = (".tar.gz", ".tgz", ".tar", ".tar.xz", ".tar.bz2")
# Weights hardly shrink: what grows more than this is made to fill a disk.
LARGEST_GROWTH = 200
ALWAYS_ALLOWED = 2**30  # bytes
CHUNK = 2**20


def is_archive(path: Path) -> bool:
    """Whether the file's name is that of an archive."""
    return path.name.endswith((*ZIPS, *TARS))


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A temporary folder with what an archive holds. Raises DataFormatError for one that is damaged or not safe."""
    with TemporaryDirectory(prefix="spanwright-") as folder:
        target = Path(folder)
        try:
            if path.name.endswith(ZIPS):
                _unzip(path, target)
            else:
                _untar(path, target)
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
            if isinstance(error, DataFormatError):
                raise
            raise DataFormatError(f"{path} cannot be unpacked: it is damaged or no archive ({error}).") from error
        yield target


def _unzip(path: Path, target: Path) -> None:
    unpacking = _Unpacking(path, target)
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.filename.endswith("/"):
                continue
            with archive.open(info) as source:
                unpacking.write(source, info.filename)


def _untar(path: Path, target: Path) -> None:
    unpacking = _Unpacking(path, target)
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isdir():
                continue
            if not member.isfile():
                raise DataFormatError(f"{path} holds a link or device, '{member.name}'; a pipeline has files only.")
            source = archive.extractfile(member)
            assert source is not None
            with source:
                unpacking.write(source, member.name)


def _safe(name: str, path: Path) -> str:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or not parts.parts or ":" in name:
        raise DataFormatError(f"{path} holds the path '{name}', which leads out of it. It is not unpacked.")
    return str(parts)


class _Unpacking:
    """Writes files of one archive, and stops when they grow beyond all measure."""

    def __init__(self, path: Path, target: Path) -> None:
        self.path = path
        self.target = target
        self.left = max(ALWAYS_ALLOWED, LARGEST_GROWTH * path.stat().st_size)

    def write(self, source: IO[bytes] | Any, name: str) -> None:
        """Write one file under its name in the archive. Raises DataFormatError."""
        target = self.target / _safe(name, self.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            while chunk := source.read(CHUNK):
                self.left -= len(chunk)
                if self.left < 0:
                    raise DataFormatError(
                        f"{self.path} grows more than {LARGEST_GROWTH}-fold when it is unpacked, which no pipeline "
                        "does. It may be made to fill the disk. If you trust it, unpack it and load the folder."
                    )
                file.write(chunk)
