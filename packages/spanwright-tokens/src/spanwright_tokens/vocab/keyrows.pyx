# cython: boundscheck=False
"""Which row of a table of vectors belongs to which key, and the rows of subword vectors."""
from collections.abc import MutableMapping

import numpy

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from murmurhash.mrmr cimport hash128_x64

from .idmap cimport idmap_free, idmap_get, idmap_reserve, idmap_set
from .strings cimport as_id

from ..errors import DataFormatError, MissingKeyError

cdef enum:
    DEAD = -1


cdef class KeyRows:
    """A mapping key -> row, as a dict is, in a quarter of a dict's memory.

    items: a mapping or pairs to start with. Keys are ids (unsigned 64 bits), rows are not negative.
    """

    def __init__(self, items=()):
        self.update(items)

    def __dealloc__(self):
        free(self._keys)
        free(self._rows)
        idmap_free(&self._index)

    cdef int reserve(self, Py_ssize_t capacity) except -1:
        cdef void* keys
        cdef void* rows
        if capacity <= self._capacity:
            return 0
        keys = realloc(self._keys, capacity * sizeof(uint64_t))
        if keys != NULL:
            self._keys = <uint64_t*>keys
        rows = realloc(self._rows, capacity * sizeof(int32_t))
        if rows != NULL:
            self._rows = <int32_t*>rows
        if keys == NULL or rows == NULL:
            raise MemoryError(f"No memory for {capacity} keys of vectors.")
        self._capacity = capacity
        idmap_reserve(&self._index, capacity)
        return 0

    cdef int32_t row_of(self, uint64_t key) noexcept:
        cdef int32_t position = idmap_get(&self._index, key)
        return self._rows[position - 1] if position else <int32_t>DEAD

    cdef int put(self, uint64_t key, int32_t row) except -1:
        cdef int32_t position = idmap_get(&self._index, key)
        if row < 0:
            raise ValueError(f"A row of vectors is not negative, found {row} for the key {key}.")
        if position:
            self._dead -= self._rows[position - 1] == DEAD
            self._rows[position - 1] = row
            return 0
        if self._length == self._capacity:
            self.reserve(max(16, self._length + self._length // 2))
        self._keys[self._length] = key
        self._rows[self._length] = row
        self._length += 1
        idmap_set(&self._index, key, <int32_t>self._length)
        return 0

    def __len__(self):
        return self._length - self._dead

    def __getitem__(self, key):
        cdef int32_t row = self.get(key, DEAD)
        if row < 0:
            raise MissingKeyError(f"There is no vector for the key {key!r}.")
        return row

    def get(self, key, default=None):
        """The row of a key, or the default."""
        cdef uint64_t number
        try:
            number = as_id(key)
        except (TypeError, OverflowError):
            return default
        cdef int32_t row = self.row_of(number)
        return default if row < 0 else row

    def __contains__(self, key):
        return self.get(key) is not None

    def __setitem__(self, key, row):
        self.put(key, row)

    def __delitem__(self, key):
        self[key]
        self._rows[idmap_get(&self._index, key) - 1] = DEAD
        self._dead += 1
        if self._dead > 64 and self._dead > self._length // 2:
            self._compact()

    def _compact(self):
        keys, rows = self.arrays()
        self.clear()
        self.fill(keys, rows)

    def clear(self):
        """Remove all keys."""
        idmap_free(&self._index)
        self._length = self._dead = 0

    def __iter__(self):
        return iter(self.arrays()[0].tolist())

    def items(self):
        """The pairs (key, row), in the order of insertion."""
        keys, rows = self.arrays()
        return list(zip(keys.tolist(), rows.tolist()))

    def keys(self):
        """The keys, in the order of insertion."""
        return self.arrays()[0].tolist()

    def values(self):
        """The rows, in the order of their keys' insertion."""
        return self.arrays()[1].tolist()

    def copy(self):
        """A copy of the mapping."""
        result = KeyRows()
        result.fill(*self.arrays())
        return result

    def update(self, items=()):
        """Take over the items of a mapping, or pairs."""
        for key, row in items.items() if hasattr(items, "items") else items:
            self.put(key, row)

    def pop(self, key, *default):
        """Remove a key and return its row; the default, if there is one, for a key that is missing."""
        if default and key not in self:
            return default[0]
        row = self[key]
        del self[key]
        return row

    def __eq__(self, other):
        if not hasattr(other, "items"):
            return NotImplemented
        return dict(self.items()) == dict(other.items())

    def __repr__(self):
        return f"<KeyRows of {len(self)} keys>"

    def __reduce__(self):
        return _rebuild, self.arrays()

    # ---------------------------------------------------------------- arrays

    def arrays(self):
        """The keys (uint64) and their rows (int32), in the order of insertion. *Shapes* (len,) and (len,)."""
        keys = numpy.empty((self._length,), dtype="uint64")
        rows = numpy.empty((self._length,), dtype="int32")
        cdef uint64_t[::1] key_view = keys
        cdef int32_t[::1] row_view = rows
        cdef Py_ssize_t i
        for i in range(self._length):
            key_view[i] = self._keys[i]
            row_view[i] = self._rows[i]
        if self._dead:
            alive = rows != DEAD
            keys, rows = keys[alive], rows[alive]
        return keys, rows

    def fill(self, keys, rows):
        """Set many keys at once. keys, rows: arrays of the same length."""
        cdef const uint64_t[:] key_view = numpy.asarray(keys, dtype="uint64")
        cdef const int32_t[:] row_view = numpy.asarray(rows, dtype="int32")
        cdef Py_ssize_t i
        if len(key_view) != len(row_view):
            raise ValueError(f"Each key needs a row, found {len(key_view)} keys and {len(row_view)} rows.")
        self.reserve(self._length + len(key_view))
        for i in range(len(key_view)):
            self.put(key_view[i], row_view[i])

    def rows_of(self, keys):
        """The rows of an array of keys, -1 for those that are missing. *Shape* (len(keys),), int32."""
        cdef const uint64_t[:] view = numpy.asarray(keys, dtype="uint64")
        found = numpy.empty((len(view),), dtype="int32")
        cdef int32_t[::1] out = found
        cdef Py_ssize_t i
        for i in range(len(view)):
            out[i] = self.row_of(view[i])
        return found

    # ---------------------------------------------------------------- messages

    @classmethod
    def from_message(cls, bytes data, where="key2row"):
        """Read the message (msgpack) of a dict of integers. Raises DataFormatError for anything else."""
        cdef KeyRows self = cls()
        cdef const uint8_t* here = <const uint8_t*>PyBytes_AS_STRING(data)
        cdef const uint8_t* end = here + PyBytes_GET_SIZE(data)
        cdef uint64_t n = 0, i, key = 0, row = 0
        cdef int size = read_header(here, end, &n)
        here += size
        if size == 0 or n > <uint64_t>(end - here) // 2:
            raise DataFormatError(f"{where}: a message of keys and rows is needed, found another format.")
        self.reserve(<Py_ssize_t>n)
        for i in range(n):
            size = read_number(here, end, &key)
            here += size
            if size:
                size = read_number(here, end, &row)
                here += size
            if size == 0 or row > 0x7FFFFFFF:
                raise DataFormatError(f"{where}: item {i} of {n} is no pair of a key and a row, or the message ends.")
            self.put(key, <int32_t>row)
        if here != end:
            raise DataFormatError(f"{where}: {end - here} bytes follow the message.")
        return self

    def to_message(self):
        """The mapping as a message, as msgpack writes a dict of integers."""
        cdef Py_ssize_t n = len(self)
        cdef bytes buffer = PyBytes_FromStringAndSize(NULL, 5 + 14 * n)
        cdef uint8_t* start = <uint8_t*>PyBytes_AS_STRING(buffer)
        cdef uint8_t* here = start
        cdef Py_ssize_t i
        if n < 16:
            here[0] = <uint8_t>(0x80 | n)
            here += 1
        else:
            here += write_bytes_of(here, 0xDE if n < 65536 else 0xDF, n, 2 if n < 65536 else 4)
        for i in range(self._length):
            if self._rows[i] != DEAD:
                here += write_number(here, self._keys[i])
                here += write_number(here, <uint64_t>self._rows[i])
        return buffer[:here - start]


MutableMapping.register(KeyRows)


def _rebuild(keys, rows):
    result = KeyRows()
    result.fill(keys, rows)
    return result


cdef int read_bytes_of(const uint8_t* here, const uint8_t* end, int width, uint64_t* out) noexcept:
    # A big-endian number after its one byte of type; gives the bytes read, 0 if they are missing.
    cdef int i
    if end - here < width + 1:
        return 0
    out[0] = 0
    for i in range(width):
        out[0] = (out[0] << 8) | here[1 + i]
    return width + 1


cdef int read_header(const uint8_t* here, const uint8_t* end, uint64_t* n) noexcept:
    if here == end:
        return 0
    if here[0] & 0xF0 == 0x80:
        n[0] = here[0] & 0x0F
        return 1
    if here[0] == 0xDE:
        return read_bytes_of(here, end, 2, n)
    if here[0] == 0xDF:
        return read_bytes_of(here, end, 4, n)
    return 0


cdef int read_number(const uint8_t* here, const uint8_t* end, uint64_t* out) noexcept:
    if here == end:
        return 0
    if here[0] < 0x80:
        out[0] = here[0]
        return 1
    if 0xCC <= here[0] <= 0xCF:
        return read_bytes_of(here, end, 1 << (here[0] - 0xCC), out)
    return 0


cdef int write_bytes_of(uint8_t* here, int kind, uint64_t value, int width) noexcept:
    cdef int i
    here[0] = <uint8_t>kind
    for i in range(width):
        here[1 + i] = <uint8_t>((value >> (8 * (width - 1 - i))) & 0xFF)
    return width + 1


cdef int write_number(uint8_t* here, uint64_t value) noexcept:
    if value < 0x80:
        here[0] = <uint8_t>value
        return 1
    if value < 0x100:
        return write_bytes_of(here, 0xCC, value, 1)
    if value < 0x10000:
        return write_bytes_of(here, 0xCD, value, 2)
    if value < 0x100000000:
        return write_bytes_of(here, 0xCE, value, 4)
    return write_bytes_of(here, 0xCF, value, 8)


def floret_rows(words, str bow, str eow, int minn, int maxn, int hash_count, uint32_t seed, uint32_t n_rows):
    """The rows that the subwords of each word hash to: of the whole word with its marks, then of its n-grams.

    words: the texts; an empty one has no rows.
    bow, eow: the marks of a word's beginning and end. minn, maxn: the lengths of n-grams, in characters.
    hash_count: rows per subword, 1 to 4. seed: of the hash. n_rows: rows of the table.

    Returns the rows of all words one after the other (int32), and how many each word has (int32).
    """
    cdef str word, padded
    cdef int size
    cdef Py_ssize_t start
    cdef list rows = []
    lengths = numpy.zeros((len(words),), dtype="int32")
    for i, word in enumerate(words):
        before = len(rows)
        if word:
            padded = bow + word + eow
            add_rows(rows, padded, hash_count, seed, n_rows)
            for size in range(minn, maxn + 1):
                for start in range(len(padded) - size + 1):
                    add_rows(rows, padded[start:start + size], hash_count, seed, n_rows)
        lengths[i] = len(rows) - before
    return numpy.array(rows, dtype="int32"), lengths


cdef int add_rows(list rows, str subword, int hash_count, uint32_t seed, uint32_t n_rows) except -1:
    cdef uint64_t[2] out
    cdef bytes encoded = subword.encode("utf8")
    cdef int i
    hash128_x64(PyBytes_AS_STRING(encoded), <int>PyBytes_GET_SIZE(encoded), seed, out)
    for i in range(min(hash_count, 4)):
        rows.append(<uint32_t>((out[i // 2] >> (32 * (i % 2))) & 0xFFFFFFFF) % n_rows)
    return 0
