# cython: boundscheck=False, wraparound=False, cdivision=True
# distutils: language = c++
"""Steps of beam search, for many Docs at once. Arrays in, arrays out, in C order; see beam.hh."""
import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy
from libcpp.vector cimport vector


cdef extern from "beam.hh" namespace "spanwright" nogil:
    cppclass Continuation:
        float total
        int32_t parent
        int32_t move

    int32_t continue_beam(
        const float* totals, const int32_t* rows, int32_t size, const float* scores, const uint8_t* valid,
        int32_t n_moves, int64_t step, double density, int32_t width, vector[Continuation]& found
    )
    void place(
        const int32_t* parents, int32_t n, int32_t* where, int32_t width, vector[int32_t]& copies,
        vector[int32_t]& before, vector[uint8_t]& used
    )


def step(
    const float[:, ::1] totals not None, const int32_t[:, ::1] rows not None, const int32_t[::1] sizes not None,
    const uint8_t[::1] done not None, const float[:, ::1] scores not None, const uint8_t[:, ::1] valid not None,
    int32_t[:, ::1] where not None, int64_t number, double density,
):
    """Continue the beams of Docs by one move.

    totals: what the candidates have scored so far. *Shape:* (n_docs, width).
    rows: their rows of `scores` and `valid`, -1 for those at their ends. *Shape:* (n_docs, width).
    sizes: numbers of candidates, each at least 1. *Shape:* (n_docs,).
    done: Docs that stay as they are. *Shape:* (n_docs,).
    scores, valid: *shape* (n_rows, n_moves).
    where: the state of each candidate, then those that are free; changed in place. *Shape:* (n_docs, width).
    number: how many moves were made before.
    density: the least probability of a candidate, against the best one's.

    Returns parents (n_docs, width), moves (-1: carried on), totals, sizes (0 where nothing was possible: then `where`
    is as it was), and the states to copy, as pairs.
    """
    cdef int64_t n_docs = totals.shape[0], i
    cdef int32_t width = <int32_t>totals.shape[1], n_moves = <int32_t>scores.shape[1], size, j
    if (
        rows.shape[0] != n_docs or rows.shape[1] != width or sizes.shape[0] != n_docs or done.shape[0] != n_docs
        or where.shape[0] != n_docs or where.shape[1] != width or width < 1
        or valid.shape[0] != scores.shape[0] or valid.shape[1] != n_moves
    ):
        raise ValueError("The arrays of a beam search do not fit each other.")
    for i in range(n_docs):
        if not 1 <= sizes[i] <= width:
            raise ValueError(f"Doc {i} has {sizes[i]} candidates in a beam of {width}.")
        for j in range(sizes[i]):
            if not -1 <= rows[i, j] < scores.shape[0]:
                raise ValueError(f"There are no scores for candidate {j} of Doc {i}.")
    cdef int32_t[:, ::1] parents = np.zeros((n_docs, width), dtype="int32")
    cdef int32_t[:, ::1] moves = np.full((n_docs, width), -1, dtype="int32")
    cdef float[:, ::1] new_totals = np.zeros((n_docs, width), dtype="float32")
    cdef int32_t[::1] new_sizes = np.array(sizes, dtype="int32")
    cdef vector[int32_t] copies, before
    cdef vector[uint8_t] used
    cdef vector[Continuation] found
    cdef const float* c_scores = &scores[0, 0] if scores.shape[0] and n_moves else NULL
    cdef const uint8_t* c_valid = &valid[0, 0] if scores.shape[0] and n_moves else NULL
    with nogil:
        for i in range(n_docs):
            size = 0
            if not done[i]:
                size = continue_beam(
                    &totals[i, 0], &rows[i, 0], sizes[i], c_scores, c_valid, n_moves, number, density, width, found
                )
                new_sizes[i] = size
            if size == 0:
                for j in range(sizes[i]):
                    parents[i, j] = j
                    new_totals[i, j] = totals[i, j]
                continue
            for j in range(size):
                parents[i, j], moves[i, j], new_totals[i, j] = found[j].parent, found[j].move, found[j].total
            place(&parents[i, 0], size, &where[i, 0], width, copies, before, used)
    pairs = np.empty((copies.size() // 2, 2), dtype="int32")
    cdef int32_t[:, ::1] c_pairs = pairs
    cdef size_t k
    for k in range(copies.size()):
        c_pairs[<int64_t>(k // 2), <int64_t>(k % 2)] = copies[k]
    return parents.base, moves.base, new_totals.base, new_sizes.base, pairs


def copy_stretches(
    int32_t[:, ::1] columns not None, const int64_t[::1] source not None, const int64_t[::1] target not None,
    const int64_t[::1] lengths not None,
):
    """Copy stretches of all columns to other places in them; sources and targets may not overlap."""
    cdef int64_t n = source.shape[0], i, column, size = columns.shape[1]
    if target.shape[0] != n or lengths.shape[0] != n:
        raise ValueError("Each stretch needs a source, a target and a length.")
    for i in range(n):
        if (
            lengths[i] < 0 or source[i] < 0 or target[i] < 0 or lengths[i] > size - source[i]
            or lengths[i] > size - target[i]
        ):
            raise IndexError(f"Stretch {i} lies outside of the columns.")
    with nogil:
        for i in range(n):
            if lengths[i]:
                for column in range(columns.shape[0]):
                    memcpy(&columns[column, target[i]], &columns[column, source[i]], lengths[i] * sizeof(int32_t))


def copy_flags(
    uint8_t[::1] flags not None, const int64_t[::1] source not None, const int64_t[::1] target not None,
    const int64_t[::1] lengths not None,
):
    """The same for one column of bytes."""
    cdef int64_t n = source.shape[0], i, size = flags.shape[0]
    if target.shape[0] != n or lengths.shape[0] != n:
        raise ValueError("Each stretch needs a source, a target and a length.")
    for i in range(n):
        if (
            lengths[i] < 0 or source[i] < 0 or target[i] < 0 or lengths[i] > size - source[i]
            or lengths[i] > size - target[i]
        ):
            raise IndexError(f"Stretch {i} lies outside of the column.")
    with nogil:
        for i in range(n):
            if lengths[i]:
                memcpy(&flags[target[i]], &flags[source[i]], lengths[i])
