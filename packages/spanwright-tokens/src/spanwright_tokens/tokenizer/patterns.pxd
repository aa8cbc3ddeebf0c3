from libc.stdint cimport uint64_t
from libcpp.vector cimport vector

cdef enum:
    TABLED = 0x2200         # code points with a place in the table; the others are kept in a dict
    MAX_BITS = 62


cdef struct Check:
    # One of the conditions of a match, as bits of CharBits; 0 asks nothing.
    uint64_t first
    uint64_t last
    uint64_t anywhere


cdef class CharBits:
    # For each character, which of the sets (at most MAX_BITS) it belongs to.
    cdef uint64_t[TABLED] table
    cdef dict others
    cdef list sets

    cdef uint64_t of(self, Py_UCS4 letter) except? 0
    cdef uint64_t work_out(self, Py_UCS4 letter) except? 0
    cdef uint64_t bit(self, object charset) except? 0


cdef class Filter:
    # The conditions of a pattern, as bits.
    cdef bint passes_all
    cdef Py_ssize_t tail        # a match begins so near the end; -1: unknown
    cdef uint64_t unlimited     # unless the last character is one of these
    cdef vector[Check] checks

    cdef bint possible(self, uint64_t first, uint64_t last, uint64_t anywhere) noexcept


cdef class Pattern:
    # A rule's regular expression: kept as a string until it is needed.
    cdef readonly str source
    cdef readonly int flags
    cdef readonly str method        # None: a function that nothing is known of
    cdef readonly str name
    cdef object _function
    cdef object _truth              # for `match`: what says whether there is one, where that is cheaper

    cdef object callable(self)
    cdef Filter filter(self, CharBits bits)
    cdef bint matches(self, str text) except -1
