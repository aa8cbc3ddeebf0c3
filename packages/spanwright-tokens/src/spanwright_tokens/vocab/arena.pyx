"""Where the words of text go."""
from cpython.list cimport PyList_GET_SIZE

from .lexemes cimport LexemeTable
from .strings cimport TextTable

cdef enum:
    FULL_LEXEMES = 8192
    FULL_TEXTS = 32768
    FULL_CHUNKS = 32768


cdef class Arena:
    """Strings and lexemes met only in text. It lives as long as a Doc (or another object) that holds it."""

    def __cinit__(self):
        self.texts = TextTable()
        self.lexemes = LexemeTable()
        self.chunks = {}

    cdef bint is_full(self) noexcept:
        return (
            self.lexemes.length >= FULL_LEXEMES
            or PyList_GET_SIZE(self.texts.texts) >= FULL_TEXTS
            or len(self.chunks) >= FULL_CHUNKS
        )
