# cython: boundscheck=False, wraparound=False
"""Lexemes as columns."""
from cymem.cymem cimport Pool
from libc.string cimport memcpy

from .._types cimport attr_t, int32_t
from .idmap cimport idmap_free, idmap_get, idmap_set


cdef class LexemeTable:
    """The attributes of word types: append-only, one column per attribute, in chunks that never move."""

    def __cinit__(self):
        self.memory = Pool()
        self.chunks = NULL
        self.length = 0
        self.n_chunks = 0
        self.capacity = 0

    def __dealloc__(self):
        idmap_free(&self.rows)

    def __len__(self):
        return self.length

    cdef int32_t find(self, attr_t orth) noexcept:
        return idmap_get(&self.rows, orth) - 1

    cdef int32_t append(self, const attr_t* values) except -1:
        cdef int32_t row = self.length
        cdef int32_t capacity
        cdef LexChunk** larger
        cdef int column
        if row >> LEX_SHIFT >= self.n_chunks:
            if self.n_chunks >= self.capacity:
                # The old array stays until the table dies: somebody may be reading it without the GIL.
                capacity = 2 * self.capacity if self.capacity else 8
                larger = <LexChunk**>self.memory.alloc(capacity, sizeof(LexChunk*))
                if self.n_chunks:
                    memcpy(larger, self.chunks, self.n_chunks * sizeof(LexChunk*))
                self.chunks = larger
                self.capacity = capacity
            self.chunks[self.n_chunks] = <LexChunk*>self.memory.alloc(1, sizeof(LexChunk))
            self.n_chunks += 1
        for column in range(N_LEX_COLUMNS):
            self.chunks[row >> LEX_SHIFT].columns[column][row & (LEX_ROWS - 1)] = values[column]
        self.length = row + 1
        idmap_set(&self.rows, values[<int>LEX_ORTH], row + 1)
        return row

    cdef attr_t get(self, int32_t row, int column) noexcept nogil:
        return self.chunks[row >> LEX_SHIFT].columns[column][row & (LEX_ROWS - 1)]

    cdef void set(self, int32_t row, int column, attr_t value) noexcept nogil:
        self.chunks[row >> LEX_SHIFT].columns[column][row & (LEX_ROWS - 1)] = value
