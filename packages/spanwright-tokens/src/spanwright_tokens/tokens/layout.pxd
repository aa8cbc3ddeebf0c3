# The columns of a Doc.
from .._types cimport attr_t, int8_t, int32_t, uint8_t


cdef struct Columns:
    # One contiguous array per token attribute; 0 means "not set" everywhere.
    attr_t* norm            # 0: the lexeme's
    attr_t* lemma
    attr_t* tag
    attr_t* morph
    attr_t* dep
    attr_t* ent_type
    attr_t* ent_kb_id
    attr_t* ent_id
    int32_t* lex            # a Vocab.lexeme_ref
    int32_t* idx            # character offset in the text
    int32_t* head           # relative
    int32_t* l_kids
    int32_t* r_kids
    int32_t* l_edge         # absolute
    int32_t* r_edge
    uint8_t* spacy
    uint8_t* pos
    uint8_t* ent_iob        # 0 missing, 1 I, 2 O, 3 B
    int8_t* sent_start      # 0 missing, 1 yes, -1 no


cdef class ColumnBlock:
    # Owns the memory of the columns; NumPy views keep it alive after a Doc has moved to a larger one.
    cdef void* memory
    cdef Columns c
    cdef readonly int32_t capacity


# The first `length` values of each column.
cdef void copy_columns(ColumnBlock source, ColumnBlock target, Py_ssize_t length) noexcept
