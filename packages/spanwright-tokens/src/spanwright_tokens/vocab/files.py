"""Reading and writing the parts of a vocabulary: all of them, or none."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingFileError
from ..io import dump_msgpack, read_json, read_json_bytes, read_parts, recover_folder, replace_folder
from .lookups import Lookups
from .strings import check_strings

if TYPE_CHECKING:
    from .vocab import Vocab


def read_vocab(vocab: Vocab, path: Path, exclude: Collection[str]) -> Vocab:
    """Load a vocabulary's folder into a vocabulary; see `Vocab.from_disk`."""
    path = recover_folder(path)
    if not path.is_dir():
        raise MissingFileError(f"There is no folder {path} to load a vocabulary from.")
    strings = lookups = vectors = None
    if "strings" not in exclude:
        strings = read_json(path / "strings.json")
        check_strings(strings, str(path / "strings.json"))
    if "lookups" not in exclude and (path / "lookups.bin").exists():
        lookups = Lookups().from_disk(path)
    # Keys without their table are refused below: no vectors at all may be meant, half of them not.
    if "vectors" not in exclude and ((path / "vectors").exists() or (path / "key2row").exists()):
        vectors = _blank_vectors(vocab).from_disk(path, exclude=["strings"])
    _adopt(vocab, strings, lookups, vectors)
    return vocab


def write_vocab(vocab: Vocab, path: Path, exclude: Collection[str]) -> None:
    """Write a vocabulary's folder, whole or not at all; see `Vocab.to_disk`."""
    with replace_folder(path) as folder:
        if "strings" not in exclude:
            vocab.strings.to_disk(folder / "strings.json")
        if "vectors" not in exclude:
            vocab.vectors.to_disk(folder, exclude=["strings"])
        if "lookups" not in exclude:
            vocab.lookups.to_disk(folder)


def vocab_to_bytes(vocab: Vocab, exclude: Collection[str]) -> bytes:
    """A vocabulary as one message of named parts."""
    parts: dict[str, bytes | str] = {}
    if "strings" not in exclude:
        parts["strings"] = vocab.strings.to_bytes().decode("utf8")
    if "vectors" not in exclude:
        parts["vectors"] = vocab.vectors.to_bytes(exclude=["strings"])
    if "lookups" not in exclude:
        parts["lookups"] = vocab.lookups.to_bytes()
    return dump_msgpack(parts)


def vocab_from_bytes(vocab: Vocab, data: bytes, exclude: Collection[str]) -> Vocab:
    """Load a message of `vocab_to_bytes` into a vocabulary."""
    parts = read_parts(data, where="vocabulary", names=("strings", "vectors", "lookups"))
    strings = lookups = vectors = None
    if "strings" in parts and "strings" not in exclude:
        strings = read_json_bytes(parts["strings"], where="vocabulary, strings")
        check_strings(strings, "vocabulary, strings")
    if "lookups" in parts and "lookups" not in exclude:
        lookups = Lookups().from_bytes(parts["lookups"])
    if parts.get("vectors") and "vectors" not in exclude:
        vectors = _blank_vectors(vocab).from_bytes(parts["vectors"], exclude=["strings"])
    _adopt(vocab, strings, lookups, vectors)
    return vocab


def packed_vectors(vectors: Any) -> Any:
    """What pickling a vocabulary keeps of its vectors: of the built-in ones everything but the strings.

    The array stays one, so that a pickler can leave it where several processes share it.
    """
    from .vectors import Vectors, to_numpy

    if type(vectors) is Vectors:
        return vectors.name, vectors._settings(), to_numpy(vectors.data), vectors.key2row
    return vectors


def unpacked_vectors(packed: Any, strings: Any) -> Any:
    """The vectors that `packed_vectors` packed, with these strings."""
    from .vectors import Vectors, on_device

    if type(packed) is not tuple:
        return packed
    name, settings, data, rows = packed
    vectors = Vectors(strings=strings, name=name)
    vectors._set_settings(settings)
    vectors.data = on_device(data)
    vectors.key2row = rows
    vectors._forget_taken()
    return vectors


def _blank_vectors(vocab: Vocab) -> Any:
    # An object of the vocabulary's own class of vectors, which may be a plugin's.
    from .vectors import Vectors

    own = vocab.vectors
    if type(own) is Vectors:
        return Vectors(strings=vocab.strings, name=own.name)
    return own


def _adopt(vocab: Vocab, strings: list[str] | None, lookups: Lookups | None, vectors: Any) -> None:
    if strings is not None:
        vocab.strings._add_all(strings)
    if lookups is not None:
        vocab.lookups = lookups
    if vectors is not None:
        vocab.vectors = vectors
    vocab._refresh()
