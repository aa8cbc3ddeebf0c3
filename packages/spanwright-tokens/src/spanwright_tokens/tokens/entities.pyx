# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Entities in the columns ENT_IOB, ENT_TYPE, ENT_KB_ID and ENT_ID."""

from .._types cimport attr_t, int32_t, uint8_t
from .doc cimport Doc
from .layout cimport Columns
from .span cimport Span

from enum import Enum

import numpy

from ..attrs import IOB_STRINGS
from ..errors import InvalidTypeError, InvalidValueError

cdef enum Iob:
    IOB_MISSING = 0
    IOB_I = 1
    IOB_O = 2
    IOB_B = 3


class SetEntsDefault(str, Enum):
    """What `Doc.set_ents` makes of the tokens that it was not told about."""

    blocked = "blocked"
    missing = "missing"
    outside = "outside"
    unmodified = "unmodified"

    @classmethod
    def values(cls):
        """The names, as a list."""
        return [each.value for each in cls]


def get_ents(Doc doc not None):
    """The entities of a Doc, as a tuple of spans. Raises `InvalidValueError` if an I follows nothing."""
    cdef Columns* c = &doc.c
    cdef int32_t i, start = -1
    cdef list found = []
    for i in range(doc.length):
        if c.ent_iob[i] == IOB_I:
            if start == -1:
                around = " ".join([f"{token.text}|{token.ent_iob_}" for token in doc[max(i - 5, 0) : i + 5]])
                raise InvalidValueError(
                    f"The entities of this Doc are broken: token {i} is inside of one (I), but none begins (B) before "
                    f"it: {around}"
                )
            continue
        if start != -1:
            found.append(entity(doc, start, i))
            start = -1
        if c.ent_iob[i] == IOB_B and c.ent_type[i] != 0:
            start = i
    if start != -1:
        found.append(entity(doc, start, doc.length))
    return tuple(found)


cdef Span entity(Doc doc, int32_t start, int32_t end):
    cdef Columns* c = &doc.c
    return Span(
        doc, start, end, label=c.ent_type[start], kb_id=c.ent_kb_id[start], span_id=c.ent_id[start]
    )


def as_span(Doc doc not None, entity):
    """A span of a Doc from a span (of any Doc of the same text), or from a tuple as `doc.ents` takes it."""
    kb_id = span_id = 0
    if isinstance(entity, Span):
        label, start, end, kb_id, span_id = entity.label, entity.start, entity.end, entity.kb_id, entity.id
        if entity.doc is not doc:
            label, kb_id, span_id = entity.label_, entity.kb_id_, entity.id_
    elif isinstance(entity, (tuple, list)) and len(entity) == 3:
        label, start, end = entity
    elif isinstance(entity, (tuple, list)) and len(entity) == 4:
        label, kb_id, start, end = entity
    elif isinstance(entity, (tuple, list)) and len(entity) == 5:
        span_id, kb_id, label, start, end = entity
    else:
        raise InvalidValueError(
            "An entity is given as a Span, (label, start, end), (label, kb_id, start, end) or (id, kb_id, label, "
            f"start, end), but found {entity!r}."
        )
    return Span(doc, start, end, label=label, kb_id=kb_id, span_id=span_id)


def set_ents(Doc doc not None, entities, *, blocked=None, missing=None, outside=None, default="outside"):
    """Set entities; see `Doc.set_ents`."""
    if default not in SetEntsDefault.values():
        raise InvalidValueError(
            f"`default` of set_ents must be one of {', '.join(map(repr, SetEntsDefault.values()))}, but found "
            f"{default!r}."
        )
    groups = [_checked(name, group) for name, group in (
        ("entities", entities), ("blocked", blocked), ("missing", missing), ("outside", outside)
    )]
    groups[0] = [span for span in groups[0] if span.label]
    seen_array = numpy.zeros((doc.length,), dtype="uint8")
    cdef uint8_t[::1] seen = seen_array
    cdef Span span
    cdef int32_t i
    for group in groups:
        for span in group:
            if span.c.end > doc.length:
                span.check()
            for i in range(span.c.start, span.c.end):
                if seen[i]:
                    raise InvalidValueError(
                        f"Token {i} ({doc[i].text!r}) is in more than one of the spans given as entities, blocked, "
                        "missing or outside."
                    )
                seen[i] = 1
    cdef Columns* c = &doc.c
    for span in groups[0]:
        doc.keep_text(span.c.label)
        doc.keep_text(span.c.kb_id)
        doc.keep_text(span.c.id)
        for i in range(span.c.start, span.c.end):
            c.ent_iob[i] = IOB_B if i == span.c.start else IOB_I
            c.ent_type[i] = span.c.label
            c.ent_kb_id[i] = span.c.kb_id
            # A span without an id leaves the tokens theirs.
            if span.c.id:
                c.ent_id[i] = span.c.id
    for group, iob in zip(groups[1:], (IOB_B, IOB_MISSING, IOB_O)):
        for span in group:
            for i in range(span.c.start, span.c.end):
                c.ent_iob[i] = iob
                c.ent_type[i] = 0
    cdef uint8_t other = {"blocked": IOB_B, "missing": IOB_MISSING, "outside": IOB_O, "unmodified": 255}[str_of(default)]
    if other != 255:
        for i in range(doc.length):
            if not seen[i]:
                c.ent_iob[i] = other
                c.ent_type[i] = 0
    mend_iob(c, doc.length)


cdef str str_of(default):
    return default.value if isinstance(default, Enum) else default


cdef list _checked(str name, group):
    cdef list spans = [] if group is None else list(group)
    for span in spans:
        if not isinstance(span, Span):
            raise InvalidValueError(
                f"`{name}` of set_ents must be spans, but found {span!r} ({type(span).__name__}). `doc.ents = ...` "
                "takes tuples too."
            )
    return spans


cdef void mend_iob(Columns* c, int32_t length) noexcept:
    # An I that follows no entity, or one of another type, begins one.
    cdef int32_t i
    for i in range(length - 1):
        if c.ent_iob[i + 1] != IOB_I:
            continue
        if c.ent_iob[i] == IOB_MISSING or c.ent_iob[i] == IOB_O or c.ent_type[i] != c.ent_type[i + 1]:
            c.ent_iob[i + 1] = IOB_B
