"""`doc.spans`: the span groups of a Doc, by name."""

from __future__ import annotations

import warnings
import weakref
from collections import UserDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import DataFormatError, InvalidValueError, SpanwrightWarning
from ..io import dump_msgpack, read_msgpack
from .span_group import DocGoneError, SpanGroup

if TYPE_CHECKING:
    from .doc import Doc
    from .span import Span


class SpanGroups(UserDict):
    """The span groups of a Doc. Sequences of spans that are put in become groups of that name.

    doc: the Doc, to which only a weak reference is kept.
    items: pairs of key and group.
    """

    _EMPTY_BYTES = b"\x90"  # an empty list

    def __init__(self, doc: Doc, items: Iterable[tuple[str, SpanGroup]] = ()) -> None:
        self.doc_ref = weakref.ref(doc)
        super().__init__(items)

    def __setitem__(self, key: str, value: SpanGroup | Iterable[Span]) -> None:
        doc = self._ensure_doc()
        if not isinstance(value, SpanGroup):
            value = SpanGroup(doc, name=key, spans=value)
        if value.doc is not doc:
            raise InvalidValueError(f"The span group for {key!r} is of another Doc; see `SpanGroup.copy(doc=...)`.")
        super().__setitem__(key, value)

    def setdefault(self, key: str, default: SpanGroup | Iterable[Span] | None = None) -> SpanGroup:
        """The group of that name, which is made from `default` (by default empty) if there is none."""
        if key not in self:
            self[key] = default if default is not None else ()
        group: SpanGroup = self[key]
        return group

    def copy(self, doc: Doc | None = None) -> SpanGroups:
        """A copy, for the same Doc or one of the same text."""
        target = self._ensure_doc() if doc is None else doc
        return SpanGroups(target, items=[(key, group.copy(doc=target)) for key, group in self.items()])

    def to_bytes(self) -> bytes:
        """All groups as bytes."""
        if not self:
            return self._EMPTY_BYTES
        keys: dict[bytes, list[str]] = {}
        for key, group in self.items():
            keys.setdefault(group.to_bytes(), []).append(key)
        return dump_msgpack(keys)

    def from_bytes(self, bytes_data: bytes) -> SpanGroups:
        """Replace all groups by what `to_bytes` wrote. Raises `DataFormatError` (a ValueError) for other bytes."""
        doc = self._ensure_doc()
        message: Any = read_msgpack(bytes_data, where="span groups") if bytes_data else []
        loaded = SpanGroups(doc)
        if isinstance(message, list):
            # As saved before keys were: each group stands under its own name.
            for packed in message:
                group = SpanGroup(doc).from_bytes(packed)
                if group.name in loaded:
                    warnings.warn(
                        f"Several saved span groups are called {group.name!r}; only the last is kept, and this one is "
                        f"dropped: {loaded[group.name]}",
                        SpanwrightWarning,
                        stacklevel=2,
                    )
                loaded[group.name] = group
        elif isinstance(message, dict):
            for packed, group_keys in message.items():
                if not isinstance(group_keys, list) or not all(isinstance(key, str) for key in group_keys):
                    raise DataFormatError(
                        f"These bytes are no span groups: expected the names of a group, found {group_keys!r}."
                    )
                for key in group_keys:
                    loaded[key] = SpanGroup(doc).from_bytes(packed)
        else:
            raise DataFormatError(f"These bytes are no span groups: expected a table, found {type(message).__name__}.")
        self.data = loaded.data
        return self

    def _ensure_doc(self) -> Doc:
        doc = self.doc_ref()
        if doc is None:
            raise DocGoneError("The Doc of these span groups is gone: keep a reference to the Doc.")
        return doc
