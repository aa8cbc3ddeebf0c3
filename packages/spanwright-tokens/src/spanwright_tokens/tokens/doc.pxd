from .._types cimport attr_t, int8_t, int32_t, uint8_t
from ..vocab.arena cimport Arena
from ..vocab.vocab cimport Vocab


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


cdef class Doc:
    cdef object __weakref__
    cdef readonly Vocab vocab
    cdef readonly Arena arena
    cdef ColumnBlock block
    cdef Columns c                       # = block.c
    cdef readonly int32_t length
    cdef readonly int32_t structure      # counts what makes outputs stale: tokens added, merged, split
    cdef public bint has_unknown_spaces
    cdef public object tensor
    cdef public dict user_data
    cdef public object cats
    cdef object _spans                   # SpanGroups, made when first asked for
    cdef public dict user_hooks
    cdef public dict user_token_hooks
    cdef public dict user_span_hooks
    cdef public object noun_chunks_iterator
    cdef public float sentiment
    cdef public dict broadcasts          # outputs of upstream components; see core's listener
    cdef public dict activations
    cdef public object _vector
    cdef public object _vector_norm
    cdef public object _context          # travels with the Doc through nlp.pipe(as_tuples=True)

    cdef int append(self, int32_t lex, bint space) except -1
    cdef int reserve(self, int32_t capacity) except -1
    # Replaces the columns by those of another block that holds `length` tokens, and counts the change.
    cdef int adopt(self, ColumnBlock block, int32_t length, Arena arena) except -1
    cdef str text_of(self, attr_t key)
    # The same as text_of for ids that another Doc may have left: the text is then kept for this Doc too.
    cdef int keep_text(self, attr_t key) except -1
