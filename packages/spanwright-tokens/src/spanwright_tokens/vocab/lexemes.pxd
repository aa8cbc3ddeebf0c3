from cymem.cymem cimport Pool

from .._types cimport attr_t, int32_t
from .idmap cimport IdMap

cdef enum:
    LEX_ROWS = 1024        # rows of a chunk; a power of two
    LEX_SHIFT = 10

cdef enum LexColumn:
    LEX_FLAGS, LEX_LANG, LEX_LENGTH, LEX_ID,
    LEX_ORTH, LEX_LOWER, LEX_NORM, LEX_SHAPE, LEX_PREFIX, LEX_SUFFIX,
    N_LEX_COLUMNS

# A chunk never moves once it is made, so readers without the GIL are safe while the table grows.
ctypedef attr_t[LEX_ROWS] lex_column_t

cdef struct LexChunk:
    lex_column_t columns[N_LEX_COLUMNS]


cdef class LexemeTable:
    cdef LexChunk** chunks          # old pointer arrays are kept until the table dies
    cdef readonly int32_t length
    cdef IdMap rows                 # orth -> row + 1
    cdef Pool memory
    cdef int32_t n_chunks
    cdef int32_t capacity           # of `chunks`

    cdef int32_t find(self, attr_t orth) noexcept               # -1: not there
    cdef int32_t append(self, const attr_t* values) except -1   # N_LEX_COLUMNS values
    cdef attr_t get(self, int32_t row, int column) noexcept nogil
    cdef void set(self, int32_t row, int column, attr_t value) noexcept nogil
