from .._types cimport attr_t, int32_t
from .arena cimport Arena
from .vocab cimport Vocab


cdef class Lexeme:
    cdef readonly Vocab vocab
    cdef readonly Arena arena       # None for a permanent lexeme
    cdef int32_t ref
    cdef readonly attr_t orth

    cdef attr_t read(self, int column) noexcept
    cdef int write(self, int column, attr_t value) except -1
    cdef str text_at(self, int column)
    cdef int write_text(self, int column, str text) except -1
    cdef attr_t _with(self, int flag_id, bint value)


# A view on a lexeme that exists.
cdef Lexeme make_lexeme(Vocab vocab, Arena arena, int32_t ref)
