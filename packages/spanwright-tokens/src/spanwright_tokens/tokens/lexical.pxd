from .._types cimport attr_t, int32_t
from .doc cimport Doc


cdef class LexicalToken:
    cdef readonly Doc doc
    cdef readonly int32_t i

    # The position, once it is sure that the Doc still has it.
    cdef int32_t at(self) except -1
    cdef attr_t lexical(self, int column) except? 18446744073709551615
    cpdef bint check_flag(self, int flag_id) except -1
