# cython: boundscheck=False, wraparound=False
"""Run token patterns over a Doc, all at once: which places of the patterns can stand after each token."""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

import numpy as np

# How often a place of a pattern may match: the values of `quantifiers`.
cdef enum:
    ONE = 0
    OPTIONAL = 1
    REPEATED = 2


cdef struct State:
    int32_t place       # what the next token is compared with
    int32_t start       # the first token of the match
    int32_t path        # the last of the steps that led here, or -1


cdef struct Step:
    int32_t before      # the step before, or -1
    int32_t place       # what a token was compared with


cdef struct Places:
    # All patterns, one after the other.
    const uint8_t* fits
    const int32_t* rows
    const uint8_t* quantifiers
    const uint8_t* final
    Py_ssize_t n_tokens
    bint tracing


cdef inline uint64_t identity(State state) noexcept nogil:
    return <uint64_t>state.place << 32 | <uint64_t>state.start


# What may run out of memory returns a number, -2 after an error, so that Python hears of it.
cdef inline int emit(vector[int32_t]& found, State state, int32_t path, int32_t end) except -2 nogil:
    if end > state.start:
        found.push_back(state.place)
        found.push_back(state.start)
        found.push_back(end)
        found.push_back(path)
    return 0


cdef inline int32_t taken(Places* p, State state, vector[Step]& steps) except -2 nogil:
    # Remembers that a token fitted a place.
    if not p.tracing:
        return -1
    steps.push_back(Step(state.path, state.place))
    return <int32_t>steps.size() - 1


cdef inline int step(
    Places* p,
    State state,
    int32_t t,
    vector[State]& stay,
    vector[State]& fresh,
    vector[int32_t]& found,
    vector[Step]& steps,
    unordered_set[uint64_t]& passed,
    bint crowded,
) except -2 nogil:
    # Compare a token with a place, and with those behind it that may be reached without a token.
    cdef bint fit
    while True:
        # Where an equal state has been, all that follows has been said.
        if crowded and not passed.insert(identity(state)).second:
            return 0
        fit = p.fits[p.rows[state.place] * p.n_tokens + t]
        if p.quantifiers[state.place] == ONE:
            if fit and p.final[state.place]:
                emit(found, state, taken(p, state, steps), t + 1)
            elif fit:
                stay.push_back(State(state.place + 1, state.start, taken(p, state, steps)))
            return 0
        if p.final[state.place]:
            # The match may end before this token.
            emit(found, state, state.path, t)
            if fit and p.quantifiers[state.place] == REPEATED:
                stay.push_back(State(state.place, state.start, taken(p, state, steps)))
            elif fit:
                emit(found, state, taken(p, state, steps), t + 1)
            return 0
        if fit and p.quantifiers[state.place] == REPEATED:
            fresh.push_back(State(state.place, state.start, taken(p, state, steps)))
        elif fit:
            fresh.push_back(State(state.place + 1, state.start, taken(p, state, steps)))
        state.place += 1


cdef inline int finish(Places* p, State state, int32_t length, vector[int32_t]& found) except -2 nogil:
    # At the end of the text: what is left of the pattern may be optional.
    while p.quantifiers[state.place] != ONE:
        if p.final[state.place]:
            return emit(found, state, state.path, length)
        state.place += 1
    return 0


cdef int keep_new(
    vector[State]& states, const vector[State]& more, unordered_set[uint64_t]& seen, bint merging
) except -2 nogil:
    # Equal states have the same future: the first is enough, and keeps their number small.
    cdef size_t i
    for i in range(more.size()):
        if not merging or seen.insert(identity(more[i])).second:
            states.push_back(more[i])
    return 0


def find(
    const uint8_t[:, ::1] fits,
    const int32_t[::1] rows,
    const uint8_t[::1] quantifiers,
    const uint8_t[::1] final,
    const int32_t[:, ::1] starts,
    bint merging=True,
    bint tracing=False,
    bint crowded=False,
):
    """All non-empty matches of patterns that begin at given tokens, in the order in which they become certain.

    What was begun earlier goes before what was begun later, and a match that went on by an optional or repeated token
    goes behind those that it stood before. A match may come more than once.

    fits: *Shape: (specs, tokens)*, whether a token fits a spec.
    rows: *Shape: (places,)*, the spec of each place; the places of all patterns, one after the other.
    quantifiers: *Shape: (places,)*: 0 exactly once, 1 at most once, 2 any number of times.
    final: *Shape: (places,)*, whether a place is the last of its pattern.
    starts: *Shape: (starts, 2)*, tokens to begin at, and the first place of the pattern; by token, in order.
    merging: Whether a pattern can reach one place in several ways; if none can, this saves looking for it.
    tracing: Whether to tell which place each token fitted.
    crowded: Whether many places in a row need no token, so that it saves time to look at each only once.

    Returns two int32 arrays. *Shape: (matches, 4)*: the last place of the pattern, start, end, and the last step that
    led to it; *Shape: (steps, 2)*: the step before (-1: none), and the place that the token fitted.
    """
    cdef vector[int32_t] found
    cdef vector[State] states, stay, fresh
    cdef vector[Step] steps
    cdef unordered_set[uint64_t] seen, passed
    cdef Places p
    cdef Py_ssize_t i, next_start = 0, n_starts = starts.shape[0]
    cdef int32_t t, n = <int32_t>fits.shape[1]
    cdef size_t k
    if n_starts == 0 or n == 0:
        return np.zeros((0, 4), dtype=np.int32), np.zeros((0, 2), dtype=np.int32)
    p.fits, p.rows, p.quantifiers, p.final = &fits[0, 0], &rows[0], &quantifiers[0], &final[0]
    p.n_tokens, p.tracing = n, tracing
    with nogil:
        for t in range(n):
            while next_start < n_starts and starts[next_start, 0] == t:
                states.push_back(State(starts[next_start, 1], t, -1))
                next_start += 1
            if states.empty():
                continue
            stay.clear()
            fresh.clear()
            passed.clear()
            for k in range(states.size()):
                step(&p, states[k], t, stay, fresh, found, steps, passed, crowded)
            states.clear()
            seen.clear()
            keep_new(states, stay, seen, merging)
            keep_new(states, fresh, seen, merging)
        for k in range(states.size()):
            finish(&p, states[k], n, found)
    rows_found = np.empty((found.size() // 4, 4), dtype=np.int32)
    path = np.empty((steps.size(), 2), dtype=np.int32)
    cdef int32_t[:, ::1] out = rows_found, out_path = path
    for i in range(out.shape[0]):
        for k in range(4):
            out[i, k] = found[4 * i + k]
    for i in range(out_path.shape[0]):
        out_path[i, 0], out_path[i, 1] = steps[i].before, steps[i].place
    return rows_found, path
