from .._types cimport attr_t
from .idmap cimport IdMap


# The id of a string: a symbol's own, 0 of the empty string, else the hash of its UTF-8 bytes.
cdef attr_t hash_string(str text) except? 0


# A string of exactly the type str, as typed variables need it, of a str or a subclass such as numpy.str_;
# InvalidTypeError for anything else.
cdef str plain_text(object text)

# An integer (NumPy's too) as an id; TypeError or OverflowError for anything else.
cdef attr_t as_id(object key) except? 0
cdef attr_t N_SYMBOLS       # smaller ids are symbols


cdef class TextTable:
    # id -> str, append-only: a hash table of rows, and the texts by row.
    cdef IdMap rows         # id -> row + 1
    cdef list texts

    cdef str find(self, attr_t key)
    cdef bint has(self, attr_t key) noexcept
    cdef int put(self, attr_t key, str text) except -1


cdef class StringStore:
    cdef object __weakref__
    cdef TextTable permanent
    # Weak references to the arenas that still have a Doc, newest last.
    cdef list _arenas
    cdef public bint _in_zone

    cdef attr_t intern(self, str text) except? 0
    cdef bint is_permanent(self, attr_t key) noexcept
    # None if nobody knows the id.
    cdef str find(self, attr_t key, TextTable local)
    # Raises UnknownStringError if nobody knows the id.
    cdef str lookup(self, attr_t key, TextTable local)
    cdef list arenas(self)
    cdef int register(self, object arena) except -1
