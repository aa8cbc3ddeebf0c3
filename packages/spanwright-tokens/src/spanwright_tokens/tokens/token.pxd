from .._types cimport attr_t, int32_t
from .doc cimport Doc


cdef class Token:
    cdef readonly Doc doc
    cdef readonly int32_t i

    # The position, once it is sure that the Doc still has it.
    cdef int32_t at(self) except -1
    cpdef bint check_flag(self, int flag_id) except -1
    cdef attr_t lexical(self, int column) except? 18446744073709551615


cdef inline Token token_at(Doc doc, int32_t i):
    # `i` must be a position of the Doc.
    cdef Token token = Token.__new__(Token)
    token.doc = doc
    token.i = i
    return token
