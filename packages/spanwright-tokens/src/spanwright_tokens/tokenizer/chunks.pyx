# cython: boundscheck=False, wraparound=False
"""Tables of chunks (what stands between blanks) and the pieces that they are cut into."""
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ
from libc.string cimport memcmp


cdef uint64_t hash_chars(int kind, const void* data, Py_ssize_t start, Py_ssize_t end) noexcept:
    cdef uint64_t state = SEED
    cdef Py_ssize_t i
    for i in range(start, end):
        state = mix(state, PyUnicode_READ(kind, <void*>data, i))
    return folded(state)


cdef inline bint same_chars(object text, int kind, const void* data, Py_ssize_t start, Py_ssize_t end) noexcept:
    cdef Py_ssize_t length = end - start
    cdef Py_ssize_t i
    if PyUnicode_GET_LENGTH(text) != length:
        return False
    cdef int other = PyUnicode_KIND(text)
    cdef void* chars = PyUnicode_DATA(text)
    if other == kind:
        return memcmp(chars, <const char*>data + start * kind, length * kind) == 0
    for i in range(length):
        if PyUnicode_READ(other, chars, i) != PyUnicode_READ(kind, <void*>data, start + i):
            return False
    return True


cdef class ChunkTable:
    """An append-only hash table: characters of a chunk -> pieces."""

    def __cinit__(self):
        self.texts = []
        self.longest = 0
        self.n_permanent = 0
        self.slots.resize(256)

    def __len__(self):
        return PyList_GET_SIZE(self.texts)

    cdef const Entry* find(self, uint64_t hash, int kind, const void* data, Py_ssize_t start, Py_ssize_t end) noexcept:
        cdef size_t mask = self.slots.size() - 1
        cdef size_t i = hash & mask
        cdef Slot* slot
        if end - start > self.longest:
            return NULL
        while True:
            slot = &self.slots[i]
            if slot.entry == 0:
                return NULL
            if slot.hash == hash and same_chars(
                <object>PyList_GET_ITEM(self.texts, slot.entry - 1), kind, data, start, end
            ):
                return &self.entries[slot.entry - 1]
            i = (i + 1) & mask

    cdef int add(self, uint64_t hash, str text, const Piece* pieces, Py_ssize_t n) except -1:
        # The text must not be in the table yet; `pieces` must not point into it.
        cdef Py_ssize_t i
        cdef Entry entry
        cdef Slot slot
        if <size_t>(2 * (PyList_GET_SIZE(self.texts) + 1)) > self.slots.size():
            self.grow()
        entry.first = <int32_t>self.pieces.size()
        entry.n = <int32_t>n
        entry.roots = 0
        for i in range(n):
            self.pieces.push_back(pieces[i])
            entry.roots += pieces[i].root
        self.entries.push_back(entry)
        self.texts.append(text)
        self.longest = max(self.longest, PyUnicode_GET_LENGTH(text))
        slot.hash = hash
        slot.entry = <int32_t>PyList_GET_SIZE(self.texts)
        cdef size_t mask = self.slots.size() - 1
        cdef size_t place = hash & mask
        while self.slots[place].entry != 0:
            place = (place + 1) & mask
        self.slots[place] = slot
        return 0

    cdef int grow(self) except -1:
        cdef vector[Slot] larger
        cdef size_t place, i
        larger.resize(4 * self.slots.size())
        cdef size_t mask = larger.size() - 1
        for i in range(self.slots.size()):
            if self.slots[i].entry == 0:
                continue
            place = self.slots[i].hash & mask
            while larger[place].entry != 0:
                place = (place + 1) & mask
            larger[place] = self.slots[i]
        self.slots.swap(larger)
        return 0
