from .._types cimport attr_t, int32_t
from .arena cimport Arena
from .lexemes cimport LexemeTable
from .strings cimport StringStore


cdef class Vocab:
    cdef readonly StringStore strings
    cdef readonly LexemeTable lexemes       # permanent lexemes
    cdef Arena _arena                       # where new Docs put new words
    cdef public object lookups
    cdef public object morphology
    cdef object _vectors
    cdef public dict lex_attr_getters       # attribute id -> function(str) -> str | bool | int
    cdef public object cfg
    cdef public object get_noun_chunks
    cdef public object writing_system

    # The arena for a new Doc; starts another when the present one is full.
    cdef Arena arena(self)
    # A reference to the lexeme of a word: >= 0 is a row of `lexemes`, < 0 is row ~ref of the arena's.
    # A word whose string is permanent gets a permanent lexeme.
    cdef int32_t lexeme_ref(self, Arena arena, str text) except? -2147483648
    cdef attr_t lexeme_attr(self, Arena arena, int32_t ref, int column) noexcept nogil
    # The id of a text; a text that is not permanent goes to the arena.
    cdef attr_t text_id(self, Arena arena, str text) except? 0
    cdef str text_of(self, Arena arena, attr_t key)
