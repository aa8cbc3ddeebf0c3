from .._types cimport attr_t
from .strings cimport StringStore


cdef class Morphology:
    cdef readonly StringStore strings
    cdef dict _known        # features as they were given -> id
    cdef dict _features     # id -> tuple of "Field=Value"

    cdef attr_t add_text(self, str features) except? 0
    cdef tuple features_of(self, attr_t key)


cdef class MorphAnalysis:
    cdef readonly object vocab
    cdef readonly attr_t key
    cdef tuple _features

    cdef tuple items(self)
