from .._types cimport attr_t, uint64_t


# What one set of getters means for a new lexeme: which flags and strings C computes, what Python must.
cdef class Plan:
    cdef tuple attrs                # the getters this plan was made for
    cdef tuple getters
    cdef uint64_t default_flags     # bits that `flags_of` computes
    cdef object stops               # a set, or None
    cdef bint lower
    cdef bint norm
    cdef bint shape
    cdef bint prefix
    cdef bint suffix
    cdef list norm_tables           # dicts of word -> norm, tried in order
    cdef object norm_base           # a function, or None for the lower-case form
    cdef str lang
    cdef list others                # (attribute id, function)

    cdef bint fits(self, dict getters) noexcept
    cdef str norm_of(self, str text, str lower)


cdef uint64_t flags_of(str text, uint64_t wanted) except? 0
cdef str shape_of(str text)
cdef str lower_of(str text)
