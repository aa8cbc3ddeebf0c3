from preshed.maps cimport PreshMap

from .._types cimport attr_t


cdef attr_t hash_string(str text) except? 0


cdef class TextTable:
    # id -> str, append-only: a hash table of rows, and the texts by row.
    cdef PreshMap rows
    cdef list texts

    cdef str find(self, attr_t key)
    cdef void put(self, attr_t key, str text) except *


cdef class StringStore:
    cdef TextTable permanent
    # Weak references to the arenas that still have a Doc, newest last.
    cdef list _arenas

    cdef attr_t intern(self, str text) except? 0
    cdef str lookup(self, attr_t key, TextTable local)
