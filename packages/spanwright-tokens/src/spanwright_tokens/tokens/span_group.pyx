# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""SpanGroup: named spans of one Doc, which may overlap."""

from libc.stdlib cimport free, realloc
from libc.string cimport memmove

from .._types cimport int32_t
from ..vocab.lexemes cimport LEX_LENGTH
from .attributes cimport lex_attr
from .chars cimport token_by_char
from .doc cimport Doc
from .span cimport Span, SpanRecord, span_of

import copy
import struct
import weakref

from ..errors import DataFormatError, InvalidIndexError, InvalidValueError, SpanwrightError
from ..io import dump_msgpack, read_msgpack

# id, knowledge base id, label, start, end, start and end in characters; big-endian
RECORD = struct.Struct(">QQQllll")


class DocGoneError(SpanwrightError, RuntimeError):
    """A group of spans outlived its Doc."""


cdef class SpanGroup:
    """Spans of one Doc under a name; they may overlap, and keep the order in which they were added.

    doc: the Doc, to which only a weak reference is kept.
    name: the group's name.
    attrs: whatever belongs to the group; saved with it, so it must fit into msgpack.
    spans: spans of the Doc.

    Raises `InvalidValueError` for a span of another Doc.
    """

    def __init__(self, doc, *, str name="", attrs=None, spans=()):
        self._doc_ref = weakref.ref(doc)
        self.name = name
        self.attrs = dict(attrs) if attrs is not None else {}
        self.length = 0
        for span in spans:
            self.append(span)

    def __dealloc__(self):
        free(self.c)

    cdef int push(self, SpanRecord record) except -1:
        cdef int32_t capacity
        cdef SpanRecord* larger
        if self.length == self.capacity:
            capacity = self.capacity + (self.capacity >> 1) + 4
            larger = <SpanRecord*>realloc(self.c, capacity * sizeof(SpanRecord))
            if larger is NULL:
                raise MemoryError()
            self.c = larger
            self.capacity = capacity
        self.c[self.length] = record
        self.length += 1
        return 0

    @property
    def doc(self):
        """The Doc. Raises `DocGoneError` (a RuntimeError) if it is gone."""
        doc = self._doc_ref()
        if doc is None:
            raise DocGoneError(
                f"The Doc of the span group {self.name!r} is gone: a group does not keep its Doc alive. Keep a reference "
                "to the Doc for as long as you use its spans."
            )
        return doc

    @property
    def has_overlap(self):
        """Whether any spans share a token."""
        ordered = sorted(self)
        return any(after.start < before.end for before, after in zip(ordered, ordered[1:]))

    def __repr__(self):
        return repr(list(self))

    def __len__(self):
        return self.length

    cdef int32_t position(self, int i) except -1:
        cdef int at = i + self.length if i < 0 else i
        if at < 0 or at >= self.length:
            raise InvalidIndexError(f"There is no span {i}: the group {self.name!r} has {self.length} spans.")
        return at

    cdef Span own(self, span):
        if not isinstance(span, Span):
            raise InvalidValueError(f"A span group holds spans, but found {span!r} ({type(span).__name__}).")
        if span.doc is not self.doc:
            raise InvalidValueError(f"The span {span!r} is of another Doc than the span group {self.name!r}.")
        return span

    def __getitem__(self, int i):
        """A copy of the span at a position."""
        return span_of(self.doc, self.c[self.position(i)])

    def __setitem__(self, int i, span):
        self.c[self.position(i)] = self.own(span).c

    def __delitem__(self, int i):
        cdef int32_t at = self.position(i)
        memmove(self.c + at, self.c + at + 1, (self.length - at - 1) * sizeof(SpanRecord))
        self.length -= 1

    def __iter__(self):
        cdef int32_t i = 0
        while i < self.length:
            yield span_of(self.doc, self.c[i])
            i += 1

    def append(self, span not None):
        """Add a span. Raises `InvalidValueError` for one of another Doc."""
        self.push(self.own(span).c)

    def extend(self, spans_or_span_group):
        """Add the spans of a sequence or group; of a group also the `attrs` that this one lacks."""
        if isinstance(spans_or_span_group, SpanGroup):
            if spans_or_span_group.doc is not self.doc:
                raise InvalidValueError("The span groups are of different Docs.")
            for key, value in spans_or_span_group.attrs.items():
                if key not in self.attrs:
                    self.attrs[key] = copy.deepcopy(value)
        for span in [self.own(span) for span in spans_or_span_group]:
            self.append(span)

    def __iadd__(self, other):
        self.extend(other)
        return self

    def __add__(self, other):
        if not isinstance(other, SpanGroup):
            return NotImplemented
        result = self.copy()
        result.extend(other)
        return result

    def copy(self, doc=None):
        """A copy of the group, for the same Doc or one of the same text.

        doc: the other Doc. Spans are found by their characters; raises `InvalidValueError` if one does not fit.
        """
        cdef Doc own = self.doc
        cdef SpanGroup other = SpanGroup(own if doc is None else doc, name=self.name, attrs=copy.deepcopy(self.attrs))
        cdef int32_t i
        for i in range(self.length):
            if doc is None or doc is own:
                other.push(self.c[i])
                continue
            texts = {
                "label": own.text_of(self.c[i].label),
                "kb_id": own._text_or_id(self.c[i].kb_id),
                "span_id": own._text_or_id(self.c[i].id),
            }
            span = None
            if self.c[i].end <= len(doc):
                span = Span(doc, self.c[i].start, self.c[i].end, **texts)
            if span is None or (span.start_char, span.end_char) != (self.c[i].start_char, self.c[i].end_char):
                span = doc.char_span(self.c[i].start_char, self.c[i].end_char, **texts)
            if span is None:
                raise InvalidValueError(
                    f"Span {i} of the group {self.name!r} cannot be copied: characters {self.c[i].start_char} to "
                    f"{self.c[i].end_char} are not whole tokens in the other Doc."
                )
            other.append(span)
        return other

    def to_bytes(self):
        """The group as bytes."""
        cdef list records = []
        cdef int32_t i
        for i in range(self.length):
            records.append(RECORD.pack(
                self.c[i].id, self.c[i].kb_id, self.c[i].label,
                self.c[i].start, self.c[i].end, self.c[i].start_char, self.c[i].end_char,
            ))
        return dump_msgpack({"name": self.name, "attrs": self.attrs, "spans": records})

    def from_bytes(self, bytes_data):
        """Fill the group from what `to_bytes` wrote. Raises `DataFormatError` (a ValueError) for other bytes."""
        cdef SpanRecord record
        cdef SpanGroup loaded = SpanGroup(self.doc)
        cdef Doc doc = self.doc
        message = read_msgpack(bytes_data, where="span group")
        try:
            name, attrs, records = message["name"], dict(message["attrs"]), [
                RECORD.unpack(packed) for packed in message["spans"]
            ]
            if not isinstance(name, str):
                raise TypeError(f"the name is {name!r}")
        except (KeyError, TypeError, ValueError, struct.error) as error:
            raise DataFormatError(f"These bytes are no span group: {error!r}.") from None
        for i, fields in enumerate(records):
            record.id, record.kb_id, record.label = fields[:3]
            record.start, record.end, record.start_char, record.end_char = fields[3:]
            if not 0 <= record.start <= record.end <= doc.length:
                raise DataFormatError(
                    f"Span {i} of the span group {name!r} goes from token {record.start} to {record.end}, but the Doc "
                    f"has {doc.length} tokens."
                )
            loaded.push(record)
        self.name, self.attrs = name, attrs
        self.c, loaded.c = loaded.c, self.c
        self.length, loaded.length = loaded.length, self.length
        self.capacity, loaded.capacity = loaded.capacity, self.capacity
        return self

    def _ids(self):
        # All ids of strings that the spans have.
        cdef set ids = set()
        cdef int32_t i
        for i in range(self.length):
            ids.update((self.c[i].label, self.c[i].kb_id, self.c[i].id))
        return ids

    def _realign(self):
        # After retokenizing: the tokens that cover each span's characters.
        cdef Doc doc = self.doc
        cdef int32_t i, first, last
        for i in range(self.length):
            first = token_by_char(doc, self.c[i].start_char)
            if self.c[i].start_char >= self.c[i].end_char:
                self.c[i].start = self.c[i].end = first if first >= 0 else doc.length
                continue
            last = token_by_char(doc, self.c[i].end_char - 1)
            if first < 0 or last < 0:
                continue
            self.c[i].start, self.c[i].end = first, last + 1
            self.c[i].start_char = doc.c.idx[first]
            self.c[i].end_char = doc.c.idx[last] + <int32_t>lex_attr(doc, last, LEX_LENGTH)
