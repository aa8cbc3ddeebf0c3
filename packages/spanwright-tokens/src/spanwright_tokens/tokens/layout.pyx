# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""The memory of a Doc's columns."""

from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from .._types cimport attr_t, int8_t, int32_t, uint8_t

cdef enum:
    N_WIDE = 8      # attr_t columns
    N_MEDIUM = 7    # int32_t columns
    N_NARROW = 4    # one-byte columns
    TOKEN_BYTES = 96


cdef class ColumnBlock:
    """The memory of a Doc's columns. A NumPy view of a column keeps its block alive."""

    def __cinit__(self, int32_t capacity):
        cdef Py_ssize_t n = max(capacity, 1)
        cdef Py_ssize_t i
        self.memory = calloc(n, TOKEN_BYTES)
        if self.memory is NULL:
            raise MemoryError()
        self.capacity = <int32_t>n
        cdef attr_t* wide = <attr_t*>self.memory
        cdef int32_t* medium = <int32_t*>(wide + N_WIDE * n)
        cdef uint8_t* narrow = <uint8_t*>(medium + N_MEDIUM * n)
        self.c.norm = wide
        self.c.lemma = wide + n
        self.c.tag = wide + 2 * n
        self.c.morph = wide + 3 * n
        self.c.dep = wide + 4 * n
        self.c.ent_type = wide + 5 * n
        self.c.ent_kb_id = wide + 6 * n
        self.c.ent_id = wide + 7 * n
        self.c.lex = medium
        self.c.idx = medium + n
        self.c.head = medium + 2 * n
        self.c.l_kids = medium + 3 * n
        self.c.r_kids = medium + 4 * n
        self.c.l_edge = medium + 5 * n
        self.c.r_edge = medium + 6 * n
        self.c.spacy = narrow
        self.c.pos = narrow + n
        self.c.ent_iob = narrow + 2 * n
        self.c.sent_start = <int8_t*>(narrow + 3 * n)

    def __dealloc__(self):
        free(self.memory)


cdef void copy_columns(ColumnBlock source, ColumnBlock target, Py_ssize_t length) noexcept:
    cdef char* a = <char*>source.memory
    cdef char* b = <char*>target.memory
    cdef Py_ssize_t column
    cdef Py_ssize_t from_n = source.capacity, to_n = target.capacity
    for column in range(N_WIDE):
        memcpy(b + column * to_n * 8, a + column * from_n * 8, length * 8)
    a += N_WIDE * from_n * 8
    b += N_WIDE * to_n * 8
    for column in range(N_MEDIUM):
        memcpy(b + column * to_n * 4, a + column * from_n * 4, length * 4)
    a += N_MEDIUM * from_n * 4
    b += N_MEDIUM * to_n * 4
    for column in range(N_NARROW):
        memcpy(b + column * to_n, a + column * from_n, length)
