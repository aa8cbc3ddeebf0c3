from libc.stdint cimport int32_t, uint64_t
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

from .._types cimport attr_t


cdef struct Match:
    int32_t start
    int32_t end


cdef class PhraseTrie:
    # Sequences of words, as their ids.
    cdef vector[unordered_map[attr_t, int32_t]] nodes
    cdef vector[bint] ends

    cdef int add(self, const vector[attr_t]& words) except -1
    cdef int32_t step(self, int32_t node, attr_t word) noexcept
    cdef bint is_root(self, attr_t word) noexcept


cdef int choose(vector[Match]& found, Py_ssize_t length, vector[Match]& chosen) except -1
