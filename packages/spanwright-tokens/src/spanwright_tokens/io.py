"""Files and folders: written whole or not at all, and read without ever running what is in them."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ._folders import inside_replacement, recover_folder, replace_folder
from ._folders_in_place import sync_folder
from .errors import DataFormatError, MissingFileError

__all__ = [
    "add_message_kind",
    "announce_message_kind",
    "dump_msgpack",
    "read_bytes",
    "read_json",
    "read_json_bytes",
    "read_msgpack",
    "read_parts",
    "recover_folder",
    "replace_file",
    "replace_folder",
    "write_bytes",
    "write_json",
    "write_json_bytes",
    "write_text",
]


def read_bytes(path: str | Path) -> bytes:
    """The bytes of a file. Raises MissingFileError (a FileNotFoundError)."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"There is no file {path}.") from None


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all: a full disk or a kill leaves the earlier file as it was.

    Inside `replace_folder` the file is written directly, since the folder as a whole is safe.
    """
    target = Path(path)
    if inside_replacement(target):
        target.write_bytes(data)
        return
    with replace_file(target) as file:
        file.write(data)


@contextlib.contextmanager
def replace_file(path: str | Path) -> Iterator[BinaryIO]:
    """Write a file in pieces, whole or not at all: `with replace_file(path) as file: file.write(...)`."""
    target = Path(path)
    if inside_replacement(target):
        with target.open("wb") as file:
            yield file
        return
    target = target.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}.spanwright-new")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf8"))


def read_json(path: str | Path) -> Any:
    """What a JSON file holds. Raises DataFormatError, MissingFileError."""
    return read_json_bytes(read_bytes(path), where=str(path))


def read_json_bytes(data: bytes, *, where: str = "data") -> Any:
    """What JSON bytes hold. Raises DataFormatError, whose text begins with `where`."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataFormatError(f"{where}: this is no complete JSON: {error}") from None


def write_json(path: str | Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all."""
    write_bytes(path, write_json_bytes(value))


def write_json_bytes(value: Any) -> bytes:
    """A value as JSON, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf8")


# Classes whose objects may be part of messages: marker -> class, to plain values, from plain values.
_KINDS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {}
_ANNOUNCED: dict[str, Callable[[Any], Any]] = {}


def add_message_kind(marker: str, kind: type, to_plain: Callable[[Any], Any], from_plain: Callable[[Any], Any]) -> None:
    """Let objects of a class be part of messages: those that a plugin keeps in `Doc.user_data`, for instance.

    marker: The only key of the dict that stands for such an object; it begins with "__".
    kind: The class; its subclasses are written as it.
    to_plain, from_plain: From an object to numbers, texts, bytes, lists, dicts and arrays of them, and back.
    """
    _KINDS[marker] = (kind, to_plain, from_plain)


def announce_message_kind(marker: str, from_plain: Callable[[Any], Any]) -> None:
    """Let objects be read whose class nobody has imported yet. A plugin's hooks are the place: they are asked for when
    a marker is met that is not known.

    marker, from_plain: As for `add_message_kind`; `from_plain` imports the class.
    """
    _ANNOUNCED[marker] = from_plain


def _reader_of(marker: Any) -> Callable[[Any], Any] | None:
    if marker in _KINDS:
        return _KINDS[marker][2]
    if not isinstance(marker, str) or not marker.startswith("__"):
        return None
    if marker not in _ANNOUNCED:
        from .tokens.underscore import ask_once

        ask_once()
    return _ANNOUNCED.get(marker)


def dump_msgpack(value: Any) -> bytes:
    """A value as a message (msgpack); NumPy arrays of numbers may be part of it, and what `add_message_kind` added.

    Raises DataFormatError for arrays of objects and for whatever else could not be read back safely.
    """
    from srsly.msgpack._packer import Packer

    try:
        return bytes(Packer(use_bin_type=True, default=_encode).pack(value))
    except (ValueError, TypeError, OverflowError) as error:
        raise DataFormatError(f"This value cannot be written as a message: {error}") from None


def _encode(value: Any) -> Any:
    # Arrays and NumPy's numbers in the layout of msgpack-numpy, which srsly reads and writes.
    import numpy

    if hasattr(value, "get") and hasattr(value, "dtype"):
        value = value.get()  # CuPy
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        if value.dtype.hasobject or value.dtype.kind == "V":
            raise TypeError(f"an array of {value.dtype}, where numbers are needed")
        array = numpy.ascontiguousarray(value)
        if isinstance(value, numpy.ndarray):
            return {
                b"nd": True,
                b"type": array.dtype.str,
                b"kind": b"",
                b"shape": value.shape,
                b"data": array.tobytes(),
            }
        return {b"nd": False, b"type": array.dtype.str, b"data": array.tobytes()}
    for marker, (kind, to_plain, _) in _KINDS.items():
        if isinstance(value, kind):
            return {marker: to_plain(value)}
    raise TypeError(f"{type(value).__name__} is neither a number, a text, bytes, a list, a dict nor an array of them")


def read_msgpack(data: bytes, *, where: str = "data", use_list: bool = True) -> Any:
    """What a message (msgpack) holds: numbers, texts, bytes, lists, dicts and NumPy arrays of numbers, nothing else.

    where: what is read (a file, the part of a message); the error begins with it.
    use_list: give lists for the sequences in it; otherwise tuples, which can be keys of a dict.

    Raises DataFormatError if the message is truncated, of another format, or holds an array of objects.
    """
    # srsly's own `loads` looks for decoders of other packages at each call, which costs more than small messages do.
    from srsly.msgpack._msgpack_numpy import decode_numpy
    from srsly.msgpack._unpacker import unpackb

    def decode(found: Any) -> Any:
        if len(found) == 1:
            ((marker, plain),) = found.items()
            reader = _reader_of(marker)
            if reader is not None:
                return reader(plain)
        return decode_numpy(found)

    # Collecting garbage while millions of small objects are made only costs time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return unpackb(data, raw=False, use_list=use_list, object_hook=decode)
    except Exception as error:
        text = str(error) or type(error).__name__
        raise DataFormatError(f"{where}: this is no complete message of numbers, texts and arrays: {text}") from None
    finally:
        if collecting:
            gc.enable()


def read_parts(data: bytes, *, where: str, names: Collection[str]) -> dict[str, bytes]:
    """The named parts of an object that was saved as one message; texts are given as their UTF-8 bytes.

    where: what is read; the error begins with it. names: the parts there may be, for the error.

    Raises DataFormatError for a message that is no dict of bytes and texts.
    """
    loaded = read_msgpack(data, where=where)
    if not isinstance(loaded, dict) or not all(isinstance(part, (bytes, str)) for part in loaded.values()):
        raise DataFormatError(f"{where}: a message with the parts {', '.join(map(repr, names))} is needed.")
    return {name: part.encode("utf8") if isinstance(part, str) else part for name, part in loaded.items()}
