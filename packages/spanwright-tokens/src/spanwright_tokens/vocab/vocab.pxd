from .._types cimport attr_t, int32_t
from .arena cimport Arena
from .lex_attrs cimport Plan
from .lexemes cimport LexemeTable
from .strings cimport StringStore


cdef class Vocab:
    cdef object __weakref__
    cdef readonly StringStore strings
    cdef readonly LexemeTable lexemes       # permanent lexemes
    cdef Arena _arena                       # where new Docs put new words
    cdef public object _lookups
    cdef public object morphology
    cdef object _vectors
    cdef public dict lex_attr_getters       # attribute id -> function(str) -> str | bool | int
    cdef public object cfg
    cdef public object get_noun_chunks
    cdef public object writing_system
    cdef Plan _getters                      # how to make lexemes with these getters
    cdef int _zones

    # The arena for a new Doc; starts another when the present one is full.
    cdef Arena arena(self)
    # A reference to the lexeme of a word: >= 0 is a row of `lexemes`, < 0 is row ~ref of the arena's.
    # A word whose string is permanent gets a permanent lexeme.
    cdef int32_t lexeme_ref(self, Arena arena, str text) except? -2147483648
    cdef attr_t lexeme_attr(self, Arena arena, int32_t ref, int column) noexcept nogil
    # The id of a text; a text that is not permanent goes to the arena.
    cdef attr_t text_id(self, Arena arena, str text) except? 0
    cdef str text_of(self, Arena arena, attr_t key)
    # As lexeme_ref, by the id of a word that somebody knows.
    cdef int32_t lexeme_ref_of(self, Arena arena, attr_t orth) except? -2147483648
    # Adds the word's string for good and gives its permanent lexeme.
    cdef int32_t permanent_lexeme(self, str text) except -1

    cdef int32_t _add_lexeme(self, Arena arena, str text, attr_t key) except -1
    cdef int _describe(self, attr_t* values, Arena arena, str text, attr_t key) except -1
    cdef int _apply(self, attr_t* values, Arena arena, int attr, value) except -1
    cdef Plan _plan(self)
    cdef str _norm_table_entry(self, str text, attr_t key)
    cdef attr_t _rank(self, attr_t key) except? 0
    cdef int _describe_again(self, Arena arena, LexemeTable table) except -1


# The column of a lexeme attribute, LEX_FLAGS for a flag, or -1.
cdef int column_of(int attr) noexcept
