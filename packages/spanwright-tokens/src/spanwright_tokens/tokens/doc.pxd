from .._types cimport attr_t, int32_t
from ..vocab.arena cimport Arena
from ..vocab.vocab cimport Vocab
from .layout cimport ColumnBlock, Columns


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
    # Makes sure that the text of an id which may come from another Doc lives as long as this one.
    cdef int keep_text(self, attr_t key) except -1
