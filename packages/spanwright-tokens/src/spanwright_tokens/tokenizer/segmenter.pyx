# cython: boundscheck=False, wraparound=False
"""The rules applied to one chunk of text: exact matches, affixes, special cases, infixes."""
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ, PyUnicode_Substring

from .chunks cimport (
    ChunkTable,
    Entry,
    L_INFIX,
    L_PREFIX,
    L_SPECIAL,
    L_SUFFIX,
    L_TOKEN,
    L_TOKEN_MATCH,
    L_URL_MATCH,
    Piece,
    hash_chars,
)

cdef extern from "Python.h":
    bint Py_UNICODE_ISSPACE(Py_UCS4 letter) nogil


cdef inline Piece new_piece(Py_ssize_t length, int label) noexcept:
    cdef Piece piece
    piece.norm = 0
    piece.ref = 0
    piece.length = <int32_t>length
    piece.label = label
    piece.nth = 0
    piece.space = False
    piece.root = False
    return piece


cdef class Segmenter:
    """Rules without a vocabulary."""

    def __init__(
        self, Pattern prefix, Pattern suffix, Pattern infix, Pattern token_match, Pattern url_match, ChunkTable specials
    ):
        self.prefix = prefix
        self.suffix = suffix
        self.infix = infix
        self.token_match = token_match
        self.url_match = url_match
        self.specials = specials
        # All filters share the table of characters.
        self.bits = CharBits()
        self.prefix_filter = None if prefix is None else prefix.filter(self.bits)
        self.suffix_filter = None if suffix is None else suffix.filter(self.bits)
        self.infix_filter = None if infix is None else infix.filter(self.bits)
        self.token_filter = None if token_match is None else token_match.filter(self.bits)
        self.url_filter = None if url_match is None else url_match.filter(self.bits)

    cdef bint would_cut(self, str text) except -1:
        cdef Chunk chunk
        self.begin(&chunk, text)
        if " " in text or "\n" in text:
            chunk.unknown = True
        return (
            self.affix(self.prefix, self.prefix_filter, &chunk, text, 0) > 0
            or self.affix(self.suffix, self.suffix_filter, &chunk, text, 0) > 0
            or (self.possible(self.infix_filter, &chunk, 0) and any(True for _ in self.infix.callable()(text)))
        )

    cdef int begin(self, Chunk* chunk, str text) except -1:
        cdef Py_ssize_t i
        chunk.kind = PyUnicode_KIND(text)
        chunk.data = PyUnicode_DATA(text)
        chunk.start = 0
        chunk.end = PyUnicode_GET_LENGTH(text)
        chunk.whole = True
        chunk.anywhere = 0
        chunk.unknown = chunk.end == 0 or Py_UNICODE_ISSPACE(PyUnicode_READ(chunk.kind, <void*>chunk.data, 0))
        if not chunk.unknown:
            for i in range(chunk.end):
                chunk.anywhere |= self.bits.of(PyUnicode_READ(chunk.kind, <void*>chunk.data, i))
        return 0

    cdef str rest(self, Chunk* chunk, str text):
        return text if chunk.whole else PyUnicode_Substring(text, chunk.start, chunk.end)

    cdef bint possible(self, Filter pattern, Chunk* chunk, Py_ssize_t start) except -1:
        # Whether a pattern can match what is left from `start` on.
        if pattern is None:
            return False
        if chunk.unknown:
            return True
        if start >= chunk.end:
            return pattern.possible(0, 0, 0)
        return pattern.possible(
            self.bits.of(PyUnicode_READ(chunk.kind, <void*>chunk.data, start)),
            self.bits.of(PyUnicode_READ(chunk.kind, <void*>chunk.data, chunk.end - 1)),
            chunk.anywhere,
        )

    cdef const Entry* special(self, Chunk* chunk, Py_ssize_t start, Py_ssize_t end) noexcept:
        if end <= start or end - start > self.specials.longest:
            return NULL
        return self.specials.find(hash_chars(chunk.kind, chunk.data, start, end), chunk.kind, chunk.data, start, end)

    cdef Py_ssize_t affix(self, Pattern pattern, Filter filter, Chunk* chunk, str text, Py_ssize_t start) except -1:
        # The length of the prefix or suffix of what is left from `start` on; 0 if there is none.
        cdef str rest
        cdef Py_ssize_t length = chunk.end - start
        if not self.possible(filter, chunk, start):
            return 0
        rest = self.rest(chunk, text) if start == chunk.start else PyUnicode_Substring(text, start, chunk.end)
        if 0 <= filter.tail < length and not chunk.unknown and not (
            filter.unlimited & self.bits.of(PyUnicode_READ(chunk.kind, <void*>chunk.data, chunk.end - 1))
        ):
            found = pattern.callable()(rest, length - filter.tail)
        else:
            found = pattern.callable()(rest)
        if found is None:
            return 0
        return found.end() - found.start()

    cdef int cut(self, str text, bint with_specials, vector[Piece]& out) except -1:
        # Append the pieces of a chunk.
        cdef Chunk chunk
        cdef vector[Piece] suffixes
        self.begin(&chunk, text)
        self.cut_affixes(&chunk, text, with_specials, out, suffixes)
        if chunk.start < chunk.end:
            self.cut_middle(&chunk, text, with_specials, out)
        while suffixes.size():
            out.push_back(suffixes.back())
            suffixes.pop_back()
        return 0

    cdef int cut_affixes(
        self, Chunk* chunk, str text, bint with_specials, vector[Piece]& out, vector[Piece]& suffixes
    ) except -1:
        # Take prefixes and suffixes off until a special case, an exact match, or nothing to take off is left.
        cdef Py_ssize_t before = -1
        cdef Py_ssize_t n_prefix, n_suffix, length
        while chunk.start < chunk.end and chunk.end - chunk.start != before:
            length = before = chunk.end - chunk.start
            if self.possible(self.token_filter, chunk, chunk.start) and self.token_match.matches(self.rest(chunk, text)):
                break
            if with_specials and self.special(chunk, chunk.start, chunk.end):
                break
            n_prefix = min(self.affix(self.prefix, self.prefix_filter, chunk, text, chunk.start), length)
            if n_prefix and with_specials and self.special(chunk, chunk.start + n_prefix, chunk.end):
                self.take_prefix(chunk, n_prefix, out)
                break
            n_suffix = min(self.affix(self.suffix, self.suffix_filter, chunk, text, chunk.start + n_prefix), length)
            if n_suffix and with_specials and self.special(chunk, chunk.start, chunk.end - n_suffix):
                self.take_suffix(chunk, n_suffix, suffixes)
                break
            if n_prefix:
                self.take_prefix(chunk, n_prefix, out)
            if n_suffix and (not n_prefix or n_prefix + n_suffix <= length):
                self.take_suffix(chunk, n_suffix, suffixes)
        return 0

    cdef int take_prefix(self, Chunk* chunk, Py_ssize_t length, vector[Piece]& out) except -1:
        out.push_back(new_piece(length, L_PREFIX))
        chunk.start += length
        chunk.whole = False
        return 0

    cdef int take_suffix(self, Chunk* chunk, Py_ssize_t length, vector[Piece]& suffixes) except -1:
        suffixes.push_back(new_piece(length, L_SUFFIX))
        chunk.end -= length
        chunk.whole = False
        return 0

    cdef int cut_middle(self, Chunk* chunk, str text, bint with_specials, vector[Piece]& out) except -1:
        # What the affixes leave: a special case, one token, or tokens around infixes.
        cdef const Entry* special
        cdef Py_ssize_t i
        cdef str rest
        if with_specials:
            special = self.special(chunk, chunk.start, chunk.end)
            if special:
                for i in range(special.n):
                    out.push_back(self.specials.pieces[special.first + i])
                return 0
        rest = self.rest(chunk, text)
        if self.possible(self.token_filter, chunk, chunk.start) and self.token_match.matches(rest):
            out.push_back(new_piece(chunk.end - chunk.start, L_TOKEN_MATCH))
        elif self.possible(self.url_filter, chunk, chunk.start) and self.url_match.matches(rest):
            out.push_back(new_piece(chunk.end - chunk.start, L_URL_MATCH))
        elif self.possible(self.infix_filter, chunk, chunk.start):
            self.cut_infixes(rest, out)
        else:
            out.push_back(new_piece(chunk.end - chunk.start, L_TOKEN))
        return 0

    cdef int cut_infixes(self, str rest, vector[Piece]& out) except -1:
        cdef Py_ssize_t length = PyUnicode_GET_LENGTH(rest)
        cdef Py_ssize_t done = 0
        cdef Py_ssize_t start, end
        for match in self.infix.callable()(rest):
            start = match.start()
            end = match.end()
            if start == 0 or start < done:
                continue
            if start > done:
                out.push_back(new_piece(start - done, L_TOKEN))
            if end > start:
                out.push_back(new_piece(end - start, L_INFIX))
            done = end
        if done < length:
            out.push_back(new_piece(length - done, L_TOKEN))
        return 0
