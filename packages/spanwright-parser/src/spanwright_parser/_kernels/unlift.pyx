# cython: boundscheck=False, wraparound=False, cdivision=True
# distutils: language = c++
"""Brings lifted arcs back: the scheme HEAD of Nivre and Nilsson (2005), "Pseudo-projective dependency parsing"."""
import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t
from libcpp.vector cimport vector


cdef struct Tree:
    # Of one Doc. Heads are positions; a root is its own head. Children of a token are a chain in rising order.
    int32_t n
    int32_t* head
    int32_t* label
    const uint8_t* space
    int32_t* first
    int32_t* next
    int32_t* left_edge
    int32_t* right_edge


cdef void link_children(Tree* t) noexcept nogil:
    cdef int32_t i
    for i in range(t.n):
        t.first[i] = t.next[i] = -1
    # From the right, so that each chain begins with the leftmost.
    for i in range(t.n - 1, -1, -1):
        if t.head[i] != i:
            t.next[i] = t.first[t.head[i]]
            t.first[t.head[i]] = i


cdef void find_edges(Tree* t, vector[int32_t]& order) noexcept nogil:
    # Tokens from the roots down; then edges from the leaves up. Tokens of a circle are left out.
    cdef int32_t i, head
    cdef size_t at = 0
    order.clear()
    for i in range(t.n):
        t.left_edge[i] = t.right_edge[i] = i
        if t.head[i] == i:
            order.push_back(i)
    while at < order.size():
        i = t.first[order[at]]
        at += 1
        while i >= 0:
            order.push_back(i)
            i = t.next[i]
    while at > 0:
        at -= 1
        i = order[at]
        head = t.head[i]
        t.left_edge[head] = min(t.left_edge[head], t.left_edge[i])
        t.right_edge[head] = max(t.right_edge[head], t.right_edge[i])


cdef int32_t search(const Tree* t, int32_t token, int32_t wanted, vector[int32_t]& queue) noexcept nogil:
    # Breadth first and from left to right below the token's head. The stretch that a token's children are looked for
    # in stays that of the tree before any arc was brought back, as in published parsers.
    cdef int32_t parent, child
    cdef size_t at = 0
    queue.clear()
    queue.push_back(t.head[token])
    while at < queue.size():
        parent = queue[at]
        at += 1
        child = t.first[parent]
        while child >= 0:
            if t.left_edge[parent] <= child <= t.right_edge[parent] and not t.space[child] and child != token:
                if t.label[child] == wanted:
                    return child
                queue.push_back(child)
            child = t.next[child]
    return t.head[token]


cdef void move(Tree* t, int32_t token, int32_t head) noexcept nogil:
    cdef int32_t* at = &t.first[t.head[token]]
    if t.head[token] != token:
        while at[0] != token:
            at = &t.next[at[0]]
        at[0] = t.next[token]
    at = &t.first[head]
    while at[0] >= 0 and at[0] < token:
        at = &t.next[at[0]]
    t.next[token] = at[0]
    at[0] = token
    t.head[token] = head


def unlift(
    int32_t[::1] heads not None, int32_t[::1] labels not None, const int32_t[::1] lengths not None,
    const uint8_t[::1] space not None, const int32_t[::1] own not None, const int32_t[::1] above not None,
):
    """Bring lifted arcs back, in place.

    heads: positions in the Doc, a root its own; trees without circles. One Doc after another, as labels and space.
    labels: numbers of labels. space: whether a token is a space.
    lengths: of the Docs.
    own, above: for each label its own part, and the part that names the head's label; -1 if it is not decorated.
    """
    cdef Tree t
    cdef int64_t row = 0
    cdef int32_t i, doc, found, label, n_labels = <int32_t>own.shape[0]
    cdef bint some
    cdef vector[int32_t] queue
    longest = max(lengths, default=0)
    cdef int32_t[:, ::1] scratch = np.empty((4, max(longest, 1)), dtype="int32")
    if labels.shape[0] != heads.shape[0] or space.shape[0] != heads.shape[0] or np.sum(lengths) != heads.shape[0]:
        raise ValueError("Heads, labels and spaces must be given for each token.")
    if len(lengths) and np.min(lengths) < 0:
        raise ValueError("A Doc cannot have fewer than no tokens.")
    if above.shape[0] != n_labels:
        raise ValueError("Both parts must be given for each label.")
    for doc in range(<int32_t>lengths.shape[0]):
        t.n = lengths[doc]
        if t.n == 0:
            continue
        t.head, t.label, t.space = &heads[row], &labels[row], &space[row]
        some = False
        for i in range(t.n):
            if not 0 <= t.head[i] < t.n or not 0 <= t.label[i] < n_labels:
                raise ValueError("A head or a label is out of range.")
            some = some or above[t.label[i]] >= 0
        row += t.n
        if not some:
            continue
        t.first, t.next, t.left_edge, t.right_edge = &scratch[0, 0], &scratch[1, 0], &scratch[2, 0], &scratch[3, 0]
        with nogil:
            link_children(&t)
            find_edges(&t, queue)
            for i in range(t.n):
                label = t.label[i]
                if above[label] < 0:
                    continue
                t.label[i] = own[label]
                found = search(&t, i, above[label], queue)
                if found != t.head[i]:
                    move(&t, i, found)
