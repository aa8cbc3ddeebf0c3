from .._types cimport int32_t
from .span cimport Span, SpanRecord


cdef class SpanGroup:
    cdef object __weakref__
    cdef object _doc_ref
    cdef public str name
    cdef public dict attrs
    cdef SpanRecord* c
    cdef int32_t length
    cdef int32_t capacity

    cdef int push(self, SpanRecord record) except -1
    cdef int32_t position(self, int i) except -1
    cdef Span own(self, span)
