from .lexemes cimport LexemeTable
from .strings cimport TextTable


cdef class Arena:
    # Strings and lexemes met only in text: they live as long as a Doc that holds the arena.
    cdef object __weakref__
    cdef readonly TextTable texts
    cdef readonly LexemeTable lexemes
    cdef readonly dict chunks        # the tokenizer's cache of whole chunks, for whatever it wants to keep

    cdef bint is_full(self) noexcept
