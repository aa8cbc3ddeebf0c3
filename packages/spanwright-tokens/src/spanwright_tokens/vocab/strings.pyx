# cython: boundscheck=False
"""Strings and their 64-bit ids."""
import contextlib
from operator import index
from weakref import ref

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.list cimport PyList_GET_SIZE
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport uint8_t, uint32_t
from murmurhash.mrmr cimport hash64

from .._types cimport attr_t
from .arena cimport Arena
from .idmap cimport IdMap, idmap_free, idmap_get, idmap_reserve, idmap_set

from ..errors import DataFormatError, InvalidTypeError, UnknownStringError
from ..io import read_json, read_json_bytes, write_json, write_json_bytes
from ..symbols import NAMES as _SYMBOL_NAMES

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)

cdef enum:
    SHORT = 64      # characters that are encoded on the stack

cdef tuple SYMBOLS = tuple(_SYMBOL_NAMES)
N_SYMBOLS = len(SYMBOLS)
cdef IdMap SYMBOL_BY_HASH


cdef inline int encode_short(str text, Py_ssize_t length, uint8_t* out) except -2:
    # UTF-8 of a short text; -1 for a lone surrogate, which has none.
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t i
    cdef int n = 0
    cdef uint32_t c
    for i in range(length):
        c = <uint32_t>PyUnicode_READ(kind, data, i)
        if c < 0x80:
            out[n] = <uint8_t>c
            n += 1
        elif c < 0x800:
            out[n] = <uint8_t>(0xC0 | (c >> 6))
            out[n + 1] = <uint8_t>(0x80 | (c & 0x3F))
            n += 2
        elif c < 0x10000:
            if 0xD800 <= c <= 0xDFFF:
                return -1
            out[n] = <uint8_t>(0xE0 | (c >> 12))
            out[n + 1] = <uint8_t>(0x80 | ((c >> 6) & 0x3F))
            out[n + 2] = <uint8_t>(0x80 | (c & 0x3F))
            n += 3
        else:
            out[n] = <uint8_t>(0xF0 | (c >> 18))
            out[n + 1] = <uint8_t>(0x80 | ((c >> 12) & 0x3F))
            out[n + 2] = <uint8_t>(0x80 | ((c >> 6) & 0x3F))
            out[n + 3] = <uint8_t>(0x80 | (c & 0x3F))
            n += 4
    return n


cdef attr_t hash_text(str text) except? 0:
    # The hash alone, without regard to symbols.
    cdef uint8_t[4 * SHORT] buffer
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text)
    cdef int n
    cdef bytes encoded
    if PyUnicode_IS_ASCII(text):
        return hash64(PyUnicode_DATA(text), <int>length, 1)
    if length <= SHORT:
        n = encode_short(text, length, buffer)
        if n >= 0:
            return hash64(buffer, n, 1)
    encoded = text.encode("utf8")
    return hash64(PyBytes_AS_STRING(encoded), <int>PyBytes_GET_SIZE(encoded), 1)


cdef str plain_text(object text):
    if type(text) is str:
        return text
    if isinstance(text, str):
        return str.__str__(text)
    raise InvalidTypeError(f"A string is needed, found {text!r} of type {type(text).__name__}.")


cdef attr_t hash_string(str text) except? 0:
    if text is None:
        raise InvalidTypeError("A string is needed, found None.")
    if PyUnicode_GET_LENGTH(text) == 0:
        return 0
    cdef attr_t key = hash_text(text)
    cdef attr_t symbol = <attr_t>idmap_get(&SYMBOL_BY_HASH, key)
    return symbol if symbol else key


cdef attr_t as_id(object key) except? 0:
    return index(key)


def _fill_symbols():
    cdef int i
    for i in range(1, len(SYMBOLS)):
        idmap_set(&SYMBOL_BY_HASH, hash_text(SYMBOLS[i]), i)


_fill_symbols()


def get_string_id(key):
    """The id of a string; anything else is taken for an id already.

    key: a string, or an integer (NumPy's too).
    Returns the id as an int.
    """
    if isinstance(key, str):
        return hash_string(plain_text(key))
    if isinstance(key, bytes):
        return hash64(PyBytes_AS_STRING(key), <int>PyBytes_GET_SIZE(key), 1)
    cdef attr_t value
    try:
        value = as_id(key)
    except (TypeError, OverflowError):
        return key
    return value


def check_strings(loaded, where):
    """Raise DataFormatError, whose text begins with `where`, if something is not a list of strings."""
    if type(loaded) is not list:
        raise DataFormatError(f"{where}: a list of strings is needed, found {type(loaded).__name__}.")
    cdef Py_ssize_t i
    for i in range(PyList_GET_SIZE(loaded)):
        if type((<list>loaded)[i]) is not str:
            raise DataFormatError(f"{where}: item {i} is {loaded[i]!r}, not a string.")
        if not PyUnicode_IS_ASCII((<list>loaded)[i]):
            try:
                hash_text(loaded[i])
            except UnicodeEncodeError:
                raise DataFormatError(f"{where}: item {i} is {loaded[i]!r}, which UTF-8 cannot express.") from None


cdef class TextTable:
    def __cinit__(self):
        self.texts = []

    def __dealloc__(self):
        idmap_free(&self.rows)

    cdef str find(self, attr_t key):
        cdef int row = idmap_get(&self.rows, key)
        if row == 0:
            return None
        return <str>self.texts[row - 1]

    cdef bint has(self, attr_t key) noexcept:
        return idmap_get(&self.rows, key) != 0

    cdef int put(self, attr_t key, str text) except -1:
        if idmap_get(&self.rows, key):
            return 0
        self.texts.append(text)
        idmap_set(&self.rows, key, <int>PyList_GET_SIZE(self.texts))
        return 1

    def __len__(self):
        return PyList_GET_SIZE(self.texts)


cdef class StringStore:
    """Look strings up by their 64-bit ids, and ids by their strings.

    The store itself keeps what is permanent: loaded strings, labels, and what `add` is given. Strings met only in
    text live in the arenas of Docs; `strings[id]` finds those as well, as long as a Doc that holds them lives.
    Iteration, `len` and saving cover the permanent strings.

    strings: strings to add.
    """

    def __cinit__(self):
        self.permanent = TextTable()
        self._arenas = []
        self._in_zone = False

    def __init__(self, strings=None, freeze=False):
        if strings is not None:
            for text in strings:
                self.add(text)

    cdef attr_t intern(self, str text) except? 0:
        cdef attr_t key = hash_string(text)
        if key >= N_SYMBOLS:
            self.permanent.put(key, text)
        return key

    cdef bint is_permanent(self, attr_t key) noexcept:
        return key < N_SYMBOLS or self.permanent.has(key)

    cdef list arenas(self):
        # The arenas alive, newest first.
        cdef list alive = []
        for reference in reversed(self._arenas):
            arena = reference()
            if arena is not None:
                alive.append(arena)
        return alive

    cdef int register(self, object arena) except -1:
        self._arenas = [one for one in self._arenas if one() is not None]
        self._arenas.append(ref(arena))
        return 0

    def _register_older(self, arena):
        # As register, but the newest stays the newest: that is where transient strings go.
        self._arenas = [one for one in self._arenas if one() is not None]
        self._arenas.insert(max(len(self._arenas) - 1, 0), ref(arena))

    cdef str find(self, attr_t key, TextTable local):
        cdef str text
        cdef Arena arena
        if key < N_SYMBOLS:
            return <str>SYMBOLS[key]
        text = self.permanent.find(key)
        if text is None and local is not None:
            text = local.find(key)
        if text is None and self._arenas:
            for arena in self.arenas():
                text = arena.texts.find(key)
                if text is not None:
                    break
        return text

    cdef str lookup(self, attr_t key, TextTable local):
        cdef str text = self.find(key, local)
        if text is None:
            raise UnknownStringError(
                f"No string with the id {key} is known to this vocabulary. Strings met only in text live as long as a "
                "Doc that holds them: keep the Doc, read the text from it, or add the string with strings.add()."
            )
        return text

    def __getitem__(self, string_or_id):
        """The string of an id, or the id of a string.

        Raises UnknownStringError (a KeyError) for an id nobody knows.
        """
        cdef attr_t key
        if isinstance(string_or_id, str):
            return hash_string(plain_text(string_or_id))
        if isinstance(string_or_id, bytes):
            return get_string_id(string_or_id)
        try:
            key = as_id(string_or_id)
        except (TypeError, OverflowError):
            raise UnknownStringError(
                f"A string store is indexed by a string or an id between 0 and 2**64 - 1, found {string_or_id!r}."
            ) from None
        return self.lookup(key, None)

    def as_int(self, key):
        """The id of a string; an id is returned as it is."""
        return hash_string(plain_text(key)) if isinstance(key, str) else key

    def as_string(self, key):
        """The string of an id; a string is returned as it is."""
        return key if isinstance(key, str) else self[key]

    def add(self, string, allow_transient=None):
        """Add a string for good, and give its id.

        string: str, or the UTF-8 bytes of one.
        allow_transient: True puts it into the arena that text goes to now, so that it lives no longer than Docs
            made meanwhile. None: so inside a `memory_zone`, for good elsewhere.

        Raises InvalidTypeError (a TypeError) for anything that is no string.
        """
        cdef attr_t key
        cdef Arena arena
        if isinstance(string, bytes):
            string = string.decode("utf8")
        string = plain_text(string)
        if allow_transient is None:
            allow_transient = self._in_zone
        if allow_transient and self._arenas:
            arena = self._arenas[-1]()
            if arena is not None:
                key = hash_string(string)
                if key >= N_SYMBOLS and not self.permanent.has(key):
                    arena.texts.put(key, string)
                return key
        return self.intern(string)

    def __len__(self):
        return len(self.permanent)

    def __contains__(self, string_or_id not None):
        cdef attr_t key
        if isinstance(string_or_id, str):
            key = hash_string(plain_text(string_or_id))
        else:
            try:
                key = as_id(string_or_id)
            except (TypeError, OverflowError):
                return False
        return self.find(key, None) is not None

    def __iter__(self):
        return iter(self.permanent.texts[:])

    def values(self):
        """The ids of the permanent strings, in the order of `iter`."""
        return [hash_string(text) for text in self.permanent.texts]

    def __reduce__(self):
        return (StringStore, (list(self.permanent.texts),))

    @contextlib.contextmanager
    def memory_zone(self, mem=None):
        """A block in which `add` keeps strings no longer than the Docs made in it, if there is an arena."""
        before, self._in_zone = self._in_zone, True
        try:
            yield mem
        finally:
            self._in_zone = before

    def to_disk(self, path):
        """Write the permanent strings, sorted, to a JSON file."""
        write_json(path, sorted(self.permanent.texts))

    def from_disk(self, path):
        """Add the strings of a JSON file. Raises DataFormatError for a file that is no list of strings."""
        return self._load(read_json(path), str(path))

    def to_bytes(self, **kwargs):
        """The permanent strings, sorted, as JSON."""
        return write_json_bytes(sorted(self.permanent.texts))

    def from_bytes(self, bytes_data, **kwargs):
        """Add the strings that `to_bytes` wrote. Raises DataFormatError for other bytes."""
        return self._load(read_json_bytes(bytes_data, where="strings"), "strings")

    def _load(self, loaded, where):
        check_strings(loaded, where)
        self._add_all(loaded)
        return self

    def _add_all(self, list strings):
        # Many strings at once, known to be strings.
        cdef str text
        idmap_reserve(&self.permanent.rows, len(self.permanent.texts) + len(strings))
        for text in strings:
            self.intern(text)
