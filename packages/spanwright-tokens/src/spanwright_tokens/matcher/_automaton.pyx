# cython: boundscheck=False, wraparound=False
"""Run one token pattern over a Doc: which positions of the pattern can stand after each token."""

from libc.stdint cimport int32_t, uint8_t
from libc.string cimport memset
from libcpp.vector cimport vector

import numpy as np

# How often a position of a pattern may match: the values of `quantifiers`.
cdef enum:
    ONE = 0
    OPTIONAL = 1
    REPEATED = 2


cdef inline void emit(vector[int32_t]& found, int32_t when, int32_t start, int32_t end) noexcept nogil:
    found.push_back(when)
    found.push_back(start)
    found.push_back(end)


cdef void run_from(
    vector[int32_t]& found,
    const uint8_t[:, ::1] fits,
    const uint8_t* quantifiers,
    uint8_t* now,
    uint8_t* after,
    int32_t start,
    int32_t length,
) noexcept nogil:
    # All non-empty matches that begin at one token.
    cdef int32_t m = <int32_t>fits.shape[0], t, p
    cdef int32_t closed = -1            # the latest end that was emitted by consuming its last token
    cdef bint alive, fit, ended
    cdef uint8_t* spare
    memset(now, 0, m + 1)
    now[0] = 1
    for t in range(start, length + 1):
        alive = False
        ended = False
        memset(after, 0, m + 1)
        for p in range(m):
            if not now[p]:
                continue
            if quantifiers[p] != ONE:
                # The position may be passed over, at this token or at the end of the text.
                now[p + 1] = 1
            if t == length:
                continue
            fit = fits[p, t]
            if fit:
                alive = True
                if quantifiers[p] == REPEATED:
                    after[p] = 1
                elif p + 1 < m:
                    after[p + 1] = 1
                else:
                    ended = True
        if now[m] and t > start and closed != t:
            emit(found, t, start, t)
        if ended:
            emit(found, t, start, t + 1)
            closed = t + 1
        if not alive:
            return
        spare = now
        now = after
        after = spare


def find(const uint8_t[:, ::1] fits, const uint8_t[::1] quantifiers, const int32_t[::1] starts):
    """All matches of a pattern that begin at the given tokens.

    fits: *Shape: (positions, tokens)*, whether a token fits a position of the pattern.
    quantifiers: *Shape: (positions,)*: 0 exactly once, 1 at most once, 2 any number of times.
    starts: the tokens to begin at.

    Returns an int32 array, *Shape: (matches, 3)*: the token at which the match was certain, start, end.
    """
    cdef vector[int32_t] found
    cdef vector[uint8_t] scratch
    cdef int32_t m = <int32_t>fits.shape[0], n = <int32_t>fits.shape[1]
    cdef Py_ssize_t i
    if m == 0 or n == 0:
        return np.zeros((0, 3), dtype=np.int32)
    scratch.resize(2 * (m + 1))
    with nogil:
        for i in range(starts.shape[0]):
            run_from(found, fits, &quantifiers[0], scratch.data(), scratch.data() + m + 1, starts[i], n)
    result = np.empty((found.size() // 3, 3), dtype=np.int32)
    cdef int32_t[:, ::1] rows = result
    for i in range(rows.shape[0]):
        rows[i, 0] = found[3 * i]
        rows[i, 1] = found[3 * i + 1]
        rows[i, 2] = found[3 * i + 2]
    return result
