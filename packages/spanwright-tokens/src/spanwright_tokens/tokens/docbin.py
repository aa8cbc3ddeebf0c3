"""DocBin: many Docs in one file, the format of training data (`.spacy`)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..attrs import IDS
from ..errors import DataFormatError, InvalidValueError, MissingKeyError, UnknownStringError, nearest
from ..io import dump_msgpack, read_bytes, read_msgpack, write_bytes
from ._docbin import DocMaker
from .doc import DOCBIN_ALL_ATTRS, Doc
from .serialize import needed_strings
from .span_groups import SpanGroups

if TYPE_CHECKING:
    from ..vocab.vocab import Vocab

VERSION = "0.1"
MOST_BYTES = 2**32 - 1
# The lists that have an entry for each Doc.
PER_DOC = ("cats", "flags", "span_groups", "spaces", "tokens", "user_data")
ORTH = IDS["ORTH"]
SPACY = IDS["SPACY"]
MEND = (
    "Training data in this format is written by DocBin.to_disk; other formats are turned into it by "
    "`spanwright convert`."
)


class DocBin:
    """Packs the annotations of many Docs into one message, without pickling.

    attrs: token attributes to keep, by name or id; the words and their spaces are always kept.
    store_user_data: whether to keep `Doc.user_data`, with the values of extension attributes; they must fit msgpack.
    docs: Docs to begin with.

    Kept besides: `cats`, span groups, and whether spaces are unknown. The message is zlib-compressed msgpack with
    the keys `version`, `attrs`, `tokens` (uint64, a row a token), `spaces` (bool), `lengths` (int32, tokens of each
    Doc), `strings`, `cats`, `flags`, `span_groups` and, if kept, `user_data`.

    Raises MissingKeyError (a KeyError) for an unknown attribute.
    """

    def __init__(
        self,
        attrs: Iterable[str | int] = DOCBIN_ALL_ATTRS,
        store_user_data: bool = False,
        docs: Iterable[Doc] = (),
    ) -> None:
        self.version = VERSION
        self.attrs = [ORTH, *sorted({_attr_id(attr) for attr in attrs} - {ORTH, SPACY})]
        self.tokens: list[np.ndarray] = []
        self.spaces: list[np.ndarray] = []
        self.cats: list[dict[str, float]] = []
        self.span_groups: list[bytes] = []
        self.user_data: list[bytes | None] = []
        self.flags: list[dict[str, Any]] = []
        self.strings: set[str] = set()
        # User data goes into the message only if asked for: it may hold what is private.
        self.store_user_data = store_user_data
        for doc in docs:
            self.add(doc)

    def __len__(self) -> int:
        """Number of Docs."""
        return len(self.spaces)

    def add(self, doc: Doc) -> None:
        """Add the annotations of a Doc, as they are now."""
        # Whatever can fail comes before the first change.
        user_data = dump_msgpack(doc.user_data) if self.store_user_data else None
        groups = doc.spans.to_bytes()
        self.tokens.append(doc.to_array(self.attrs).reshape((len(doc), len(self.attrs))))
        self.spaces.append(doc.to_array([SPACY]).astype(bool).reshape((len(doc), 1)))
        self.strings.update(needed_strings(doc), {token.text for token in doc})
        self.cats.append(dict(doc.cats))
        self.flags.append({"has_unknown_spaces": bool(doc.has_unknown_spaces)})
        self.span_groups.append(groups)
        if self.store_user_data:
            self.user_data.append(user_data)

    def get_docs(self, vocab: Vocab) -> Iterator[Doc]:
        """The Docs, made one by one.

        vocab: the vocabulary of the Docs. Labels are added to it; words live as long as one of the Docs.

        User data is restored if there is any. Raises DataFormatError (a ValueError) if an annotation does not fit,
        or a string is missing.
        """
        maker = DocMaker(vocab, self.strings, self.attrs)
        for i, tokens in enumerate(self.tokens):
            spaces = None if self.flags[i].get("has_unknown_spaces") else self.spaces[i][:, 0].view("uint8")
            try:
                doc = maker.make(tokens, spaces)
                if self.span_groups[i] and self.span_groups[i] != SpanGroups._EMPTY_BYTES:
                    doc.spans.from_bytes(self.span_groups[i])
                    maker.keep_labels({span.label for group in doc.spans.values() for span in group})
            except UnknownStringError as error:
                raise DataFormatError(f"DocBin: Doc {i} has an annotation without its string. {error}") from None
            except ValueError as error:
                raise DataFormatError(f"DocBin: Doc {i} cannot be made of its annotations. {error}") from error
            doc.cats = dict(self.cats[i])
            data = self.user_data[i] if i < len(self.user_data) else None
            if data is not None:
                doc.user_data.update(_load_user_data(data, i))
            yield doc

    def merge(self, other: DocBin) -> None:
        """Add the Docs of another DocBin.

        Raises InvalidValueError (a ValueError) if the two keep other attributes, or only one keeps user data.
        """
        for name in ("attrs", "store_user_data"):
            mine, others = getattr(self, name), getattr(other, name)
            if mine != others:
                if name == "attrs":
                    mine, others = [NAMES_BY_ID[a] for a in mine], [NAMES_BY_ID[a] for a in others]
                raise InvalidValueError(
                    f"DocBins can only be merged if they have the same '{name}', but this one has {mine} and the other "
                    f"has {others}. Make both with the same {name}."
                )
        self.strings |= other.strings
        for column in PER_DOC:
            getattr(self, column).extend(getattr(other, column))

    def to_bytes(self) -> bytes:
        """The message.

        Raises InvalidValueError (a ValueError) if it would be larger than a message can be, and DataFormatError (a
        ValueError) for values in `cats` that have no place in a message.
        """
        message: dict[str, Any] = {
            "version": self.version,
            "attrs": self.attrs,
            "tokens": b"".join(array.tobytes("C") for array in self.tokens),
            "spaces": b"".join(array.tobytes("C") for array in self.spaces),
            "lengths": np.asarray([len(array) for array in self.tokens], dtype="int32").tobytes("C"),
            "strings": sorted(self.strings),
            "cats": self.cats,
            "flags": self.flags,
            "span_groups": self.span_groups,
        }
        if self.store_user_data:
            message["user_data"] = self.user_data
        size = sum(len(part) for part in (message["tokens"], *self.span_groups))
        if size > MOST_BYTES:
            raise InvalidValueError(
                f"The DocBin is too large: a message can hold 4 GiB, and the annotations of its {len(self)} Docs take "
                f"{size / 2**30:.1f} GiB. Split the Docs into several DocBins: readers take all files of a folder."
            )
        return zlib.compress(dump_msgpack(message))

    def from_bytes(self, bytes_data: bytes, *, where: str = "DocBin") -> DocBin:
        """Replace the contents by what `to_bytes` wrote; returns the DocBin itself.

        bytes_data: the message.
        where: what to call it in an error text.

        Raises DataFormatError (a ValueError) for anything else; the DocBin stays as it was then.
        """
        message = _unpacked(bytes_data, where)
        attrs, lengths, tokens, spaces = _checked(message, where)
        bounds = np.cumsum(lengths)[:-1]
        self.attrs = attrs
        self.strings = set(message["strings"])
        self.tokens = np.split(tokens, bounds) if len(lengths) else []
        self.spaces = np.split(spaces, bounds) if len(lengths) else []
        self.cats = message["cats"]
        n = len(lengths)
        self.span_groups = _given(message, "span_groups", [b""] * n)
        self.flags = _given(message, "flags", [{} for _ in range(n)])
        self.user_data = list(_given(message, "user_data", [None] * n))
        return self

    def to_disk(self, path: str | Path) -> None:
        """Write the message to a file (by custom `.spacy`), whole or not at all."""
        write_bytes(path, self.to_bytes())

    def from_disk(self, path: str | Path) -> DocBin:
        """Replace the contents by those of a file that `to_disk` wrote; returns the DocBin itself.

        Raises DataFormatError (a ValueError), which names the file, if it holds anything else, and MissingFileError
        (a FileNotFoundError) if there is none.
        """
        return self.from_bytes(read_bytes(path), where=str(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.to_bytes(), self.store_user_data)


def _unpickled(data: bytes, store_user_data: bool) -> DocBin:
    return DocBin(store_user_data=store_user_data).from_bytes(data)


def _given(message: dict[str, Any], name: str, default: list[Any]) -> Any:
    found = message.get(name)
    return default if found is None else found


def merge_bins(bins: Iterable[bytes | None]) -> bytes:
    """One message out of several; None is passed over, and without any message the result is empty."""
    loaded = (_unpickled(data, True) for data in bins if data is not None)
    first = next(loaded, None)
    if first is None:
        return b""
    for further in loaded:
        first.merge(further)
    return first.to_bytes()


def _attr_id(attr: str | int) -> int:
    number = IDS.get(attr.upper()) if isinstance(attr, str) else attr
    if number is None or number not in NAMES_BY_ID:
        raise MissingKeyError(
            f"DocBin: there is no token attribute {attr!r}.{nearest(str(attr).upper(), DOCBIN_ALL_ATTRS)} By default "
            f"these are kept: {', '.join(DOCBIN_ALL_ATTRS)}."
        )
    return number


NAMES_BY_ID = {number: name for name, number in IDS.items()}


def _load_user_data(data: bytes, i: int) -> Any:
    user_data = read_msgpack(data, where=f"DocBin: user data of Doc {i}", use_list=False)
    if not isinstance(user_data, dict):
        raise DataFormatError(f"DocBin: the user data of Doc {i} must be a table, found {type(user_data).__name__}.")
    return user_data


def _unpacked(data: bytes, where: str) -> dict[str, Any]:
    try:
        packed = zlib.decompress(data)
    except (zlib.error, TypeError) as error:
        raise DataFormatError(
            f"{where}: expected a DocBin (.spacy), which is a zlib-compressed message, but the data is of another kind "
            f"or cut off ({error}). {MEND}"
        ) from None
    message = read_msgpack(packed, where=f"{where}: expected a DocBin (.spacy)")
    if not isinstance(message, dict):
        raise DataFormatError(
            f"{where}: expected a DocBin (.spacy), whose message is a table, but found {type(message).__name__}. {MEND}"
        )
    return message


def _checked(message: dict[str, Any], where: str) -> tuple[list[int], np.ndarray, np.ndarray, np.ndarray]:
    """Attributes, lengths, tokens and spaces of a message, if all its parts fit together."""

    def refuse(problem: str) -> DataFormatError:
        return DataFormatError(f"{where}: expected a DocBin (.spacy), but {problem}. {MEND}")

    kinds = {"attrs": list, "tokens": bytes, "spaces": bytes, "lengths": bytes, "strings": list, "cats": list}
    for name, kind in kinds.items():
        if not isinstance(message.get(name), kind):
            found = type(message[name]).__name__ if name in message else "nothing"
            raise refuse(f"its part '{name}' must be of type {kind.__name__}, and there is {found}")
    attrs = message["attrs"]
    if ORTH not in attrs or not all(isinstance(attr, int) and attr in NAMES_BY_ID for attr in attrs):
        raise refuse(f"its attributes must be known ids with that of ORTH ({ORTH}) among them, and they are {attrs}")
    if not all(isinstance(string, str) for string in message["strings"]):
        raise refuse("its part 'strings' holds something else than strings")
    if len(message["lengths"]) % 4 or len(message["tokens"]) % (8 * len(attrs)):
        raise refuse("its arrays are cut off")
    lengths = np.frombuffer(message["lengths"], dtype="int32")
    tokens = np.frombuffer(message["tokens"], dtype="uint64").reshape((-1, len(attrs)))
    spaces = np.frombuffer(message["spaces"], dtype=bool).reshape((-1, 1))
    if (lengths < 0).any() or not len(tokens) == len(spaces) == int(lengths.sum()):
        raise refuse(
            f"the lengths of its Docs add up to {int(lengths.sum())} tokens, and there are {len(tokens)} rows of "
            f"annotation and {len(spaces)} spaces"
        )
    kinds_of_items = {"cats": dict, "flags": dict, "span_groups": bytes, "user_data": bytes | None}
    for name, kind_of_item in kinds_of_items.items():
        part = message.get(name)
        if part is not None and not (
            isinstance(part, list)
            and len(part) == len(lengths)
            and all(isinstance(item, kind_of_item) for item in part)
        ):
            raise refuse(f"its part '{name}' does not have one entry of the right type for each of {len(lengths)} Docs")
    return attrs, lengths, tokens, spaces
