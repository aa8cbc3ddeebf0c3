"""Walks two tokenizations of one text side by side, character by character, and pairs the tokens that share some."""
import numpy as np

from .._types cimport int32_t, uint8_t
from ..vocab.lexemes cimport LEX_LENGTH
from .attributes cimport TokenTable, lex_value, table_of
from .doc cimport Doc

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void* PyUnicode_DATA(object text)
    Py_UCS4 PyUnicode_READ(int kind, void* data, Py_ssize_t index) nogil
    int Py_UNICODE_ISSPACE(Py_UCS4 char) nogil
    Py_UCS4 Py_UNICODE_TOLOWER(Py_UCS4 char) nogil


cdef struct Side:
    int kind
    void* data
    const int32_t* starts
    const int32_t* ends
    int32_t n_tokens
    int32_t token        # where the walk stands
    int32_t char


cdef inline void to_token(Side* side) noexcept nogil:
    # Moves on to the next character that belongs to a token.
    while side.token < side.n_tokens and side.char >= side.ends[side.token]:
        side.token += 1
        if side.token < side.n_tokens:
            side.char = side.starts[side.token]


cdef inline Py_UCS4 folded(const Side* side) noexcept nogil:
    cdef Py_UCS4 char = Py_UNICODE_TOLOWER(PyUnicode_READ(side.kind, side.data, side.char))
    # Whether lower-casing gives a final sigma depends on what follows, and so on the tokenization.
    return <Py_UCS4>0x3C3 if char == 0x3C2 else char


cdef inline bint at_space(const Side* side) noexcept nogil:
    return Py_UNICODE_ISSPACE(PyUnicode_READ(side.kind, side.data, side.char)) != 0


cdef int walk(Side* x, Side* y, int32_t* pairs) noexcept nogil:
    # Fills (token of x, token of y) pairs, ascending in both; returns their number, or -1 where the texts differ.
    # Whitespace is paired where it happens to agree, and passed over where it does not.
    cdef int n = 0
    to_token(x)
    to_token(y)
    while x.token < x.n_tokens and y.token < y.n_tokens:
        if folded(x) == folded(y):
            if n == 0 or pairs[2 * n - 2] != x.token or pairs[2 * n - 1] != y.token:
                pairs[2 * n] = x.token
                pairs[2 * n + 1] = y.token
                n += 1
            x.char += 1
            y.char += 1
        elif at_space(x):
            x.char += 1
        elif at_space(y):
            y.char += 1
        else:
            return -1
        to_token(x)
        to_token(y)
    while x.token < x.n_tokens:
        if not at_space(x):
            return -1
        x.char += 1
        to_token(x)
    while y.token < y.n_tokens:
        if not at_space(y):
            return -1
        y.char += 1
        to_token(y)
    return n


def pair_tokens(
    str x_text,
    const int32_t[::1] x_starts,
    const int32_t[::1] x_ends,
    str y_text,
    const int32_t[::1] y_starts,
    const int32_t[::1] y_ends,
):
    """Pairs of tokens that share characters, int32 of shape (n, 2), ascending; None, and where, if the texts differ.

    Token i covers text[starts[i]:ends[i]]; what lies between tokens is ignored. Returns (pairs, x_token, y_token): if
    the texts differ in more than whitespace and case, pairs is None and the tokens are where the walk stopped.
    """
    cdef Side x = Side(
        PyUnicode_KIND(x_text), PyUnicode_DATA(x_text), NULL, NULL, <int32_t>x_starts.shape[0], 0, 0
    )
    cdef Side y = Side(
        PyUnicode_KIND(y_text), PyUnicode_DATA(y_text), NULL, NULL, <int32_t>y_starts.shape[0], 0, 0
    )
    if x.n_tokens:
        x.starts, x.ends, x.char = &x_starts[0], &x_ends[0], x_starts[0]
    if y.n_tokens:
        y.starts, y.ends, y.char = &y_starts[0], &y_ends[0], y_starts[0]
    # Each step to a new pair moves on in one of the two.
    pairs = np.empty((x.n_tokens + y.n_tokens + 1, 2), dtype="int32")
    cdef int32_t[:, ::1] view = pairs
    cdef int n
    with nogil:
        n = walk(&x, &y, &view[0, 0])
    if n < 0:
        return None, x.token, y.token
    return pairs[:n], x.token, y.token


def token_bounds(Doc doc not None):
    """Where each token starts and ends in the text of its Doc: two int32 arrays of shape (n_tokens,), in characters."""
    starts = np.empty(doc.length, dtype="int32")
    ends = np.empty(doc.length, dtype="int32")
    cdef int32_t[::1] start = starts
    cdef int32_t[::1] end = ends
    cdef TokenTable table = table_of(doc)
    cdef int32_t i
    with nogil:
        for i in range(table.length):
            start[i] = table.c.idx[i]
            end[i] = start[i] + <int32_t>lex_value(&table, i, LEX_LENGTH)
    return starts, ends


def is_space_mask(Doc doc not None):
    """Which tokens are whitespace only: bool, shape (n_tokens,). An empty token is not."""
    cdef str text = doc.text
    starts, ends = token_bounds(doc)
    result = np.zeros(doc.length, dtype="bool")
    cdef const int32_t[::1] start = starts
    cdef const int32_t[::1] end = ends
    cdef uint8_t[::1] mask = result.view("uint8")
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef int32_t i, j
    with nogil:
        for i in range(<int32_t>start.shape[0]):
            mask[i] = start[i] < end[i]
            for j in range(start[i], end[i]):
                if not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, j)):
                    mask[i] = False
                    break
    return result
