from libc.stdint cimport int32_t, uint64_t
from libcpp.vector cimport vector

from .chunks cimport ChunkTable, Entry, Piece
from .patterns cimport CharBits, Filter, Pattern


cdef struct Chunk:
    # A chunk under the knife: what is left of it, and what its characters allow.
    int kind
    const void* data
    Py_ssize_t start
    Py_ssize_t end
    uint64_t anywhere
    bint whole              # nothing cut off yet
    bint unknown            # conditions do not hold for it


cdef class Segmenter:
    # Cuts a chunk (text without blanks) by the rules.
    cdef readonly Pattern prefix
    cdef readonly Pattern suffix
    cdef readonly Pattern infix
    cdef readonly Pattern token_match
    cdef readonly Pattern url_match
    cdef readonly ChunkTable specials
    cdef CharBits bits
    cdef Filter prefix_filter
    cdef Filter suffix_filter
    cdef Filter infix_filter
    cdef Filter token_filter
    cdef Filter url_filter

    # Whether the rules would cut a text that is a special case, so that it can be spread over tokens.
    cdef bint would_cut(self, str text) except -1
    cdef int cut(self, str chunk, bint with_specials, vector[Piece]& out) except -1

    cdef int begin(self, Chunk* chunk, str text) except -1
    cdef str rest(self, Chunk* chunk, str text)
    cdef bint possible(self, Filter pattern, Chunk* chunk, Py_ssize_t start) except -1
    cdef const Entry* special(self, Chunk* chunk, Py_ssize_t start, Py_ssize_t end) noexcept
    cdef Py_ssize_t affix(self, Pattern pattern, Filter filter, Chunk* chunk, str text, Py_ssize_t start) except -1
    cdef int cut_affixes(
        self, Chunk* chunk, str text, bint with_specials, vector[Piece]& out, vector[Piece]& suffixes
    ) except -1
    cdef int take_prefix(self, Chunk* chunk, Py_ssize_t length, vector[Piece]& out) except -1
    cdef int take_suffix(self, Chunk* chunk, Py_ssize_t length, vector[Piece]& suffixes) except -1
    cdef int cut_middle(self, Chunk* chunk, str text, bint with_specials, vector[Piece]& out) except -1
    cdef int cut_infixes(self, str rest, vector[Piece]& out) except -1
