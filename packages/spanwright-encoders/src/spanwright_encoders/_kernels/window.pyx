# cython: boundscheck=False, wraparound=False, cdivision=True
"""Convolution over a window of rows, maxout, layer normalisation and residual connection in one pass.

Arrays in, arrays out, float32, C order. A buffer of rows has `guard(window_size)` rows after its last and `window_size`
before its first; those before and the first `window_size` after hold zeros.
"""
import numpy as np

cimport numpy as cnp
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcmp

cnp.import_array()


cdef extern from "window.h" nogil:
    int MAX_PIECES
    int MAX_ROWS
    ctypedef struct WindowLayer:
        const float* weights
        const float* bias
        const float* scale
        const float* shift
        int64_t width
        int64_t window
        int64_t centre
        int64_t panels
        int pieces

    ctypedef struct WindowOutput:
        float* y
        const float* mask
        uint8_t* which
        float* normed
        float* rstd
        float* scratch
        uint8_t* which_scratch

    int best_lanes()
    void window_layer(int lanes, const WindowLayer* layer, const float* x, const WindowOutput* out, int64_t n)
    void pack_window(const float* weights, const float* bias, int64_t width, int64_t pieces, int64_t window, int64_t lanes,
                     float* packed, float* packed_bias)
    void window_backward(int64_t n, int64_t width, int64_t pieces, const float* dy, const float* mask,
                         const float* normed, const float* rstd, const float* scale, const uint8_t* which, float* row,
                         float* dz, float* d_scale, float* d_shift, float* d_bias)


LARGEST_PIECES = MAX_PIECES
_LANES = best_lanes()


def lanes():
    """Floats in a vector of the unit that is used: 16, 8 or 4."""
    return _LANES


def guard(int window_size):
    """Rows that a buffer must have after the last one."""
    return window_size + MAX_ROWS


cdef class Packed:
    """The weights of one layer in the order that the kernel reads them, and a copy to tell whether they changed."""

    cdef readonly int64_t width
    cdef readonly int64_t pieces
    cdef readonly int64_t window
    cdef int lanes
    cdef object source
    cdef object bias_source
    cdef float[::1] weights
    cdef float[::1] bias

    def __init__(self, cnp.ndarray weights, cnp.ndarray bias, lanes=None):
        """weights: (width, pieces, window); bias: (width, pieces)."""
        cdef cnp.ndarray w = np.ascontiguousarray(weights, dtype=np.float32)
        cdef cnp.ndarray b = np.ascontiguousarray(bias, dtype=np.float32)
        cdef int64_t panels
        self.lanes = lanes or _LANES
        if self.lanes not in (4, 8, 16) or self.lanes > _LANES:
            raise ValueError(f"This processor's vectors have {_LANES} floats, not {self.lanes}.")
        self.width, self.pieces, self.window = weights.shape[0], weights.shape[1], weights.shape[2]
        if self.pieces > MAX_PIECES:
            raise ValueError(f"At most {MAX_PIECES} pieces, not {self.pieces}.")
        self.source, self.bias_source = w.copy(), b.copy()
        panels = (self.width + self.lanes - 1) // self.lanes
        self.weights = np.empty(panels * self.lanes * self.pieces * self.window, dtype=np.float32)
        self.bias = np.empty(panels * self.lanes * self.pieces, dtype=np.float32)
        cdef const float* w_data = <const float*>w.data
        cdef const float* b_data = <const float*>b.data
        with nogil:
            pack_window(w_data, b_data, self.width, self.pieces, self.window, self.lanes,
                        &self.weights[0], &self.bias[0])

    def is_of(self, cnp.ndarray weights, cnp.ndarray bias):
        """Whether these are, bit by bit, the weights that were packed."""
        cdef cnp.ndarray source = self.source
        cdef cnp.ndarray bias_source = self.bias_source
        if not (weights.flags.c_contiguous and bias.flags.c_contiguous
                and weights.dtype == np.float32 and bias.dtype == np.float32
                and (<object>weights).shape == (<object>source).shape
                and (<object>bias).shape == (<object>bias_source).shape):
            return False
        cdef const char* a = <const char*>weights.data
        cdef const char* b = <const char*>source.data
        cdef size_t n = weights.nbytes
        cdef const char* c = <const char*>bias.data
        cdef const char* d = <const char*>bias_source.data
        cdef size_t m = bias.nbytes
        cdef bint same
        with nogil:
            same = memcmp(a, b, n) == 0 and memcmp(c, d, m) == 0
        return same


cdef class Trace:
    """What a layer's backward pass needs of its forward pass."""

    cdef public object which
    cdef public object normed
    cdef public object rstd
    cdef public object mask

    def __init__(self, int64_t n, int64_t width, mask=None):
        self.which = np.empty((n, width), dtype=np.uint8)
        self.normed = np.empty((n, width), dtype=np.float32)
        self.rstd = np.empty(n, dtype=np.float32)
        self.mask = mask


def forward(float[:, ::1] x not None, int64_t n, int64_t window_size, Packed packed not None,
            const float[::1] scale not None, const float[::1] shift not None, float[:, ::1] y not None,
            Trace trace=None):
    """Run one layer.

    x: the buffer that comes in; n of its rows count. *Shape:* (window_size + n + guard(window_size), width).
    scale, shift: of the normalisation. *Shape:* (width,).
    y: the buffer to write to, of the shape of x; its rows that do not count are left alone.
    trace: if given, takes what `backward` needs, and its mask (dropout) is applied.
    """
    cdef int64_t width = packed.width
    cdef int64_t rows = window_size + n + guard(window_size)
    if (x.shape[0] < rows or y.shape[0] < rows or x.shape[1] != width or y.shape[1] != width
            or scale.shape[0] != width or shift.shape[0] != width
            or packed.window != (2 * window_size + 1) * width):
        raise ValueError("The buffers do not fit the layer.")
    cdef WindowLayer layer
    cdef WindowOutput out
    layer.weights, layer.bias = &packed.weights[0], &packed.bias[0]
    layer.scale, layer.shift = &scale[0], &shift[0]
    layer.width, layer.window, layer.pieces = width, packed.window, packed.pieces
    layer.centre = window_size * width
    layer.panels = (width + packed.lanes - 1) // packed.lanes
    cdef float[::1] scratch = np.zeros(MAX_ROWS * layer.panels * packed.lanes, dtype=np.float32)
    out.scratch = &scratch[0]
    out.y = &y[window_size, 0]
    out.mask = NULL
    out.which = NULL
    out.normed = NULL
    out.rstd = NULL
    out.which_scratch = NULL
    cdef uint8_t[::1] which_scratch
    cdef uint8_t[:, ::1] which
    cdef float[:, ::1] normed
    cdef float[::1] rstd
    cdef const float[:, ::1] mask
    if trace is not None and n:
        which, normed, rstd = trace.which, trace.normed, trace.rstd
        if which.shape[0] < n or normed.shape[0] < n or rstd.shape[0] < n or which.shape[1] != width:
            raise ValueError("The trace does not fit the layer.")
        which_scratch = np.zeros(MAX_ROWS * layer.panels * packed.lanes, dtype=np.uint8)
        out.which_scratch = &which_scratch[0]
        out.which, out.normed, out.rstd = &which[0, 0], &normed[0, 0], &rstd[0]
        if trace.mask is not None:
            mask = trace.mask
            if mask.shape[0] != n or mask.shape[1] != width:
                raise ValueError("The mask does not fit the layer.")
            out.mask = &mask[0, 0]
    cdef int unit = packed.lanes
    cdef const float* start = &x[0, 0]
    with nogil:
        window_layer(unit, &layer, start, &out, n)


def backward(const float[:, ::1] dy not None, Trace trace not None, const float[::1] scale not None, int64_t pieces):
    """The gradient of the sums before maxout, and of the layer's bias, scale and shift.

    dy: gradient of what the layer added to its input. *Shape:* (n, width).
    Returns dz (n, width * pieces), d_bias (width, pieces), d_scale (width,), d_shift (width,).
    """
    cdef int64_t n = dy.shape[0], width = dy.shape[1]
    dz = np.empty((n, width * pieces), dtype=np.float32)
    d_bias = np.zeros((width, pieces), dtype=np.float32)
    d_scale = np.zeros(width, dtype=np.float32)
    d_shift = np.zeros(width, dtype=np.float32)
    if n == 0:
        return dz, d_bias, d_scale, d_shift
    cdef float[:, ::1] dz_view = dz
    cdef float[:, ::1] d_bias_view = d_bias
    cdef float[::1] d_scale_view = d_scale
    cdef float[::1] d_shift_view = d_shift
    cdef float[::1] row = np.empty(width, dtype=np.float32)
    cdef const uint8_t[:, ::1] which = trace.which
    cdef const float[:, ::1] normed = trace.normed
    cdef const float[::1] rstd = trace.rstd
    cdef const float[:, ::1] mask
    cdef const float* mask_data = NULL
    if which.shape[0] < n or scale.shape[0] != width or which.shape[1] != width:
        raise ValueError("The trace does not fit the gradient.")
    if trace.mask is not None:
        mask = trace.mask
        mask_data = &mask[0, 0]
    with nogil:
        window_backward(n, width, pieces, &dy[0, 0], mask_data, &normed[0, 0], &rstd[0], &scale[0], &which[0, 0],
                        &row[0], &dz_view[0, 0], &d_scale_view[0], &d_shift_view[0], &d_bias_view[0, 0])
    return dz, d_bias, d_scale, d_shift
