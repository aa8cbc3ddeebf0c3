from libc.stdint cimport int32_t, uint8_t, uint64_t
from libcpp.vector cimport vector

from .._types cimport attr_t

cdef enum Label:
    L_TOKEN, L_PREFIX, L_SUFFIX, L_INFIX, L_TOKEN_MATCH, L_URL_MATCH, L_SPECIAL

cdef enum:
    MAX_CACHED = 128    # characters: longer chunks are hardly ever met twice


cdef struct Piece:
    # A token to be. The pieces of a chunk cover it without gaps.
    attr_t norm         # 0: the lexeme's
    int32_t ref         # a Vocab.lexeme_ref, once it is looked up
    int32_t length
    uint8_t label       # why it was cut off
    uint8_t nth         # which piece of a special case, from 1
    uint8_t space       # a blank follows
    uint8_t root        # a special case that spans several tokens may begin here


cdef struct Slot:
    uint64_t hash
    int32_t entry       # + 1; 0: free


cdef struct Entry:
    int32_t first       # in `pieces`
    int32_t n
    int32_t roots       # how many of them are roots


cdef enum:
    SEED = 0x2545F491

cdef inline uint64_t mix(uint64_t state, Py_UCS4 letter) noexcept nogil:
    return (state ^ <uint64_t>letter) * <uint64_t>0x9E3779B97F4A7C15

cdef inline uint64_t folded(uint64_t state) noexcept nogil:
    return state ^ (state >> 32)

cdef uint64_t hash_chars(int kind, const void* data, Py_ssize_t start, Py_ssize_t end) noexcept


cdef class ChunkTable:
    # Pieces by the characters of a chunk: looked up in place, without making a string of them.
    cdef vector[Slot] slots
    cdef vector[Entry] entries
    cdef vector[Piece] pieces
    cdef list texts
    cdef Py_ssize_t longest
    cdef public object owner            # the state that filled it
    cdef public object lexemes          # the permanent lexemes that references point into
    cdef public Py_ssize_t n_permanent  # strings that were permanent when the references were checked

    cdef const Entry* find(self, uint64_t hash, int kind, const void* data, Py_ssize_t start, Py_ssize_t end) noexcept
    cdef int add(self, uint64_t hash, str text, const Piece* pieces, Py_ssize_t n) except -1
    cdef int grow(self) except -1
