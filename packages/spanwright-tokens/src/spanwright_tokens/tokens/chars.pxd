from .._types cimport int32_t
from .doc cimport Doc


# The token that holds a character, its trailing space included; -1 if none does.
cdef int32_t token_by_char(Doc doc, int32_t position) noexcept
