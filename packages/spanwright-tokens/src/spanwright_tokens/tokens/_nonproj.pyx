# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Finds and lifts the arcs of a tree that cross others."""
import numpy as np

from .._types cimport int32_t


cdef int reaches(const int32_t[::1] heads, int32_t token, int32_t target) noexcept nogil:
    # Whether `target` is above `token`; 1 also where the way up ends at a token without a head (< 0), -1 in a cycle.
    cdef int32_t steps = 0
    while steps <= heads.shape[0]:
        if heads[token] == target or heads[token] < 0:
            return 1
        if heads[token] == token:
            return 0
        token = heads[token]
        steps += 1
    return -1


cdef int crosses(const int32_t[::1] heads, int32_t token) noexcept nogil:
    # Whether a token below the arc does not hang on its head (Havelka 2007); -1 in a cycle.
    cdef int32_t head = heads[token]
    cdef int32_t between
    cdef int found
    if head < 0 or head == token:
        return 0
    for between in range(min(head, token) + 1, max(head, token)):
        found = reaches(heads, between, head)
        if found < 1:
            return -1 if found < 0 else 1
    return 0


cdef int32_t shortest_crossing(const int32_t[::1] heads) noexcept nogil:
    # The dependent of the shortest crossing arc, the leftmost of equals; -1 if there is none, -2 in a cycle.
    cdef int32_t best = -1, best_size = 0x7FFFFFFF
    cdef int32_t token, size
    cdef int found
    for token in range(<int32_t>heads.shape[0]):
        size = max(token, heads[token]) - min(token, heads[token])
        if size >= best_size:
            continue
        found = crosses(heads, token)
        if found < 0:
            return -2
        if found:
            best = token
            best_size = size
    return best


def arc_crosses(const int32_t[::1] heads not None, int32_t token):
    """1 if the arc to `token` crosses others, 0 if not, -1 if there is a cycle. heads: positions; -1 for none."""
    return crosses(heads, token)


def first_crossing(const int32_t[::1] heads not None):
    """The dependent of the shortest crossing arc; -1 if the tree is projective, -2 if there is a cycle."""
    cdef int32_t found
    with nogil:
        found = shortest_crossing(heads)
    return found


def lift(int32_t[::1] heads not None):
    """Lifts crossing arcs, shortest first, until none is left; in place. Returns False if there is a cycle.

    A lifted token hangs on its head's head then, or is a root of its own if its head was one.
    """
    cdef int32_t token, head
    with nogil:
        token = shortest_crossing(heads)
        while token >= 0:
            head = heads[token]
            heads[token] = heads[head] if heads[head] != head else token
            token = shortest_crossing(heads)
    return token == -1
