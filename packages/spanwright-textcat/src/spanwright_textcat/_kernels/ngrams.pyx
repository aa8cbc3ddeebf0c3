# cython: boundscheck=False, wraparound=False, cdivision=True
"""N-grams of the Docs of a batch, a linear layer on their hashes, and the optimizer's step for its weights.

Arrays in, arrays out, in C order.
"""
import numpy as np

cimport numpy as cnp
from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cnp.import_array()


cdef extern from "ngrams.hh" namespace "textcat" nogil:
    cdef struct Step:
        float scale
        float beta1
        float beta2
        float eps
        float rate
        float decay
        float average
    int64_t c_count_ngrams "textcat::count_ngrams"(
        const uint64_t* ids, const int32_t* lengths, int64_t n_docs, int64_t size, uint64_t* keys, float* counts,
        int32_t* found) except +
    void c_find_slots "textcat::find_slots"(const uint64_t* keys, int64_t n, uint32_t size, bint v1, uint32_t* slots)
    void c_score "textcat::score"(
        const uint32_t* slots, const float* values, const int32_t* lengths, int64_t n_docs, int64_t n_labels,
        int64_t size, bint v1, int64_t n, const float* W, float* scores) except +
    void c_add_gradient "textcat::add_gradient"(
        const uint32_t* slots, const float* values, const int32_t* lengths, int64_t n_docs, int64_t n_labels,
        int64_t size, bint v1, const float* d_scores, float* dW)
    double c_squares "textcat::squares"(const float* values, int64_t n)
    void c_adam "textcat::adam"(
        float* W, float* dW, float* mom1, float* mom2, float* averages, int64_t n, Step step)


def count_ngrams(const uint64_t[::1] ids not None, const int32_t[::1] lengths not None, int64_t size):
    """The distinct 1-grams to `size`-grams of each Doc, in the order of their ids, and how often each occurs.

    ids: Of the tokens of all Docs. *Shape:* (tokens,).
    lengths: Tokens of each Doc. *Shape:* (Docs,).
    Returns keys (uint64), counts (float32), and the number of keys of each Doc (int32).
    """
    cdef int64_t n_docs = lengths.shape[0], room = 0, tokens = 0, n, doc, count
    for doc in range(n_docs):
        if lengths[doc] < 0:
            raise ValueError("A Doc cannot have fewer than 0 tokens.")
        tokens += lengths[doc]
        room += lengths[doc]
        for n in range(2, size + 1):
            if lengths[doc] < n:
                break
            room += lengths[doc] - n + 1
    if tokens != ids.shape[0]:
        raise ValueError("The lengths must add up to the number of ids.")
    keys = np.empty(room, dtype=np.uint64)
    counts = np.empty(room, dtype=np.float32)
    found = np.zeros(n_docs, dtype=np.int32)
    if room == 0:
        return keys, counts, found
    cdef uint64_t[::1] key_view = keys
    cdef float[::1] count_view = counts
    cdef int32_t[::1] found_view = found
    with nogil:
        count = c_count_ngrams(&ids[0], &lengths[0], n_docs, size, &key_view[0], &count_view[0], &found_view[0])
    return keys[:count], counts[:count], found


def find_slots(const uint64_t[::1] keys not None, uint32_t size, bint v1):
    """The two places of each key in a table. *Shape:* (n,) to (n, 2), uint32.

    size: Places of the table.
    v1: Take the lowest bits of the hash instead of the remainder, as the first version of the layer did.
    """
    cdef int64_t n = keys.shape[0]
    if size == 0:
        raise ValueError("A table needs a place.")
    slots = np.empty((n, 2), dtype=np.uint32)
    cdef uint32_t[:, ::1] view = slots
    if n:
        with nogil:
            c_find_slots(&keys[0], n, size, v1, &view[0, 0])
    return slots


cdef int _check(const uint32_t[:, ::1] slots, const float[::1] values, const int32_t[::1] lengths, int64_t n_weights,
                int64_t n_labels, int64_t size) except -1:
    cdef int64_t total = 0, i
    for i in range(lengths.shape[0]):
        if lengths[i] < 0:
            raise ValueError("A Doc cannot have fewer than 0 n-grams.")
        total += lengths[i]
    if slots.shape[1] != 2 or slots.shape[0] != values.shape[0] or total != values.shape[0]:
        raise ValueError("Two slots and one value for each n-gram of each Doc.")
    if n_weights != n_labels * size:
        raise ValueError("One weight for each label and place.")
    for i in range(slots.shape[0]):
        if slots[i, 0] >= size or slots[i, 1] >= size:
            raise ValueError("A slot lies outside of the table.")
    return 0


def scores(const uint32_t[:, ::1] slots not None, const float[::1] values not None,
           const int32_t[::1] lengths not None, const float[::1] W not None, const float[::1] b not None, bint v1):
    """Bias plus the weights of each Doc's n-grams. *Shape:* (Docs, labels), float32.

    slots, values: Two places and the count of each n-gram. *Shape:* (n, 2) and (n,).
    lengths: N-grams of each Doc. *Shape:* (Docs,).
    W: Weights by label and place (v1: places overlap). *Shape:* (labels * places,). b: *Shape:* (labels,).
    """
    cdef int64_t n_docs = lengths.shape[0], n_labels = b.shape[0]
    out = np.empty((n_docs, n_labels), dtype=np.float32)
    if n_docs == 0 or n_labels == 0:
        return out
    cdef int64_t size = W.shape[0] // n_labels
    _check(slots, values, lengths, W.shape[0], n_labels, size)
    if v1:
        _check_v1(slots, W.shape[0], n_labels)
    out[:] = b
    cdef float[:, ::1] view = out
    if values.shape[0]:
        with nogil:
            c_score(&slots[0, 0], &values[0], &lengths[0], n_docs, n_labels, size, v1, values.shape[0], &W[0],
                    &view[0, 0])
    return out


cdef int _check_v1(const uint32_t[:, ::1] slots, int64_t n_weights, int64_t n_labels) except -1:
    cdef int64_t i
    for i in range(slots.shape[0]):
        if slots[i, 0] + n_labels > n_weights or slots[i, 1] + n_labels > n_weights:
            raise ValueError("A slot lies outside of the table.")
    return 0


def add_gradient(const uint32_t[:, ::1] slots not None, const float[::1] values not None,
                 const int32_t[::1] lengths not None, const float[:, ::1] d_scores not None, float[::1] dW not None,
                 bint v1):
    """Add the gradient of the weights to dW. Arguments as for `scores`. d_scores: *Shape:* (Docs, labels)."""
    cdef int64_t n_docs = lengths.shape[0], n_labels = d_scores.shape[1]
    if d_scores.shape[0] != n_docs:
        raise ValueError("One row of gradients for each Doc.")
    if n_docs == 0 or n_labels == 0 or values.shape[0] == 0:
        return
    cdef int64_t size = dW.shape[0] // n_labels
    _check(slots, values, lengths, dW.shape[0], n_labels, size)
    if v1:
        _check_v1(slots, dW.shape[0], n_labels)
    with nogil:
        c_add_gradient(&slots[0, 0], &values[0], &lengths[0], n_docs, n_labels, size, v1, &d_scores[0, 0], &dW[0])


def norm(const float[::1] values not None):
    """The length of a vector, most of which is 0."""
    cdef double total = 0
    if values.shape[0]:
        with nogil:
            total = c_squares(&values[0], values.shape[0])
    return sqrt(total)


def adam(float[::1] W not None, float[::1] dW not None, float[::1] mom1 not None, float[::1] mom2 not None,
         float[::1] averages, *, float scale, float beta1, float beta2, float eps, float rate, float decay,
         float average):
    """One step of Adam, in place; the gradient is 0 afterwards. All arrays have one length.

    scale: Of the gradient, to clip it. rate: Learning rate, corrected for the bias of the momenta.
    decay: Part of the weight that is taken off after the step. average: Weight of the new value in the averages (if any).
    """
    cdef int64_t n = W.shape[0]
    cdef float* kept = NULL
    cdef Step step
    if not n == dW.shape[0] == mom1.shape[0] == mom2.shape[0]:
        raise ValueError("Weights, gradient and momenta must have one length.")
    if averages is not None:
        if averages.shape[0] != n:
            raise ValueError("Weights and averages must have one length.")
        if n:
            kept = &averages[0]
    step.scale, step.beta1, step.beta2, step.eps = scale, beta1, beta2, eps
    step.rate, step.decay, step.average = rate, decay, average
    if n:
        with nogil:
            c_adam(&W[0], &dW[0], &mom1[0], &mom2[0], kept, n, step)
