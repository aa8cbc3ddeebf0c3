"""A Doc as bytes, in the layout of spaCy's."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from ..attrs import IDS
from ..errors import DataFormatError, InvalidValueError, SpanwrightWarning
from ..io import dump_msgpack, read_bytes, read_msgpack, write_bytes
from . import columns

if TYPE_CHECKING:
    from ..vocab.vocab import Vocab
    from .doc import Doc

_SAVED = (
    "LENGTH", "SPACY", "ORTH", "NORM", "TAG", "HEAD", "DEP", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "LEMMA",
    "MORPH", "POS", "SENT_START",
)  # fmt: skip
ARRAY_ATTRS: tuple[int, ...] = tuple(IDS[name] for name in _SAVED)
_TEXTS = tuple(IDS[name] for name in ("NORM", "TAG", "DEP", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "LEMMA", "MORPH"))


def needed_strings(doc: Doc) -> list[str]:
    """The texts of all ids in a Doc's annotations and span groups."""
    ids = set(numpy.unique(doc.to_array(_TEXTS)).tolist())
    if doc._has_spans():
        for group in doc.spans.values():
            ids.update(group._ids())
    texts = (doc._text_or_id(key) for key in sorted(ids))
    return [text for text in texts if isinstance(text, str)]


def to_dict(doc: Doc, exclude: Collection[str]) -> dict[str, Any]:
    """What is saved of a Doc; see `Doc.to_bytes`."""
    message = {
        "text": lambda: doc.text,
        "array_head": lambda: ARRAY_ATTRS,
        "array_body": lambda: doc.to_array(ARRAY_ATTRS),
        "sentiment": lambda: doc.sentiment,
        "tensor": lambda: doc.tensor.get() if hasattr(doc.tensor, "get") else doc.tensor,
        "cats": lambda: doc.cats,
        "spans": lambda: doc.spans.to_bytes(),
        "strings": lambda: needed_strings(doc),
        "has_unknown_spaces": lambda: doc.has_unknown_spaces,
    }
    if "user_data" not in exclude and doc.user_data:
        # Messages have no tuples, so the keys, which are tuples, are packed apart from the values.
        message["user_data_keys"] = lambda: dump_msgpack(tuple(doc.user_data.keys()))
        message["user_data_values"] = lambda: dump_msgpack(tuple(doc.user_data.values()))
    if "user_hooks" not in exclude and (doc.user_hooks or doc.user_token_hooks or doc.user_span_hooks):
        warnings.warn(
            "The user hooks of a Doc are functions and are not saved; set them again after loading.",
            SpanwrightWarning,
            stacklevel=4,
        )
    return {name: value() for name, value in message.items() if name not in exclude}


def to_bytes(doc: Doc, exclude: Collection[str]) -> bytes:
    """A Doc as bytes; see `Doc.to_bytes`."""
    return dump_msgpack(to_dict(doc, exclude))


def from_bytes(doc: Doc, data: bytes, exclude: Collection[str]) -> Doc:
    """Fill an empty Doc; see `Doc.from_bytes`."""
    return from_dict(doc, read_msgpack(data, where="Doc"), exclude)


def to_disk(doc: Doc, path: str | Path, exclude: Collection[str]) -> None:
    """Write a Doc to a file, whole or not at all."""
    write_bytes(path, to_bytes(doc, exclude))


def from_disk(doc: Doc, path: str | Path, exclude: Collection[str]) -> Doc:
    """Fill an empty Doc from a file."""
    return from_bytes(doc, read_bytes(path), exclude)


def from_dict(doc: Doc, message: Any, exclude: Collection[str]) -> Doc:
    """Fill an empty Doc from what `to_dict` gave. All of it is checked before the Doc is changed."""
    if len(doc):
        raise InvalidValueError(f"Only an empty Doc can be loaded into, but this one has {len(doc)} tokens.")
    text, attrs, table = _checked(message)
    user_data = {}
    if "user_data" not in exclude and "user_data_keys" in message:
        keys = read_msgpack(message["user_data_keys"], where="Doc, user_data_keys")
        values = read_msgpack(message.get("user_data_values", b""), where="Doc, user_data_values")
        if not isinstance(keys, list) or not isinstance(values, list) or len(keys) != len(values):
            raise DataFormatError("Doc: 'user_data_keys' and 'user_data_values' must be lists of one length.")
        try:
            user_data = dict(zip(map(_as_tuple, keys), values, strict=True))
        except TypeError as error:
            raise DataFormatError(f"Doc: 'user_data_keys' must hold what can be a key. {error}") from None
    words, spaces = _words(text, table)
    loaded = type(doc)(doc.vocab, words=words, spaces=spaces, arena=doc.arena)
    if "strings" not in exclude:
        for string in message.get("strings", ()):
            if not isinstance(string, str):
                raise DataFormatError(f"Doc: 'strings' must hold strings, found {string!r}.")
            loaded._text_id(string)
    try:
        loaded.from_array(attrs[2:], table[:, 2:])
        columns.intern_labels(loaded)
    except KeyError as error:
        raise DataFormatError(f"Doc: the message lacks strings that it needs. {error}") from None
    except InvalidValueError as error:
        raise DataFormatError(f"Doc: the message has annotations that cannot be. {error}") from None
    if "spans" in message and "spans" not in exclude:
        loaded.spans.from_bytes(message["spans"])
    doc._take(loaded)
    doc.user_data.update(user_data)
    for name in ("sentiment", "tensor", "cats", "has_unknown_spaces"):
        if name not in exclude and name in message:
            setattr(doc, name, message[name])
    return doc


def _checked(message: Any) -> tuple[str, list[int], Any]:
    """The text, the attributes and their values, if a message is that of a Doc."""
    if not isinstance(message, dict):
        raise DataFormatError(f"Doc: expected a message that is a table, found {type(message).__name__}.")
    needed: dict[str, Any] = {"text": str, "array_head": (list, tuple), "array_body": numpy.ndarray}
    for name, kinds in needed.items():
        if not isinstance(message.get(name), kinds):
            raise DataFormatError(
                f"Doc: the message's {name!r} is missing or of another kind: found {type(message.get(name)).__name__}."
            )
    others: dict[str, Any] = {
        "sentiment": (int, float),
        "cats": dict,
        "has_unknown_spaces": (bool, int),
        "strings": (list, tuple, set, frozenset),
        "spans": bytes,
    }
    for name, kinds in others.items():
        if name in message and not isinstance(message[name], kinds):
            raise DataFormatError(f"Doc: the message's {name!r} is of another kind: found {message[name]!r}.")
    if not hasattr(message.get("tensor", message["array_body"]), "shape"):
        raise DataFormatError(f"Doc: the message's 'tensor' is no array: found {message['tensor']!r}.")
    attrs, table = list(message["array_head"]), message["array_body"]
    if not all(isinstance(attr, int) and 0 <= attr < 2**31 for attr in attrs):
        raise DataFormatError(f"Doc: 'array_head' must hold the ids of attributes, found {attrs}.")
    if attrs[:2] != list(ARRAY_ATTRS[:2]):
        raise DataFormatError(f"Doc: 'array_head' must begin with the ids of LENGTH and SPACY, found {attrs[:2]}.")
    if table.ndim != 2 or table.shape[1] != len(attrs) or table.dtype.kind not in "iu":
        raise DataFormatError(
            f"Doc: 'array_body' must be integers of the shape (n_tokens, {len(attrs)}), found {table.dtype} of the "
            f"shape {table.shape}."
        )
    return message["text"], attrs, table


def _words(text: str, table: Any) -> tuple[list[str], list[bool]]:
    words, spaces = [], []
    at = 0
    for length, space in table[:, :2].tolist():
        words.append(text[at : at + length])
        spaces.append(bool(space))
        at += length + bool(space)
        if len(words[-1]) != length or not length:
            raise DataFormatError(f"Doc: the lengths of the tokens do not fit the text of {len(text)} characters.")
    if at != len(text):
        raise DataFormatError(f"Doc: the tokens make {at} characters, but the text has {len(text)}.")
    return words, spaces


def _as_tuple(key: Any) -> Any:
    return tuple(map(_as_tuple, key)) if isinstance(key, (list, tuple)) else key


# Pickling the object, for other processes and copies


def reduce_doc(doc: Doc) -> tuple[Any, ...]:
    """What `pickle` makes of a Doc: bytes for the tokens; user data and hooks go through pickle themselves."""
    from srsly import pickle_dumps

    hooks = (doc.user_data, doc.user_hooks, doc.user_token_hooks, doc.user_span_hooks)
    packed = pickle_dumps(hooks) if any(hooks) else None
    data = to_bytes(doc, ("user_data", "user_hooks"))
    return unpickle_doc, (doc.vocab, type(doc), data, packed)


def unpickle_doc(vocab: Vocab, cls: type[Doc], data: bytes, packed: bytes | None) -> Doc:
    """The Doc that `reduce_doc` took apart."""
    doc = from_bytes(cls(vocab), data, ())
    if packed is not None:
        from srsly import pickle_loads

        doc.user_data, doc.user_hooks, doc.user_token_hooks, doc.user_span_hooks = pickle_loads(packed)
    return doc
