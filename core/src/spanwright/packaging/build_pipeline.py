"""Builds the wheel or the sdist of a pipeline's project folder. A build backend (PEP 517) that needs nothing installed.

It is copied into every project, so that pip builds an sdist without a network. The folder holds:

    PKG-INFO            the metadata        entry_points.txt    where `load` finds the pipeline
    NAME/               the package         README.md, LICENSE, meta.json, pyproject.toml, build_pipeline.py
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import IO, Any

GENERATOR = "spanwright package"
DATE = (1980, 1, 1, 0, 0, 0)  # the same input gives the same file
CHUNK = 1 << 20
OUTSIDE = {"dist", "build", "__pycache__"}


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Nothing."""
    return []


def get_requires_for_build_sdist(config_settings: Any = None) -> list[str]:
    """Nothing."""
    return []


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Write the wheel of the current folder's project into another; return its file name."""
    return write_wheel(Path.cwd(), Path(wheel_directory))


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """Write the sdist of the current folder's project into another; return its file name."""
    return write_sdist(Path.cwd(), Path(sdist_directory))


def write_wheel(root: Path, target: Path) -> str:
    """Write the wheel of a project folder into another; return its file name."""
    stem = _stem(root)
    info = f"{stem}.dist-info"
    name = f"{stem}-py3-none-any.whl"
    records = []
    with zipfile.ZipFile(target / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path in _files(root / _package(root)):
            records.append(_add(wheel, path.relative_to(root).as_posix(), path))
        tag = f"Wheel-Version: 1.0\nGenerator: {GENERATOR}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        records.append(_add(wheel, f"{info}/METADATA", root / "PKG-INFO"))
        records.append(_add(wheel, f"{info}/WHEEL", io.BytesIO(tag.encode())))
        records.append(_add(wheel, f"{info}/entry_points.txt", root / "entry_points.txt"))
        for path in sorted(root.glob("LICENSE*")):
            records.append(_add(wheel, f"{info}/{path.name}", path))
        record = "".join(f"{row}\n" for row in [*records, f"{info}/RECORD,,"])
        _add(wheel, f"{info}/RECORD", io.BytesIO(record.encode()))
    return name


def write_sdist(root: Path, target: Path) -> str:
    """Write the sdist of a project folder into another; return its file name."""
    stem = _stem(root)
    name = f"{stem}.tar.gz"
    with tarfile.open(target / name, "w:gz", format=tarfile.PAX_FORMAT) as sdist:
        for path in _files(root):
            if path.relative_to(root).parts[0] not in OUTSIDE:
                sdist.add(path, f"{stem}/{path.relative_to(root).as_posix()}", filter=_plain)
    return name


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    member.mtime = 315532800
    return member


def _stem(root: Path) -> str:
    metadata = HeaderParser().parsestr((root / "PKG-INFO").read_text(encoding="utf8"))
    return f"{re.sub('[-_.]+', '_', metadata['Name']).lower()}-{metadata['Version']}"


def _package(root: Path) -> str:
    # entry_points.txt is written by us: a group, and "name = package".
    return (root / "entry_points.txt").read_text(encoding="utf8").split("=")[-1].strip()


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path for path in found if path.suffix != ".pyc" and not path.name.startswith("."))


def _add(wheel: zipfile.ZipFile, name: str, source: Path | IO[bytes]) -> str:
    """Stream a file into the wheel; return its line of RECORD."""
    entry = zipfile.ZipInfo(name, DATE)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with (
        source.open("rb") if isinstance(source, Path) else source as file,
        wheel.open(entry, "w", force_zip64=True) as target,
    ):
        while chunk := file.read(CHUNK):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    code = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    return f"{_quoted(name)},sha256={code},{size}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name
