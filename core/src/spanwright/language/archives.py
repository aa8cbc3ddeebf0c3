"""Pipelines in archives: unpacked into a temporary folder, with no path in them trusted."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from ..errors import DataFormatError

ZIPS = (".whl", ".zip")
TARS = (".tar.gz", ".tgz", ".tar", ".tar.xz", ".tar.bz2")


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
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            with archive.open(info) as source:
                _write(source, target / _safe(info.filename, path))


def _untar(path: Path, target: Path) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isdir():
                continue
            if not member.isfile():
                raise DataFormatError(f"{path} holds a link or device, '{member.name}'; a pipeline has files only.")
            source = archive.extractfile(member)
            assert source is not None
            with source:
                _write(source, target / _safe(member.name, path))


def _safe(name: str, path: Path) -> str:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in name:
        raise DataFormatError(f"{path} holds the path '{name}', which leads out of it. It is not unpacked.")
    return str(parts)


def _write(source: IO[bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(source, file)
