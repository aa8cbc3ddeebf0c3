# cython: boundscheck=False, wraparound=False
"""Edit distance between two texts."""

from libc.stdlib cimport free, malloc


def levenshtein(str a not None, str b not None, k=None):
    """The number of characters to insert, delete or replace to turn one text into the other.

    a, b: the texts.
    k: stop as soon as the distance is known to be larger than this; None or -1 never stops early.

    Returns the distance, or `k + 1` where it is larger than `k`.
    """
    cdef int most = -1 if k is None else k
    cdef str first = a, second = b
    cdef Py_ssize_t n = len(first), m = len(second), i, j
    if n < m:
        first, second, n, m = second, first, m, n
    if most >= 0 and n - m > most:
        return most + 1
    if m == 0:
        return n
    cdef int* row = <int*>malloc((m + 1) * sizeof(int))
    if row == NULL:
        raise MemoryError()
    cdef int diagonal, above, best, lowest
    cdef Py_UCS4 char
    try:
        for j in range(m + 1):
            row[j] = <int>j
        for i in range(n):
            char = first[i]
            diagonal = row[0]
            row[0] = <int>(i + 1)
            lowest = row[0]
            for j in range(m):
                above = row[j + 1]
                best = diagonal if char == <Py_UCS4>second[j] else 1 + min(diagonal, above, row[j])
                diagonal = above
                row[j + 1] = best
                lowest = min(lowest, best)
            if most >= 0 and lowest > most:
                return most + 1
        return row[m] if most < 0 else min(row[m], most + 1)
    finally:
        free(row)
