from libc.stdint cimport int32_t, uint64_t

from .idmap cimport IdMap


cdef class KeyRows:
    # The items in the order of their keys' first insertion; a removed one has the row DEAD.
    cdef uint64_t* _keys
    cdef int32_t* _rows
    cdef Py_ssize_t _length
    cdef Py_ssize_t _capacity
    cdef Py_ssize_t _dead
    cdef IdMap _index           # key -> position + 1

    cdef int32_t row_of(self, uint64_t key) noexcept        # -1: no such key
    cdef int put(self, uint64_t key, int32_t row) except -1
    cdef int reserve(self, Py_ssize_t capacity) except -1
