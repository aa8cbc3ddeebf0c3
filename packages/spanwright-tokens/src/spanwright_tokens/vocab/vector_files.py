"""Reading and writing tables of vectors, in spaCy's layout."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy

from ..errors import DataFormatError, InvalidValueError
from ..io import (
    dump_msgpack,
    read_bytes,
    read_json,
    read_json_bytes,
    read_msgpack,
    read_parts,
    recover_folder,
    replace_file,
    replace_folder,
    write_bytes,
    write_json,
    write_json_bytes,
)
from .keyrows import KeyRows
from .vectors import Vectors, on_device, to_numpy

# Tables from this size on are mapped into memory: pages are read when they are used, and processes share them.
_MAPPED_FROM = 1 << 20


def write_folder(vectors: Vectors, path: Path, exclude: Collection[str]) -> None:
    """Write a table into a folder; see `Vectors.to_disk`."""
    with replace_folder(path) as folder:
        if "strings" not in exclude:
            vectors.strings.to_disk(folder / "strings.json")
        if "vectors" not in exclude:
            with replace_file(folder / "vectors") as file:
                numpy.save(file, _little_endian(vectors.data), allow_pickle=False)
        if "key2row" not in exclude:
            write_bytes(folder / "key2row", vectors.key2row.to_message())
        if "vectors.cfg" not in exclude:
            write_json(folder / "vectors.cfg", vectors._settings())


def read_folder(vectors: Vectors, path: Path, exclude: Collection[str]) -> Vectors:
    """Load a folder into a table; see `Vectors.from_disk`. Files that are missing leave their part as it is."""
    path = recover_folder(path)
    data = rows = settings = None
    if "vectors" not in exclude and (path / "vectors").exists():
        data = _read_array(path / "vectors")
    if "key2row" not in exclude and (path / "key2row").exists():
        rows = KeyRows.from_message(read_bytes(path / "key2row"), str(path / "key2row"))
    elif (path / "keys").exists():
        rows = KeyRows()
        keys = _read_array(path / "keys", dimensions=1)
        rows.fill(keys, numpy.arange(len(keys)))
    if "vectors.cfg" not in exclude and (path / "vectors.cfg").exists():
        settings = read_json(path / "vectors.cfg")
    strings = "strings" not in exclude and (path / "strings.json").exists()
    return _adopt(vectors, data, rows, settings, path / "strings.json" if strings else None, str(path))


def to_message(vectors: Vectors, exclude: Collection[str]) -> bytes:
    """A table as one message of named parts."""
    parts: dict[str, bytes | str] = {}
    if "strings" not in exclude:
        parts["strings"] = vectors.strings.to_bytes().decode("utf8")
    if "key2row" not in exclude:
        parts["key2row"] = vectors.key2row.to_message()
    if "vectors" not in exclude:
        parts["vectors"] = dump_msgpack(_little_endian(vectors.data))
    if "vectors.cfg" not in exclude:
        parts["vectors.cfg"] = write_json_bytes(vectors._settings()).decode("utf8")
    return dump_msgpack(parts)


def from_message(vectors: Vectors, message: bytes, exclude: Collection[str]) -> Vectors:
    """Load a message of `to_message` into a table."""
    parts = read_parts(message, where="vectors", names=("vectors", "key2row", "vectors.cfg"))
    data = rows = settings = None
    if "vectors" in parts and "vectors" not in exclude:
        data = _check_array(read_msgpack(parts["vectors"], where="vectors, vectors"), "vectors, vectors", 2)
        data = data.copy()  # it is a read-only view of the message
    if "key2row" in parts and "key2row" not in exclude:
        rows = KeyRows.from_message(parts["key2row"], "vectors, key2row")
    if "vectors.cfg" in parts and "vectors.cfg" not in exclude:
        settings = read_json_bytes(parts["vectors.cfg"], where="vectors, vectors.cfg")
    strings = parts.get("strings") if "strings" not in exclude else None
    return _adopt(vectors, data, rows, settings, strings, "vectors")


def _adopt(vectors: Vectors, data: Any, rows: KeyRows | None, settings: Any, strings: Any, where: str) -> Vectors:
    # Everything is checked before the table is changed.
    if settings is not None and not isinstance(settings, dict):
        raise DataFormatError(f"{where}: the settings of vectors are a JSON object, found {settings!r}.")
    n_rows = (vectors.data if data is None else data).shape[0]
    last = (vectors.key2row if rows is None else rows).arrays()[1].max(initial=-1)
    if last >= n_rows == 0:
        raise DataFormatError(f"{where}: there are keys of vectors (key2row), but no table of vectors beside them.")
    if last >= n_rows:
        raise DataFormatError(f"{where}: a key points to the row {last}, and there are {n_rows} rows of vectors.")
    if isinstance(strings, Path):
        vectors.strings.from_disk(strings)
    elif strings is not None:
        vectors.strings.from_bytes(strings)
    if settings is not None:
        try:
            vectors._set_settings(settings)
        except InvalidValueError as error:
            raise DataFormatError(f"{where}: {error}") from None
    if data is not None:
        vectors.data = on_device(data)
    if rows is not None:
        vectors.key2row = rows
    vectors._forget_taken()
    return vectors


def _read_array(path: Path, dimensions: int = 2) -> Any:
    mapped: Any = "c" if os.name == "posix" and path.stat().st_size >= _MAPPED_FROM else None
    try:
        with path.open("rb") as file:
            data = numpy.load(path if mapped else file, mmap_mode=mapped, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        # NumPy takes whatever lacks its header for a pickle, and advises to load it as one.
        reason = "it holds Python objects or another format" if "pickle" in str(error) else error
        raise DataFormatError(f"{path}: this is no complete NumPy array of numbers: {reason}") from None
    return _check_array(data, str(path), dimensions)


def _check_array(data: Any, where: str, dimensions: int) -> Any:
    if not isinstance(data, numpy.ndarray) or data.ndim != dimensions or data.dtype.kind not in "fiu":
        found = f"an array of {data.dtype} and shape {data.shape}" if hasattr(data, "dtype") else type(data).__name__
        raise DataFormatError(f"{where}: an array of numbers with {dimensions} dimension(s) is needed, found {found}.")
    # A plain array over the mapped file: numpy.memmap itself is slower to index.
    return numpy.ndarray.view(data, numpy.ndarray)


def _little_endian(data: Any) -> Any:
    data = to_numpy(data)
    return data.astype(data.dtype.newbyteorder("<"), copy=False)
