"""Vectors of the sentences around entities, for a batch of Docs at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy
from thinc.api import to_numpy

from spanwright.listener import Listener

from ..layers.per_entity import encode_sentences

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Doc

MOST_TOKENS = 20_000  # that the network sees at once


@dataclass(frozen=True)
class Context:
    """Where an entity is read: a window of sentences, and the sentence in it whose tokens are averaged.

    doc: Place of the Doc in its batch. start, end: The window. first, last: The sentence, in the same Doc.
    """

    doc: int
    start: int
    end: int
    first: int
    last: int


def encode_contexts(
    model: Model, docs: Sequence[Doc], contexts: Sequence[Context], *, whole: bool = False
) -> dict[Context, numpy.ndarray]:
    """The vector of each context. Windows are encoded each by itself, as texts of their own.

    whole: Whether the network gives one row for a Doc, as those of early pipelines do, and not one for each entity.
    """
    found: dict[Context, numpy.ndarray] = {}
    cutter = _Cutter(docs)
    for group in _groups(list(dict.fromkeys(contexts))):
        parts = [cutter.cut(context) for context in group]
        _share_vectors(model, docs, parts, group)
        rows = to_numpy(_encode_whole(model, parts) if whole else _encode_sentences(model, parts, group))
        found.update(zip(group, rows, strict=True))
    return found


def _encode_whole(model: Model, parts: Sequence[Doc]) -> Any:
    return model.predict(list(parts))


def _encode_sentences(model: Model, parts: Sequence[Doc], group: Sequence[Context]) -> Any:
    bounds = [(context.first - context.start, context.last - context.start) for context in group]
    rows = encode_sentences(model, parts, bounds)
    if rows is None:
        counts = [len(part.ents) for part in parts]
        rows = model.predict(list(parts))[numpy.cumsum(counts) - counts]
    return rows


def _groups(contexts: Sequence[Context]) -> Iterator[list[Context]]:
    group: list[Context] = []
    size = 0
    for context in contexts:
        length = context.end - context.start
        if group and size + length > MOST_TOKENS:
            yield group
            group, size = [], 0
        group.append(context)
        size += length
    if group:
        yield group


class _Cutter:
    """Makes Docs of windows. Reads the annotation of a Doc once for all of its windows."""

    def __init__(self, docs: Sequence[Doc]) -> None:
        self.docs = docs
        self._tables: dict[int, Any] = {}

    def cut(self, context: Context) -> Doc:
        doc = self.docs[context.doc]
        if (context.start, context.end) == (0, len(doc)):
            return doc
        attributes = list(doc._get_array_attrs())
        if context.doc not in self._tables:
            self._tables[context.doc] = doc.to_array(attributes)
        span = doc[context.start : context.end]
        return span.as_doc(array_head=attributes, array=self._tables[context.doc])


def _share_vectors(model: Model, docs: Sequence[Doc], parts: Sequence[Doc], group: Sequence[Context]) -> None:
    """Let listeners read the vectors of the whole Docs, as in training, where the upstream's outputs can be cut."""
    cuts = [(context, part) for context, part in zip(group, parts, strict=True) if part is not docs[context.doc]]
    if not cuts:
        return
    connected = [node.connected() for node in model.walk() if isinstance(node, Listener)]
    broadcasts = {id(broadcast): broadcast for broadcast in connected}
    sources = [docs[context.doc] for context, _ in cuts]
    for broadcast in broadcasts.values():
        outputs = broadcast.collect(sources)
        if all(getattr(output, "shape", (None,))[0] == len(doc) for output, doc in zip(outputs, sources, strict=True)):
            cut = [output[context.start : context.end] for output, (context, _) in zip(outputs, cuts, strict=True)]
            broadcast.publish([part for _, part in cuts], cut)
