"""How components without a model are saved: a few named parts, as a folder or as bytes, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from spanwright.errors import MissingFileError
from spanwright_tokens.io import dump_msgpack, read_bytes, read_parts, replace_folder, write_bytes


def save_parts(path: str | Path, parts: Mapping[str, bytes], exclude: Iterable[str], vocab: Any = None) -> None:
    """Write the parts that are not excluded as files of a folder; the vocabulary is the part "vocab"."""
    exclude = tuple(exclude)
    with replace_folder(path) as folder:
        if vocab is not None and "vocab" not in exclude:
            vocab.to_disk(folder / "vocab", exclude=exclude)
        for name, data in parts.items():
            if name not in exclude:
                (folder / name).parent.mkdir(exist_ok=True)
                write_bytes(folder / name, data)


def load_parts(
    path: str | Path, names: Iterable[str], exclude: Iterable[str], *, component: str, vocab: Any = None
) -> dict[str, bytes]:
    """The parts of a folder that are not excluded; loads the vocabulary once all are read.

    Raises MissingFileError (a FileNotFoundError) that names the file and the component.
    """
    exclude = tuple(exclude)
    found = {}
    for name in names:
        if name in exclude:
            continue
        file = Path(path) / name
        if not file.is_file():
            raise MissingFileError(f"{file}: this file of component '{component}' is missing.")
        found[name] = read_bytes(file)
    if vocab is not None and "vocab" not in exclude:
        vocab.from_disk(Path(path) / "vocab", exclude=exclude)
    return found


def pack_parts(parts: Mapping[str, Any], exclude: Iterable[str], vocab: Any = None) -> bytes:
    """The parts that are not excluded as one message."""
    exclude = tuple(exclude)
    message: dict[str, Any] = {}
    if vocab is not None and "vocab" not in exclude:
        message["vocab"] = vocab.to_bytes(exclude=exclude)
    message.update((name, data) for name, data in parts.items() if name not in exclude)
    return dump_msgpack(message)


def unpack_parts(
    data: bytes,
    names: Iterable[str],
    exclude: Iterable[str],
    *,
    component: str,
    apply: Callable[[dict[str, bytes]], None],
    vocab: Any = None,
) -> None:
    """Give the parts of a message that are not excluded to `apply`, then load the vocabulary.

    Raises DataFormatError (a ValueError) for another message.
    """
    exclude = tuple(exclude)
    parts = read_parts(data, where=f"component '{component}'", names=[*names, "vocab"])
    apply({name: parts[name] for name in names if name in parts and name not in exclude})
    if vocab is not None and "vocab" in parts and "vocab" not in exclude:
        vocab.from_bytes(parts["vocab"], exclude=exclude)
