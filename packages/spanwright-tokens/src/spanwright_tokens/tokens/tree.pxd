from .._types cimport int32_t
from .doc cimport Doc
from .layout cimport Columns


# A token that is its own ancestor, or -1. Heads are relative and must lie within [0, length).
cdef int32_t find_cycle(const int32_t* head, int32_t length) except -2 nogil
# Sets kids and edges of the tokens [start, stop), which must hold whole trees without cycles.
cdef int link_tree(Columns* c, int32_t start, int32_t stop) except -1 nogil
# Sets sentence starts of [start, stop) from the roots that have a label.
cdef void start_sentences(Columns* c, int32_t start, int32_t stop) noexcept nogil
cdef int set_head(Doc doc, int32_t child, int32_t head) except -1
cdef list lefts(Doc doc, int32_t i)
cdef list rights(Doc doc, int32_t i)
cdef list ancestors(Doc doc, int32_t i)
cdef list subtree(Doc doc, int32_t i)
# The token of [start, stop) that is nearest to its sentence's root.
cdef int32_t span_root(Doc doc, int32_t start, int32_t stop) except -1
