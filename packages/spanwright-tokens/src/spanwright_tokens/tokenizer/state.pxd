from libc.stdint cimport int32_t, uint64_t
from libcpp.vector cimport vector

from .._types cimport attr_t
from ..vocab.arena cimport Arena
from ..vocab.vocab cimport Vocab
from .chunks cimport ChunkTable, Piece
from .phrases cimport Match, PhraseTrie
from .segmenter cimport Segmenter


cdef struct Cursor:
    # A text that is being read.
    int kind
    const void* data
    bint labels             # wanted: nothing comes from caches, nor are words looked up


cdef class State:
    # The rules of a tokenizer made ready for use, and what they gave for the chunks met. A change of a rule makes another.
    cdef readonly Segmenter segmenter
    cdef readonly PhraseTrie phrases
    cdef ChunkTable young       # chunk -> lengths of its pieces
    cdef ChunkTable old         # the generation before
    cdef Py_ssize_t limit

    cdef ChunkTable cache(self, Vocab vocab, Arena arena, object key)
    cdef int tokenize(
        self, str text, Vocab vocab, Arena arena, ChunkTable cache, bint labels, vector[Piece]& out
    ) except -1
    cdef int chunk(
        self, Cursor* cursor, str text, Py_ssize_t start, Py_ssize_t end, uint64_t hash, bint space,
        Vocab vocab, Arena arena, ChunkTable cache, vector[Piece]& out, vector[int32_t]& roots
    ) except -1
    cdef int new_chunk(
        self, Cursor* cursor, str chunk, uint64_t hash, Vocab vocab, Arena arena, ChunkTable cache, vector[Piece]& out
    ) except -1
    cdef int recall(self, str chunk, uint64_t hash, vector[Piece]& pieces) except -1
    cdef int join(
        self, Cursor* cursor, str text, Vocab vocab, Arena arena, vector[Piece]& out, vector[int32_t]& roots
    ) except -1
    cdef attr_t orth(
        self, Cursor* cursor, str text, Vocab vocab, Arena arena, vector[Piece]& out, vector[Py_ssize_t]& offsets,
        size_t which
    ) except? 0
    cdef int replace(
        self, Cursor* cursor, str text, Vocab vocab, Arena arena, vector[Piece]& out, vector[Match]& chosen
    ) except -1
