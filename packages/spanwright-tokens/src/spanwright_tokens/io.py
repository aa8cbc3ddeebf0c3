"""Files: written whole or not at all, and read without ever running what is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import DataFormatError, MissingFileError


def read_bytes(path: str | Path) -> bytes:
    """The bytes of a file. Raises MissingFileError (a FileNotFoundError)."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"There is no file {path}.") from None


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    Path(path).write_bytes(data)


def read_json(path: str | Path) -> Any:
    """What a JSON file holds. Raises DataFormatError, MissingFileError."""
    return read_json_bytes(read_bytes(path), where=str(path))


def read_json_bytes(data: bytes, *, where: str = "data") -> Any:
    """What JSON bytes hold. Raises DataFormatError, whose text begins with `where`."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataFormatError(f"{where}: this is no JSON: {error}") from None


def write_json(path: str | Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all."""
    write_bytes(path, write_json_bytes(value))


def write_json_bytes(value: Any) -> bytes:
    """A value as JSON, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf8", "surrogatepass")


def dump_msgpack(value: Any) -> bytes:
    """A value as a message (msgpack); NumPy arrays of numbers may be part of it."""
    from srsly import msgpack_dumps

    return bytes(msgpack_dumps(value))


def read_msgpack(data: bytes, *, where: str = "data") -> Any:
    """What a message holds. Raises DataFormatError, whose text begins with `where`."""
    from srsly import msgpack_loads

    try:
        return msgpack_loads(data)
    except Exception as error:
        raise DataFormatError(f"{where}: this is no complete message: {error}") from None
