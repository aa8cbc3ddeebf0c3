from .._types cimport attr_t, int32_t
from .doc cimport Doc


cdef struct SpanRecord:
    attr_t label
    attr_t kb_id
    attr_t id
    int32_t start
    int32_t end
    int32_t start_char
    int32_t end_char


cdef class Span:
    cdef readonly Doc doc
    cdef SpanRecord c
    cdef public object _vector
    cdef public object _vector_norm

    # Raises unless the Doc still has the span's tokens.
    cdef int check(self) except -1
    cdef tuple order(self)


cdef inline Span span_of(Doc doc, SpanRecord record):
    cdef Span span = Span.__new__(Span)
    span.doc = doc
    span.c = record
    return span
