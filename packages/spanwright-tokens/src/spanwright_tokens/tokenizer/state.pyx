# cython: boundscheck=False, wraparound=False
"""From a text to the pieces that become its tokens."""
from cpython.list cimport PyList_GET_SIZE
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ, PyUnicode_Substring

from .._types cimport attr_t
from ..vocab.lexemes cimport LEX_ORTH
from ..vocab.strings cimport hash_string
from .chunks cimport MAX_CACHED, SEED, Entry, folded, hash_chars, mix
from .phrases cimport Match, choose

cdef extern from "Python.h":
    bint Py_UNICODE_ISSPACE(Py_UCS4 letter) nogil


cdef enum:
    ARENA_CHUNKS = 32768        # chunks that an arena remembers
    TOKENIZERS = 16             # of which an arena remembers chunks
    FEW = 4096                  # new permanent strings that are worth looking at one by one

ctypedef fused char_t:
    unsigned char
    unsigned short
    Py_UCS4


cdef int scan(
    const char_t* chars, Py_ssize_t length, Cursor* cursor, str text, State state,
    Vocab vocab, Arena arena, ChunkTable cache, vector[Piece]& out, vector[int32_t]& roots
) except -1:
    # Cut a text into chunks of blanks and of anything else. One blank (" ") after a chunk belongs to it.
    cdef Py_ssize_t i
    cdef Py_ssize_t start = 0
    cdef uint64_t hash = SEED
    cdef Py_UCS4 letter
    cdef bint blank
    cdef bint in_blanks = Py_UNICODE_ISSPACE(chars[0])
    for i in range(length):
        letter = chars[i]
        blank = Py_UNICODE_ISSPACE(letter)
        if blank != in_blanks:
            if start < i:
                state.chunk(
                    cursor, text, start, i, folded(hash), letter == c' ', vocab, arena, cache, out, roots
                )
            in_blanks = blank
            hash = SEED
            start = i
            if letter == c' ':
                start = i + 1
                continue
        hash = mix(hash, letter)
    if start < length:
        state.chunk(cursor, text, start, length, folded(hash), False, vocab, arena, cache, out, roots)
    return 0


cdef class State:
    """The rules made ready, with bounded caches.

    segmenter, phrases: the rules.
    limit: how many chunks are remembered, at most twice.
    """

    def __init__(self, Segmenter segmenter, PhraseTrie phrases, Py_ssize_t limit):
        self.segmenter = segmenter
        self.phrases = phrases
        self.limit = limit
        self.young = ChunkTable()
        self.old = ChunkTable()

    def add_phrase(self, str text):
        """Let a special case be found where the rules have cut it into several tokens."""
        cdef vector[Piece] pieces
        cdef vector[attr_t] words
        cdef Py_ssize_t start = 0
        cdef size_t i
        cdef str chunk
        # No special cases apply inside of a special case, so this is not what `tokenize` does.
        for chunk in _chunks(text):
            self.segmenter.cut(chunk, False, pieces)
            start = 0
            for i in range(pieces.size()):
                words.push_back(hash_string(PyUnicode_Substring(chunk, start, start + pieces[i].length)))
                start += pieces[i].length
            pieces.clear()
        self.phrases.add(words)

    cdef ChunkTable cache(self, Vocab vocab, Arena arena, object key):
        # The arena's table of looked-up chunks, as far as it is still right.
        cdef ChunkTable table = arena.chunks.get(key)
        cdef list texts = vocab.strings.permanent.texts
        if (
            table is None
            or table.owner is not self
            or table.lexemes is not vocab.lexemes
            or PyList_GET_SIZE(table.texts) >= ARENA_CHUNKS
            or (table.n_permanent != PyList_GET_SIZE(texts) and _now_permanent(texts, table.n_permanent, arena))
        ):
            table = ChunkTable()
            table.owner = self
            table.lexemes = vocab.lexemes
            if len(arena.chunks) >= TOKENIZERS and key not in arena.chunks:
                # Of tokenizers that are gone, or will have to start anew.
                arena.chunks.clear()
            arena.chunks[key] = table
        table.n_permanent = PyList_GET_SIZE(texts)
        return table

    cdef int tokenize(
        self, str text, Vocab vocab, Arena arena, ChunkTable cache, bint labels, vector[Piece]& out
    ) except -1:
        # Append the pieces of a text, special cases that span several of them included.
        cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text)
        cdef vector[int32_t] roots
        cdef Cursor cursor
        if length == 0:
            return 0
        cursor.kind = PyUnicode_KIND(text)
        cursor.data = PyUnicode_DATA(text)
        cursor.labels = labels
        out.reserve(length // 4 + 1)
        if cursor.kind == 1:
            scan(<const unsigned char*>cursor.data, length, &cursor, text, self, vocab, arena, cache, out, roots)
        elif cursor.kind == 2:
            scan(<const unsigned short*>cursor.data, length, &cursor, text, self, vocab, arena, cache, out, roots)
        else:
            scan(<const Py_UCS4*>cursor.data, length, &cursor, text, self, vocab, arena, cache, out, roots)
        if roots.size():
            self.join(&cursor, text, vocab, arena, out, roots)
        return 0

    cdef int chunk(
        self, Cursor* cursor, str text, Py_ssize_t start, Py_ssize_t end, uint64_t hash, bint space,
        Vocab vocab, Arena arena, ChunkTable cache, vector[Piece]& out, vector[int32_t]& roots
    ) except -1:
        # Append the pieces of text[start:end].
        cdef size_t first = out.size()
        cdef size_t i
        cdef Piece* found
        cdef const Entry* entry = NULL
        if not cursor.labels:
            entry = cache.find(hash, cursor.kind, cursor.data, start, end)
        if entry != NULL:
            found = &cache.pieces[entry.first]
            if entry.n == 1:
                out.push_back(found[0])
            else:
                for i in range(entry.n):
                    out.push_back(found[i])
            if entry.roots:
                for i in range(first, out.size()):
                    if out[i].root:
                        roots.push_back(<int32_t>i)
        else:
            self.new_chunk(cursor, PyUnicode_Substring(text, start, end), hash, vocab, arena, cache, out)
            for i in range(first, out.size()):
                if out[i].root:
                    roots.push_back(<int32_t>i)
        out[out.size() - 1].space = space
        return 0

    cdef int new_chunk(
        self, Cursor* cursor, str chunk, uint64_t hash, Vocab vocab, Arena arena, ChunkTable cache, vector[Piece]& out
    ) except -1:
        cdef vector[Piece] pieces
        cdef size_t i
        cdef Py_ssize_t start = 0
        cdef str word
        cdef attr_t orth
        if cursor.labels:
            self.segmenter.cut(chunk, True, pieces)
        else:
            self.recall(chunk, hash, pieces)
        for i in range(pieces.size()):
            word = chunk if pieces.size() == 1 else PyUnicode_Substring(chunk, start, start + pieces[i].length)
            start += pieces[i].length
            if cursor.labels:
                orth = hash_string(word)
            else:
                pieces[i].ref = vocab.lexeme_ref(arena, word)
                orth = vocab.lexeme_attr(arena, pieces[i].ref, LEX_ORTH)
            pieces[i].root = self.phrases.is_root(orth)
            out.push_back(pieces[i])
        if not cursor.labels and PyUnicode_GET_LENGTH(chunk) <= MAX_CACHED:
            cache.add(hash, chunk, pieces.data(), pieces.size())
        return 0

    cdef int recall(self, str chunk, uint64_t hash, vector[Piece]& pieces) except -1:
        # The pieces of a chunk without references, from memory or from the rules.
        cdef int kind = PyUnicode_KIND(chunk)
        cdef const void* data = PyUnicode_DATA(chunk)
        cdef Py_ssize_t length = PyUnicode_GET_LENGTH(chunk)
        cdef ChunkTable table = self.young
        cdef const Entry* entry = table.find(hash, kind, data, 0, length)
        cdef bint known = entry != NULL
        cdef int32_t i
        if not known:
            table = self.old
            entry = table.find(hash, kind, data, 0, length)
        if entry != NULL:
            for i in range(entry.n):
                pieces.push_back(table.pieces[entry.first + i])
        else:
            self.segmenter.cut(chunk, True, pieces)
        if known or length > MAX_CACHED or self.limit <= 0:
            return 0
        if PyList_GET_SIZE(self.young.texts) >= self.limit:
            self.old = self.young
            self.young = ChunkTable()
        self.young.add(hash, chunk, pieces.data(), pieces.size())
        return 0

    cdef int join(
        self, Cursor* cursor, str text, Vocab vocab, Arena arena, vector[Piece]& out, vector[int32_t]& roots
    ) except -1:
        # Put special cases in the place of the pieces that they had been cut into.
        cdef vector[Match] found
        cdef vector[Match] chosen
        cdef Match match
        cdef vector[Py_ssize_t] offsets
        cdef Py_ssize_t offset = 0
        cdef int32_t node
        cdef size_t i, k
        for i in range(roots.size()):
            node = 0
            for k in range(roots[i], out.size()):
                node = self.phrases.step(node, self.orth(cursor, text, vocab, arena, out, offsets, k))
                if node < 0:
                    break
                if self.phrases.ends[node]:
                    match.start = roots[i]
                    match.end = <int32_t>(k + 1)
                    found.push_back(match)
        if found.size():
            choose(found, out.size(), chosen)
            self.replace(cursor, text, vocab, arena, out, chosen)
        return 0

    cdef attr_t orth(
        self, Cursor* cursor, str text, Vocab vocab, Arena arena, vector[Piece]& out, vector[Py_ssize_t]& offsets,
        size_t which
    ) except? 0:
        # The id of a piece's word.
        cdef Py_ssize_t offset = 0
        cdef size_t i
        if not cursor.labels:
            return vocab.lexeme_attr(arena, out[which].ref, LEX_ORTH)
        if offsets.empty():
            for i in range(out.size()):
                offsets.push_back(offset)
                offset += out[i].length + out[i].space
        return hash_string(PyUnicode_Substring(text, offsets[which], offsets[which] + out[which].length))

    cdef int replace(
        self, Cursor* cursor, str text, Vocab vocab, Arena arena, vector[Piece]& out, vector[Match]& chosen
    ) except -1:
        cdef vector[Piece] result
        cdef ChunkTable specials = self.segmenter.specials
        cdef const Entry* entry
        cdef Py_ssize_t offset = 0
        cdef Py_ssize_t end
        cdef size_t i = 0
        cdef size_t n = 0
        cdef int32_t k
        cdef Piece piece
        while i < out.size():
            if n >= chosen.size() or <size_t>chosen[n].start != i:
                result.push_back(out[i])
                offset += out[i].length + out[i].space
                i += 1
                continue
            end = offset
            for k in range(chosen[n].start, chosen[n].end):
                end += out[k].length + out[k].space
            k = chosen[n].end - 1
            # The same words with other blanks between them are not the special case.
            entry = specials.find(
                hash_chars(cursor.kind, cursor.data, offset, end - out[k].space), cursor.kind, cursor.data, offset,
                end - out[k].space,
            )
            if entry == NULL:
                for k in range(chosen[n].start, chosen[n].end):
                    result.push_back(out[k])
            else:
                for k in range(entry.n):
                    piece = specials.pieces[entry.first + k]
                    if not cursor.labels:
                        piece.ref = vocab.lexeme_ref(arena, PyUnicode_Substring(text, offset, offset + piece.length))
                    offset += piece.length
                    result.push_back(piece)
                result[result.size() - 1].space = out[chosen[n].end - 1].space
            offset = end
            i = chosen[n].end
            n += 1
        out.swap(result)
        return 0


cdef bint _now_permanent(list texts, Py_ssize_t before, Arena arena) except -1:
    # Whether some word of the arena has become permanent, so that it may have another lexeme now.
    cdef Py_ssize_t i
    cdef Py_ssize_t now = PyList_GET_SIZE(texts)
    if now < before or now - before > FEW:
        return True
    for i in range(before, now):
        if arena.lexemes.find(hash_string(<str>texts[i])) >= 0:
            return True
    return False


def _chunks(str text):
    """The chunks of a text, as `scan` finds them."""
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t i
    for i in range(1, len(text)):
        if text[i].isspace() != text[i - 1].isspace():
            if start < i:
                yield text[start:i]
            start = i + 1 if text[i] == " " else i
    if start < len(text):
        yield text[start:]
