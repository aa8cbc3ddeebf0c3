# cython: boundscheck=False, wraparound=False
"""Whether two arrays hold the same bits."""

cimport numpy as cnp
from libc.string cimport memcmp

cnp.import_array()


def same_bits(cnp.ndarray first not None, cnp.ndarray second not None):
    """Whether two arrays have the same type, shape and bits; C order, or else they count as different."""
    if (first.dtype != second.dtype or (<object>first).shape != (<object>second).shape
            or not cnp.PyArray_IS_C_CONTIGUOUS(first) or not cnp.PyArray_IS_C_CONTIGUOUS(second)):
        return False
    cdef const char* a = <const char*>cnp.PyArray_DATA(first)
    cdef const char* b = <const char*>cnp.PyArray_DATA(second)
    cdef size_t n = first.nbytes
    cdef bint same
    with nogil:
        same = memcmp(a, b, n) == 0
    return same
