# cython: boundscheck=False, wraparound=False, cdivision=True
"""The hidden vectors of states, from what each token adds to them.

Arrays in, arrays out, in C order. Rows of tokens are numbered from 0 in a batch; -1 is a missing token, whose values
stand in row 0 of a table, before those of the first token.
"""
import numpy as np

cimport numpy as cnp
from libc.stdint cimport int32_t, int64_t, uint8_t

cnp.import_array()


cdef extern from "hidden.hh" nogil:
    void sum_rows(const float* table, const int32_t* ids, int64_t n, int64_t places, int64_t width, const float* bias,
                  float* out)
    void add_rows(float* table, const int32_t* ids, int64_t n, int64_t places, int64_t width, const float* values)
    void take_best(const float* sums, int64_t n, int64_t pieces, float* best, uint8_t* which)


def hidden(const float[:, :, ::1] table not None, const int32_t[:, ::1] ids not None, const float[::1] bias not None,
           int64_t pieces):
    """Sum what the feature tokens of each state add, and take the best piece.

    table: *Shape:* (n_tokens + 1, places, width * pieces).
    ids: Rows of tokens. *Shape:* (n, places).
    bias: *Shape:* (width * pieces,).
    pieces: With one piece, negative sums become 0.

    Returns the vectors (n, width), float32, and which piece was taken (n, width), uint8; with one piece, whether the
    sum was let through.
    """
    cdef int64_t n = ids.shape[0], places = table.shape[1], full = table.shape[2]
    if ids.shape[1] != places or bias.shape[0] != full or pieces < 1 or full % pieces:
        raise ValueError("The table, the tokens and the bias do not fit each other.")
    check_rows(ids, table.shape[0] - 1)
    cdef int64_t width = full // pieces
    sums = np.empty((n, full), dtype=np.float32)
    if n == 0 or full == 0:
        return np.empty((n, width), dtype=np.float32), np.empty((n, width), dtype=np.uint8)
    cdef float[:, ::1] sums_view = sums
    with nogil:
        sum_rows(&table[0, 0, 0], &ids[0, 0], n, places, full, &bias[0], &sums_view[0, 0])
    if pieces == 1:
        passed = sums >= 0
        sums *= passed
        return sums, passed.view(np.uint8)
    best = np.empty((n, width), dtype=np.float32)
    which = np.empty((n, width), dtype=np.uint8)
    cdef float[:, ::1] best_view = best
    cdef uint8_t[:, ::1] which_view = which
    with nogil:
        take_best(&sums_view[0, 0], n * width, pieces, &best_view[0, 0], &which_view[0, 0])
    return best, which


def widen(const float[:, ::1] d_hidden not None, const uint8_t[:, ::1] which not None, int64_t pieces):
    """The gradient of the sums (n, width * pieces) from that of the vectors (n, width): the other half of `hidden`."""
    cdef int64_t n = d_hidden.shape[0], width = d_hidden.shape[1], i, j
    if which.shape[0] != n or which.shape[1] != width or pieces < 1:
        raise ValueError("The gradient and the pieces do not fit each other.")
    if pieces == 1:
        return np.asarray(d_hidden) * np.asarray(which)
    out = np.zeros((n, width * pieces), dtype=np.float32)
    cdef float[:, ::1] view = out
    with nogil:
        for i in range(n):
            for j in range(width):
                if which[i, j] < pieces:
                    view[i, j * pieces + which[i, j]] = d_hidden[i, j]
    return out


def add_to_tokens(float[:, :, ::1] table not None, const int32_t[:, ::1] ids not None, const float[:, ::1] values not None):
    """Add the gradient of each state's sums to every token it has, in the token's place.

    table: Changed. *Shape:* (n_tokens + 1, places, width).
    ids: *Shape:* (n, places).
    values: *Shape:* (n, width).
    """
    cdef int64_t n = ids.shape[0], places = table.shape[1], width = table.shape[2]
    if ids.shape[1] != places or values.shape[0] != n or values.shape[1] != width:
        raise ValueError("The table, the tokens and the gradients do not fit each other.")
    check_rows(ids, table.shape[0] - 1)
    if n and width:
        with nogil:
            add_rows(&table[0, 0, 0], &ids[0, 0], n, places, width, &values[0, 0])


cdef int check_rows(const int32_t[:, ::1] ids, int64_t n) except -1:
    cdef int64_t i, j
    for i in range(ids.shape[0]):
        for j in range(ids.shape[1]):
            if ids[i, j] < -1 or ids[i, j] >= n:
                raise IndexError(f"There are {n} tokens; found the row {ids[i, j]}.")
    return 0
