"""Docs made of other Docs: copies, concatenations, and spans that become Docs."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from ..attrs import IDS, intify_attr
from ..errors import InvalidValueError, SpanwrightWarning
from ..symbols import IDS as SYMBOLS
from . import columns
from .serialize import ARRAY_ATTRS
from .similarity import array_module

if TYPE_CHECKING:
    from .doc import Doc
    from .span import Span

_HEAD, _DEP, _IOB, _SPACY = (IDS[name] for name in ("HEAD", "DEP", "ENT_IOB", "SPACY"))
INSIDE = 1  # ENT_IOB of a token that goes on with the entity before it


def copy_rest(source: Doc, target: Doc) -> None:
    """Copy all but the tokens."""
    for name in ("_vector", "_vector_norm", "tensor", "cats", "user_data"):
        setattr(target, name, copy.deepcopy(getattr(source, name)))
    target.sentiment = source.sentiment
    target.has_unknown_spaces = source.has_unknown_spaces
    target.noun_chunks_iterator = source.noun_chunks_iterator
    target.user_hooks = dict(source.user_hooks)
    target.user_token_hooks = dict(source.user_token_hooks)
    target.user_span_hooks = dict(source.user_span_hooks)
    if source._has_spans():
        target.spans = source.spans.copy(doc=target)


def shifted_user_data(user_data: dict[Any, Any], offset: int) -> dict[Any, Any]:
    """The custom attributes of tokens and spans for a text that begins `offset` characters later."""
    moved = {}
    for key, value in user_data.items():
        if is_custom(key) and key[2] is not None:
            _, name, start, end = key
            moved["._.", name, start + offset, None if end is None else end + offset] = copy.copy(value)
    return moved


def is_custom(key: Any) -> bool:
    """Whether a key of `user_data` is that of a custom attribute."""
    return isinstance(key, tuple) and len(key) == 4 and key[0] == "._."


# Several Docs


def from_docs(docs: Sequence[Doc], ensure_whitespace: bool, attrs: Any, exclude: Collection[str]) -> Doc | None:
    """One Doc out of several; see `Doc.from_docs`."""
    docs = list(docs)
    if not docs:
        return None
    vocab = docs[0].vocab
    for i, doc in enumerate(docs):
        if doc.vocab is not vocab:
            raise InvalidValueError(f"Docs can only be joined if they share a vocabulary, but Doc {i} has another one.")
    ids = list(ARRAY_ATTRS) if attrs is None else [key for key in dict.fromkeys(map(intify_attr, attrs)) if key]
    if _SPACY not in ids:
        ids.append(_SPACY)
    words: list[str] = []
    arrays = []
    for i, doc in enumerate(docs):
        words.extend(token.text for token in doc)
        array = doc.to_array(ids).reshape((len(doc), len(ids)))
        if ensure_whitespace and i < len(docs) - 1 and len(doc) and not doc[-1].is_space:
            array[-1, ids.index(_SPACY)] = 1
        arrays.append(array)
    table = numpy.concatenate(arrays)
    joined = type(docs[0])(vocab, words=words, spaces=table[:, ids.index(_SPACY)].astype(bool).tolist())
    joined.from_array(ids, table)
    offsets = _offsets(docs, arrays, ids.index(_SPACY))
    if "user_data" not in exclude:
        for doc, offset in zip(docs, offsets, strict=True):
            _warn_left_out(doc)
            joined.user_data.update(shifted_user_data(doc.user_data, offset))
    if "spans" not in exclude:
        _join_spans(docs, joined)
    if "tensor" not in exclude:
        _join_tensors(docs, joined)
    return joined


def _offsets(docs: list[Doc], arrays: list[Any], spacy: int) -> list[int]:
    """Where each Doc's text begins in the joined text."""
    offsets = [0]
    for doc, array in zip(docs, arrays, strict=True):
        length = doc[-1].idx + len(doc[-1]) + int(array[-1, spacy]) if len(doc) else 0
        offsets.append(offsets[-1] + length)
    return offsets[:-1]


def _warn_left_out(doc: Doc) -> None:
    for key, value in doc.user_data.items():
        if not is_custom(key):
            what = f"the user data {key!r}: {value!r}"
        elif key[2] is None:
            what = f"the custom attribute {key[1]!r} of a Doc"
        else:
            continue
        warnings.warn(f"Joining Docs leaves out {what}.", SpanwrightWarning, stacklevel=4)


def _join_spans(docs: Iterable[Doc], joined: Doc) -> None:
    from .span import Span

    offset = 0
    for doc in docs:
        for key, group in doc.spans.items() if doc._has_spans() else ():
            target = joined.spans.setdefault(key)
            for span in group:
                target.append(
                    Span(
                        joined,
                        span.start + offset,
                        span.end + offset,
                        label=span.label_,
                        kb_id=doc._text_or_id(span.kb_id),
                        span_id=doc._text_or_id(span.id),
                    )
                )
        offset += len(doc)


def _join_tensors(docs: Iterable[Doc], joined: Doc) -> None:
    tensors = [doc.tensor for doc in docs if len(doc)]
    if not tensors:
        return
    widths = {tensor.shape[1:] for tensor in tensors}
    if len(widths) > 1:
        raise InvalidValueError(
            f"The tensors of the Docs cannot be joined: their rows have the shapes {sorted(widths)}. Pass "
            "`exclude=['tensor']` to leave them out."
        )
    if tensors[0].size:
        joined.tensor = array_module(tensors[0]).vstack(tensors)


# A span as a Doc


def span_as_doc(span: Span, copy_user_data: bool, array_head: Any, array: Any) -> Doc:
    """A Doc of the tokens of a span; see `Span.as_doc`."""
    source = span.doc
    doc = type(source)(source.vocab, arena=source.arena)
    columns.append_from(doc, source, span.start, span.end)
    ids = list(source._get_array_attrs() if array_head is None else array_head)
    table = numpy.array((source.to_array(ids) if array is None else array)[span.start : span.end])
    if _HEAD in ids and _DEP in ids:
        _keep_heads_inside(span, table, ids.index(_HEAD), ids.index(_DEP))
    if len(table) and _IOB in ids and table[0, ids.index(_IOB)] == INSIDE:
        table[0, ids.index(_IOB)] = 3
    doc.from_array(ids, table)
    _drop_cut_entities(span, doc)
    doc.noun_chunks_iterator = source.noun_chunks_iterator
    doc.user_hooks = source.user_hooks
    doc.user_span_hooks = source.user_span_hooks
    doc.user_token_hooks = source.user_token_hooks
    if span._vector is not None or "vector" in source.user_span_hooks:
        doc.vector = span.vector
    if span._vector_norm is not None or "vector_norm" in source.user_span_hooks:
        doc.vector_norm = span.vector_norm
    doc.tensor = source.tensor[span.start : span.end]
    for key, value in source.cats.items():
        # Categories of a part of the text stand under (start, end, label).
        if isinstance(key, tuple) and len(key) == 3 and key[:2] == (span.start_char, span.end_char):
            doc.cats[key[2]] = value
    if copy_user_data:
        doc.user_data = {
            key: copy.copy(value) for key, value in source.user_data.items() if not is_custom(key) or key[2] is None
        }
        doc.user_data.update(shifted_user_data(source.user_data, -span.start_char))
    return doc


def _keep_heads_inside(span: Span, table: Any, head_column: int, dep_column: int) -> None:
    """Hang tokens whose head is cut off on an ancestor in the span, or else on one of them by sentence."""
    heads = table[:, head_column].astype("int64")
    new_roots: dict[int, int] = {}
    for i, token in enumerate(span):
        if 0 <= i + heads[i] < len(table):
            continue
        table[i, dep_column] = SYMBOLS["dep"]
        ancestors = [ancestor.i - span.start for ancestor in token.ancestors]
        inside = [ancestor for ancestor in ancestors if 0 <= ancestor < len(table)]
        target = inside[-1] if inside else new_roots.setdefault(ancestors[-1], i)
        heads[i] = target - i
    table[:, head_column] = heads.astype("uint64")


def _drop_cut_entities(span: Span, doc: Doc) -> None:
    """Say that nothing is known of entities which the span cuts."""
    # `Span.ents` looks through all entities of the Doc, which is long for each sentence of a long text.
    source = span.doc
    if not any(source[i].ent_iob == INSIDE for i in (span.start, span.end) if i < len(source)):
        return
    whole = {(ent.start - span.start, ent.end - span.start) for ent in span.ents}
    cut = [ent for ent in doc.ents if (ent.start, ent.end) not in whole]
    if cut:
        doc.set_ents([], missing=cut, default="unmodified")
