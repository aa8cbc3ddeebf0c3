# cython: boundscheck=False, wraparound=False, cdivision=True
"""Hash embedding on the distinct values of a batch, and the maxout layer that mixes the embeddings of a token.

Arrays in, arrays out, in C order.
"""
import numpy as np

cimport numpy as cnp
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

cnp.import_array()


cdef extern from "hash_embed.h" nogil:
    void c_hash_rows "hash_rows"(const uint64_t* ids, int64_t n, uint32_t seed, uint32_t n_rows, int32_t* rows)
    void c_gather_sum "gather_sum"(const float* table, const int32_t* rows, int64_t n, int64_t width, float* out)
    void c_add_rows "add_rows"(const float* source, const int32_t* index, int64_t n, int64_t width, int64_t repeat,
                               float* to)
    int64_t c_number_rows "number_rows"(const uint64_t* matrix, int64_t n, int64_t columns, int32_t* slots, int64_t size,
                                        int32_t* first, int32_t* inverse)
    void c_mix_parts "mix_parts"(const float** parts, int64_t n_parts, const int32_t* index, const float* bias, int64_t n,
                                 int64_t width, int64_t pieces, const float* scale, const float* shift, float* sums,
                                 float* y, uint8_t* which, float* normed, float* rstd_out)


def unique_rows(const uint64_t[:, ::1] matrix not None):
    """The distinct rows of a matrix in order of appearance.

    Returns the positions of their first appearances (distinct,) and for each row the number of its like (n,), int32.
    """
    cdef int64_t n = matrix.shape[0], columns = matrix.shape[1], size = 16, count
    while size < 2 * n:
        size *= 2
    first = np.empty(n, dtype=np.int32)
    inverse = np.empty(n, dtype=np.int32)
    if n == 0:
        return first, inverse
    if columns == 0:
        return np.zeros(1, dtype=np.int32), np.zeros(n, dtype=np.int32)
    cdef int32_t[::1] slots = np.full(size, -1, dtype=np.int32)
    cdef int32_t[::1] first_view = first
    cdef int32_t[::1] inverse_view = inverse
    with nogil:
        count = c_number_rows(&matrix[0, 0], n, columns, &slots[0], size, &first_view[0], &inverse_view[0])
    return first[:count], inverse


def hash_rows(const uint64_t[::1] ids not None, uint32_t seed, uint32_t n_rows):
    """The four table rows of each id. *Shape:* (n,) to (n, 4), int32."""
    cdef int64_t n = ids.shape[0]
    if n_rows == 0:
        raise ValueError("A table needs a row.")
    rows = np.empty((n, 4), dtype=np.int32)
    cdef int32_t[:, ::1] view = rows
    if n:
        with nogil:
            c_hash_rows(&ids[0], n, seed, n_rows, &view[0, 0])
    return rows


def gather_sum(const float[:, ::1] table not None, const int32_t[:, ::1] rows not None):
    """The sum of the four rows of each line. *Shape:* (n_rows, width) and (n, 4) to (n, width)."""
    cdef int64_t n = rows.shape[0], width = table.shape[1]
    _check_index(rows, table.shape[0])
    if rows.shape[1] != 4:
        raise ValueError("Four rows make an embedding.")
    out = np.empty((n, width), dtype=np.float32)
    cdef float[:, ::1] view = out
    if n and width:
        with nogil:
            c_gather_sum(&table[0, 0], &rows[0, 0], n, width, &view[0, 0])
    return out


def add_rows(float[:, ::1] to not None, const int32_t[:, ::1] index not None, const float[:, ::1] values not None):
    """Add each row of `values` (n, width) to the rows of `to` that its line of `index` (n, times) names."""
    cdef int64_t n = index.shape[0], times = index.shape[1], width = to.shape[1]
    _check_index(index, to.shape[0])
    if values.shape[0] != n or values.shape[1] != width:
        raise ValueError("As many rows as indices, as wide as the target.")
    if n and times and width:
        with nogil:
            c_add_rows(&values[0, 0], &index[0, 0], n * times, width, times, &to[0, 0])


def mix(list parts, const int32_t[:, ::1] index not None, const float[:, ::1] bias not None,
        const float[::1] scale not None, const float[::1] shift not None, bint trace=False):
    """Sum of one row of every part and the bias; the largest piece; layer normalisation.

    parts: for each part the rows to choose from. *Shape:* (values, width * pieces).
    index: which row of each part. *Shape:* (n, parts).
    bias: *Shape:* (width, pieces). scale, shift: of the normalisation. *Shape:* (width,).
    Returns y (n, width) and, with trace, also the winning pieces (uint8), the normalised rows and one over the standard
    deviation of each; else three times None.
    """
    cdef int64_t n = index.shape[0], n_parts = index.shape[1], width = bias.shape[0], pieces = bias.shape[1], a
    cdef const float[:, ::1] part
    cdef const float** data
    y = np.empty((n, width), dtype=np.float32)
    which = np.empty((n, width), dtype=np.uint8) if trace else None
    normed = np.empty((n, width), dtype=np.float32) if trace else None
    rstd = np.empty(n, dtype=np.float32) if trace else None
    if len(parts) != n_parts or scale.shape[0] != width or shift.shape[0] != width:
        raise ValueError("The parts do not fit the layer.")
    if n == 0:
        return y, which, normed, rstd
    cdef float[::1] sums = np.empty(pieces * width, dtype=np.float32)
    cdef float[:, ::1] y_view = y
    cdef uint8_t[:, ::1] which_view
    cdef float[:, ::1] normed_view
    cdef float[::1] rstd_view
    cdef uint8_t* which_data = NULL
    cdef float* normed_data = NULL
    cdef float* rstd_data = NULL
    if trace:
        which_view, normed_view, rstd_view = which, normed, rstd
        which_data, normed_data, rstd_data = &which_view[0, 0], &normed_view[0, 0], &rstd_view[0]
    data = <const float**>malloc(n_parts * sizeof(float*))
    if data == NULL:
        raise MemoryError()
    try:
        for a in range(n_parts):
            part = parts[a]
            if part.shape[1] != width * pieces:
                raise ValueError("The parts do not fit the layer.")
            _check_index(index[:, a : a + 1], part.shape[0])
            data[a] = &part[0, 0]
        with nogil:
            c_mix_parts(data, n_parts, &index[0, 0], &bias[0, 0], n, width, pieces, &scale[0], &shift[0], &sums[0],
                        &y_view[0, 0], which_data, normed_data, rstd_data)
    finally:
        free(data)
    return y, which, normed, rstd


cdef int _check_index(const int32_t[:, :] index, int64_t n) except -1:
    """Nothing may be read or written outside of a table."""
    cdef int64_t i, j
    cdef int32_t least = 0, most = -1
    for i in range(index.shape[0]):
        for j in range(index.shape[1]):
            least = min(least, index[i, j])
            most = max(most, index[i, j])
    if least < 0 or most >= n:
        raise IndexError(f"Rows {least} to {most} of a table of {n}.")
    return 0
