# Token and lexeme attributes by id, for loops without the GIL.
from .._types cimport attr_t, int8_t, int32_t, uint8_t
from ..vocab.lexemes cimport LEX_ROWS, LEX_SHIFT, LexChunk
from .doc cimport Doc
from .layout cimport Columns


cdef struct TokenTable:
    # What such a loop must know of a Doc. Valid while the Doc lives and its structure stays.
    Columns c
    LexChunk** permanent
    LexChunk** local
    int32_t length


cdef inline TokenTable table_of(Doc doc) noexcept:
    cdef TokenTable table
    table.c = doc.c
    table.permanent = doc.vocab.lexemes.chunks
    table.local = doc.arena.lexemes.chunks
    table.length = doc.length
    return table


cdef inline attr_t lex_value(const TokenTable* table, int32_t i, int column) noexcept nogil:
    cdef int32_t ref = table.c.lex[i]
    if ref >= 0:
        return table.permanent[ref >> LEX_SHIFT].columns[column][ref & (LEX_ROWS - 1)]
    ref = ~ref
    return table.local[ref >> LEX_SHIFT].columns[column][ref & (LEX_ROWS - 1)]


cdef inline attr_t lex_attr(Doc doc, int32_t i, int column) noexcept:
    cdef int32_t ref = doc.c.lex[i]
    if ref >= 0:
        return doc.vocab.lexemes.chunks[ref >> LEX_SHIFT].columns[column][ref & (LEX_ROWS - 1)]
    ref = ~ref
    return doc.arena.lexemes.chunks[ref >> LEX_SHIFT].columns[column][ref & (LEX_ROWS - 1)]


cdef attr_t token_value(const TokenTable* table, int32_t i, int attr) noexcept nogil
# The values of all tokens, written `stride` places apart.
cdef void read_values(const TokenTable* table, int attr, attr_t* out, Py_ssize_t stride) noexcept nogil
# Sets one value; returns 0 if the attribute is not the token's own.
cdef bint write_value(Columns* c, int32_t i, int attr, attr_t value) noexcept nogil
