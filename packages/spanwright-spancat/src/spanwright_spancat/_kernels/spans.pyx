# cython: boundscheck=False, wraparound=False, cdivision=True
"""Hidden vectors of spans that may overlap, from the vectors of their tokens, and the gradients' way back.

Arrays in, arrays out, C order. Spans are rows (start, end) of tokens, each of at least one.
"""
import numpy as np

cimport numpy as cnp
from libc.stdint cimport int32_t, int64_t, uint8_t

cnp.import_array()


cdef extern from "spans.h" nogil:
    ctypedef struct SpanBlock:
        const int32_t* starts
        const int32_t* ends
        int64_t n
        int64_t first
        int64_t hidden
        int64_t pieces

    void span_max(const float* x, int64_t width, const int32_t* starts, const int32_t* ends, int64_t n, float* out,
                  int64_t step, int32_t* which)
    void span_ends_and_mean(const float* x, int64_t width, const int32_t* starts, const int32_t* ends, int64_t n, float* out)
    void span_hidden(const SpanBlock* block, float* sums, const float* tables, const double* means, const float* bias,
                     const float* scale, const float* shift, const float* mask, float* y, uint8_t* which, float* normed,
                     float* rstd)
    void span_hidden_back(const SpanBlock* block, const float* dy, const float* mask, const uint8_t* which,
                          const float* normed, const float* rstd, const float* scale, float* row, float* d_sums,
                          float* d_tables, double* d_means, double* d_bias, double* d_scale, double* d_shift)
    void span_max_back(const float* d, int64_t step, int64_t width, const int32_t* which, int64_t n, float* dx)
    void span_ends_and_mean_back(const float* d, int64_t width, const int32_t* starts, const int32_t* ends, int64_t n,
                                 float* dx)
    void running_sums(const float* rows, int64_t step, int64_t n, int64_t columns, double* out)
    void running_sums_back(double* differences, int64_t n, int64_t columns, float* d_rows, int64_t step)
    void keep_first(const int32_t* starts, const int32_t* ends, int64_t n, uint8_t* taken, uint8_t* kept)


cdef int check(const int32_t[::1] starts, const int32_t[::1] ends, int64_t first, int64_t stop) except -1:
    """Raise IndexError for a span that is empty or outside of the rows."""
    cdef int64_t i
    if starts.shape[0] != ends.shape[0]:
        raise ValueError(f"There are {starts.shape[0]} starts and {ends.shape[0]} ends.")
    for i in range(starts.shape[0]):
        if starts[i] < first or ends[i] > stop or ends[i] <= starts[i]:
            raise IndexError(f"The span ({starts[i]}, {ends[i]}) is empty, or not within the rows {first} to {stop}.")
    return 0


def maxima(const float[:, ::1] x not None, const int32_t[::1] starts not None, const int32_t[::1] ends not None,
           bint trace=False):
    """The largest value of each column in each span (n, width), float32.

    x: Token vectors. *Shape:* (n_tokens, width).
    trace: Whether to say, too, in which row it stands (n, width), int32; None otherwise.
    """
    cdef int64_t n = starts.shape[0], width = x.shape[1]
    check(starts, ends, 0, x.shape[0])
    out = np.empty((n, width), dtype=np.float32)
    which = np.empty((n, width), dtype=np.int32) if trace else None
    cdef float[:, ::1] out_view = out
    cdef int32_t[:, ::1] which_view = which
    if n and width:
        with nogil:
            span_max(&x[0, 0], width, &starts[0], &ends[0], n, &out_view[0, 0], width,
                     &which_view[0, 0] if which_view is not None else NULL)
    return out, which


def reductions(const float[:, ::1] x not None, const int32_t[::1] starts not None, const int32_t[::1] ends not None,
               bint trace=False):
    """Last, first, mean and largest values of each span (n, 4 * width), float32; arguments as for `maxima`."""
    cdef int64_t n = starts.shape[0], width = x.shape[1]
    check(starts, ends, 0, x.shape[0])
    out = np.empty((n, 4 * width), dtype=np.float32)
    which = np.empty((n, width), dtype=np.int32) if trace else None
    cdef float[:, ::1] out_view = out
    cdef int32_t[:, ::1] which_view = which
    if n and width:
        with nogil:
            span_ends_and_mean(&x[0, 0], width, &starts[0], &ends[0], n, &out_view[0, 0])
            span_max(&x[0, 0], width, &starts[0], &ends[0], n, &out_view[0, 3 * width], 4 * width,
                     &which_view[0, 0] if which_view is not None else NULL)
    return out, which


def sums_of_means(const float[:, ::1] tables not None):
    """Running sums of the last third of the columns, from a row of zeros on (n + 1, columns / 3), float64."""
    cdef int64_t n = tables.shape[0], columns = tables.shape[1] // 3
    sums = np.zeros((n + 1, columns), dtype=np.float64)
    cdef double[:, ::1] view = sums
    if n and columns:
        with nogil:
            running_sums(&tables[0, 2 * columns], tables.shape[1], n, columns, &view[0, 0])
    return sums


def sums_of_means_back(double[:, ::1] d_means not None, float[:, ::1] d_tables not None):
    """Set the last third of the columns to the gradient that `hidden_back` gave as differences, which are used up.

    d_means: *Shape:* (n + 1, columns). d_tables: *Shape:* (n, 3 * columns).
    """
    cdef int64_t n = d_tables.shape[0], columns = d_means.shape[1]
    if d_means.shape[0] != n + 1 or d_tables.shape[1] != 3 * columns:
        raise ValueError("The tables do not fit the sums.")
    if n and columns:
        with nogil:
            running_sums_back(&d_means[0, 0], n, columns, &d_tables[0, 2 * columns], 3 * columns)


cdef class Trace:
    """What the way back needs of some spans: the winning pieces and the normalised rows."""

    cdef readonly object which
    cdef readonly object normed
    cdef readonly object rstd

    def __init__(self, int64_t n, int64_t hidden):
        self.which = np.empty((n, hidden), dtype=np.uint8)
        self.normed = np.empty((n, hidden), dtype=np.float32)
        self.rstd = np.empty((n,), dtype=np.float32)


def hidden(float[:, ::1] sums not None, const int32_t[::1] starts not None, const int32_t[::1] ends not None,
           const float[::1] bias not None, const float[::1] scale not None, const float[::1] shift not None,
           float[:, ::1] out not None, *, int64_t first=0, const float[:, ::1] tables=None,
           const double[:, ::1] means=None, const float[:, ::1] mask=None, Trace trace=None):
    """Hidden vectors of spans: add up what their tokens give, take the largest piece, normalise.

    sums: What is known of the spans already; overwritten. *Shape:* (n, pieces * hidden), piece after piece.
    starts, ends: The spans. *Shape:* (n,).
    bias: *Shape:* (pieces * hidden,). scale, shift: Of the normalisation. *Shape:* (hidden,).
    out: Is filled with the hidden vectors. *Shape:* (n, hidden).
    first: The token that `tables` and `means` begin with.
    tables: What a token adds as the last and as the first of a span. *Shape:* (tokens, 3 * pieces * hidden); the last
        third is not read.
    means: Running sums of what the tokens of a span add by their mean, from a row of zeros on.
        *Shape:* (tokens + 1, pieces * hidden).
    mask: Of dropout. *Shape:* (n, hidden).
    trace: Is filled for the way back.
    """
    cdef int64_t n = sums.shape[0], columns = sums.shape[1], width = scale.shape[0]
    if (starts.shape[0] != n or ends.shape[0] != n or out.shape[0] != n or out.shape[1] != width or width == 0
            or bias.shape[0] != columns or shift.shape[0] != width or columns == 0 or columns % width or columns // width > 255):
        raise ValueError("The sums, the spans, the weights and the output do not fit each other.")
    if mask is not None and (mask.shape[0] != n or mask.shape[1] != width):
        raise ValueError("The mask does not fit the spans.")
    check_tables(tables, means, columns, starts, ends, first)
    cdef SpanBlock block
    cdef uint8_t[:, ::1] which
    cdef float[:, ::1] normed
    cdef float[::1] rstd
    if n == 0:
        return
    block.starts, block.ends, block.n, block.first = &starts[0], &ends[0], n, first
    block.hidden, block.pieces = width, columns // width
    if trace is not None:
        which, normed, rstd = trace.which, trace.normed, trace.rstd
        if which.shape[0] != n or which.shape[1] != width:
            raise ValueError("The trace does not fit the spans.")
    with nogil:
        span_hidden(
            &block, &sums[0, 0], &tables[0, 0] if tables is not None else NULL,
            &means[0, 0] if tables is not None else NULL, &bias[0], &scale[0], &shift[0],
            &mask[0, 0] if mask is not None else NULL, &out[0, 0], &which[0, 0] if trace is not None else NULL,
            &normed[0, 0] if trace is not None else NULL, &rstd[0] if trace is not None else NULL,
        )


cdef int check_tables(tables, means, int64_t columns, const int32_t[::1] starts, const int32_t[::1] ends,
                      int64_t first) except -1:
    if (tables is None) != (means is None):
        raise ValueError("The tables and the means come together.")
    if tables is not None:
        if tables.shape[1] != 3 * columns or means.shape[1] != columns or means.shape[0] != tables.shape[0] + 1:
            raise ValueError("The tables do not fit the sums.")
        check(starts, ends, first, first + tables.shape[0])
    return 0


def hidden_back(const float[:, ::1] dy not None, Trace trace not None, int64_t pieces,
                const int32_t[::1] starts not None, const int32_t[::1] ends not None, const float[::1] scale not None,
                double[::1] d_bias not None, double[::1] d_scale not None, double[::1] d_shift not None, *,
                int64_t first=0, float[:, ::1] d_tables=None, double[:, ::1] d_means=None,
                const float[:, ::1] mask=None):
    """The gradient of the sums (n, pieces * hidden), float32, from that of the hidden vectors: the way back of `hidden`.

    dy: Gradient of the hidden vectors. *Shape:* (n, hidden).
    d_bias, d_scale, d_shift: Are added to.
    d_tables, d_means: Are added to. What `d_means` holds are differences: its running sum is the gradient.
    """
    cdef int64_t n = dy.shape[0], width = dy.shape[1], columns = width * pieces
    cdef const uint8_t[:, ::1] which = trace.which
    cdef const float[:, ::1] normed = trace.normed
    cdef const float[::1] rstd = trace.rstd
    if (which.shape[0] != n or which.shape[1] != width or starts.shape[0] != n or ends.shape[0] != n or pieces < 1
            or scale.shape[0] != width or d_bias.shape[0] != columns or d_scale.shape[0] != width
            or d_shift.shape[0] != width):
        raise ValueError("The gradient, the trace and the weights do not fit each other.")
    if mask is not None and (mask.shape[0] != n or mask.shape[1] != width):
        raise ValueError("The mask does not fit the spans.")
    if n and np.max(trace.which) >= pieces:
        raise ValueError("The trace is of more pieces.")
    check_tables(d_tables, d_means, columns, starts, ends, first)
    d_sums = np.zeros((n, columns), dtype=np.float32)
    if n == 0 or width == 0:
        return d_sums
    cdef float[:, ::1] d_view = d_sums
    cdef float[::1] row = np.empty((width,), dtype=np.float32)
    cdef SpanBlock block
    block.starts, block.ends, block.n, block.first = &starts[0], &ends[0], n, first
    block.hidden, block.pieces = width, pieces
    with nogil:
        span_hidden_back(
            &block, &dy[0, 0], &mask[0, 0] if mask is not None else NULL, &which[0, 0], &normed[0, 0], &rstd[0], &scale[0],
            &row[0], &d_view[0, 0], &d_tables[0, 0] if d_tables is not None else NULL,
            &d_means[0, 0] if d_tables is not None else NULL, &d_bias[0], &d_scale[0], &d_shift[0],
        )
    return d_sums


def maxima_back(const float[:, ::1] d not None, const int32_t[:, ::1] which not None, float[:, ::1] dx not None):
    """Add gradients of maxima to those of the tokens they came from.

    d: *Shape:* (n, width). which: As `maxima` gave it. dx: Is added to. *Shape:* (n_tokens, width).
    """
    cdef int64_t n = d.shape[0], width = dx.shape[1]
    check_which(which, n, width, dx.shape[0])
    if d.shape[1] != width:
        raise ValueError("The gradients do not fit each other.")
    if n and width:
        with nogil:
            span_max_back(&d[0, 0], width, width, &which[0, 0], n, &dx[0, 0])


def reductions_back(const float[:, ::1] d not None, const int32_t[::1] starts not None, const int32_t[::1] ends not None,
                    const int32_t[:, ::1] which not None, float[:, ::1] dx not None):
    """Add gradients of `reductions` to those of the tokens: the way back.

    d: *Shape:* (n, 4 * width). dx: Is added to. *Shape:* (n_tokens, width).
    """
    cdef int64_t n = d.shape[0], width = dx.shape[1]
    check(starts, ends, 0, dx.shape[0])
    check_which(which, n, width, dx.shape[0])
    if d.shape[1] != 4 * width or starts.shape[0] != n:
        raise ValueError("The gradients do not fit each other.")
    if n and width:
        with nogil:
            span_ends_and_mean_back(&d[0, 0], width, &starts[0], &ends[0], n, &dx[0, 0])
            span_max_back(&d[0, 3 * width], 4 * width, width, &which[0, 0], n, &dx[0, 0])


cdef int check_which(const int32_t[:, ::1] which, int64_t n, int64_t width, int64_t rows) except -1:
    cdef int64_t i, j
    if which.shape[0] != n or which.shape[1] != width:
        raise ValueError("The rows of the maxima do not fit the gradient.")
    for i in range(n):
        for j in range(width):
            if which[i, j] < 0 or which[i, j] >= rows:
                raise IndexError(f"There are {rows} rows; found the row {which[i, j]}.")
    return 0


def without_overlap(const int32_t[::1] starts not None, const int32_t[::1] ends not None, int64_t n_tokens):
    """Which spans to keep (n,), bool: each that shares no token with an earlier one that is kept.

    starts, ends: The spans, the most important first. n_tokens: Tokens of the Doc.
    """
    cdef int64_t n = starts.shape[0]
    check(starts, ends, 0, n_tokens)
    kept = np.zeros((n,), dtype=np.uint8)
    cdef uint8_t[::1] kept_view = kept
    cdef uint8_t[::1] taken = np.zeros((n_tokens + 1,), dtype=np.uint8)
    if n:
        with nogil:
            keep_first(&starts[0], &ends[0], n, &taken[0], &kept_view[0])
    return kept.view(np.bool_)
