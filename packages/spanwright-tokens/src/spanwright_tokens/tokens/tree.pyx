# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The dependency tree in the columns: kids, edges, sentence starts, and walks over them."""

from libc.stdlib cimport free, malloc

from .._types cimport attr_t, int32_t
from ..vocab.lexemes cimport LEX_FLAGS
from ..attrs cimport IS_PUNCT, IS_SPACE
from .attributes cimport TokenTable, lex_value, table_of
from .doc cimport Doc
from .layout cimport Columns

import numpy

from ..errors import InvalidValueError


cdef int32_t find_cycle(const int32_t* head, int32_t length) except -2 nogil:
    # Follows heads from each token that was not visited yet; meeting this walk's own mark closes a cycle.
    cdef int32_t* walk = <int32_t*>malloc((length + 1) * sizeof(int32_t))
    cdef int32_t i, at, found = -1
    if walk is NULL:
        with gil:
            raise MemoryError()
    for i in range(length):
        walk[i] = -1
    for i in range(length):
        at = i
        while walk[at] == -1:
            walk[at] = i
            if head[at] == 0:
                break
            at += head[at]
        if head[at] != 0 and walk[at] == i:
            found = at
            break
    free(walk)
    return found


cdef int link_tree(Columns* c, int32_t start, int32_t stop) except -1 nogil:
    # Takes leaves off until nothing is left, so each token's edges are whole before its head sees them.
    cdef int32_t n = stop - start
    cdef int32_t i, parent, waiting = 0, done = 0
    if n <= 0:
        return 0
    cdef int32_t* open_kids = <int32_t*>malloc(2 * n * sizeof(int32_t))
    if open_kids is NULL:
        with gil:
            raise MemoryError()
    cdef int32_t* queue = open_kids + n
    for i in range(start, stop):
        c.l_kids[i] = c.r_kids[i] = 0
        c.l_edge[i] = c.r_edge[i] = i
    for i in range(start, stop):
        if c.head[i] > 0:
            c.l_kids[i + c.head[i]] += 1
        elif c.head[i] < 0:
            c.r_kids[i + c.head[i]] += 1
    for i in range(start, stop):
        open_kids[i - start] = c.l_kids[i] + c.r_kids[i]
        if open_kids[i - start] == 0:
            queue[waiting] = i
            waiting += 1
    while done < waiting:
        i = queue[done]
        done += 1
        if c.head[i] == 0:
            continue
        parent = i + c.head[i]
        if c.l_edge[i] < c.l_edge[parent]:
            c.l_edge[parent] = c.l_edge[i]
        if c.r_edge[i] > c.r_edge[parent]:
            c.r_edge[parent] = c.r_edge[i]
        open_kids[parent - start] -= 1
        if open_kids[parent - start] == 0:
            queue[waiting] = parent
            waiting += 1
    free(open_kids)
    return 0


cdef void start_sentences(Columns* c, int32_t start, int32_t stop) noexcept nogil:
    cdef int32_t i
    for i in range(start, stop):
        c.sent_start[i] = -1
    for i in range(start, stop):
        if c.head[i] == 0 and c.dep[i] != 0:
            c.sent_start[c.l_edge[i]] = 1


cdef int32_t root_of(Doc doc, int32_t i) noexcept:
    while doc.c.head[i] != 0:
        i += doc.c.head[i]
    return i


cdef int set_head(Doc doc, int32_t child, int32_t head) except -1:
    """Gives one token another head and mends kids, edges and sentence starts of the trees concerned."""
    cdef Columns* c = &doc.c
    cdef int32_t at = head, start, stop, i, seen_start, seen_stop, scan_start, scan_stop
    if child + c.head[child] == head:
        return 0
    while at != child and c.head[at] != 0:
        at += c.head[at]
    if at == child and head != child:
        raise InvalidValueError(
            f"Token {head} cannot be the head of token {child}: token {child} is its ancestor, so the tree would "
            f"have a cycle. Give token {head} (or a token between them) another head first."
        )
    cdef int32_t old_root = root_of(doc, child), new_root = root_of(doc, head)
    start = min(c.l_edge[old_root], c.l_edge[new_root])
    stop = max(c.r_edge[old_root], c.r_edge[new_root]) + 1
    # Trees that cross the range belong to it, so that it is whole.
    seen_start = seen_stop = start
    while seen_start > start or seen_stop < stop:
        scan_start, scan_stop = start, stop
        for i in range(scan_start, scan_stop):
            if seen_start <= i < seen_stop:
                continue
            at = root_of(doc, i)
            start = min(start, c.l_edge[at])
            stop = max(stop, c.r_edge[at] + 1)
        seen_start, seen_stop = scan_start, scan_stop
    c.head[child] = head - child
    link_tree(c, start, stop)
    start_sentences(c, start, stop)
    return 0


# Both look from the token outwards until all children are found: far edges of long chains are not walked again and again.

cdef list lefts(Doc doc, int32_t i):
    cdef list found = []
    cdef int32_t child = i - 1, missing = doc.c.l_kids[i]
    while missing > 0 and child >= doc.c.l_edge[i]:
        if child + doc.c.head[child] == i:
            found.append(child)
            missing -= 1
        child -= 1
    found.reverse()
    return found


cdef list rights(Doc doc, int32_t i):
    cdef list found = []
    cdef int32_t child = i + 1, missing = doc.c.r_kids[i]
    while missing > 0 and child <= doc.c.r_edge[i]:
        if child + doc.c.head[child] == i:
            found.append(child)
            missing -= 1
        child += 1
    return found


cdef list ancestors(Doc doc, int32_t i):
    cdef list found = []
    while doc.c.head[i] != 0:
        i += doc.c.head[i]
        found.append(i)
    return found


cdef list subtree(Doc doc, int32_t i):
    # In order: left kids with theirs, the token, right kids with theirs. ~i on the stack means "now the token".
    cdef list found = [], stack = [i], step
    cdef int32_t at
    while stack:
        at = stack.pop()
        if at < 0:
            found.append(~at)
            continue
        step = lefts(doc, at)
        step.append(~at)
        step.extend(rights(doc, at))
        step.reverse()
        stack.extend(step)
    return found


cdef int32_t depth(Doc doc, int32_t i) noexcept:
    cdef int32_t steps = 0
    while doc.c.head[i] != 0:
        i += doc.c.head[i]
        steps += 1
    return steps


cdef int32_t span_root(Doc doc, int32_t start, int32_t stop) except -1:
    cdef int32_t i, steps, best = -1, best_steps = doc.length
    cdef TokenTable table = table_of(doc)
    cdef attr_t no_root = (<attr_t>1 << IS_PUNCT) | (<attr_t>1 << IS_SPACE)
    for i in range(start, stop):
        if doc.c.head[i] == 0:
            return i
    for i in range(start, stop):
        if start <= i + doc.c.head[i] < stop:
            continue
        # Lone spaces and punctuation come last, however near the root they hang.
        if doc.c.l_kids[i] + doc.c.r_kids[i] == 0 and lex_value(&table, i, LEX_FLAGS) & no_root:
            steps = doc.length - 1
        else:
            steps = depth(doc, i)
        if steps < best_steps:
            best, best_steps = i, steps
    return start if best == -1 else best


def common_ancestors(Doc doc, int32_t start, int32_t stop):
    """The lowest common ancestors of the tokens [start, stop).

    Returns an int32 array of *shape* (n, n) with positions within the range, or -1 where two tokens have no common
    ancestor in it or stand in different sentences. Raises `InvalidValueError` if sentence boundaries are not set.
    """
    cdef int32_t n = stop - start
    matrix = numpy.full((n, n), -1, dtype="int32")
    cdef int32_t[:, ::1] out = matrix
    cdef int32_t j, k, a, b, a_depth, b_depth, sent_stop = start
    for j in range(start, stop):
        out[j - start, j - start] = j - start
        if j >= sent_stop:
            sent_stop = doc[j].sent.end
        for k in range(j + 1, min(sent_stop, stop)):
            a, b = j, k
            a_depth, b_depth = depth(doc, a), depth(doc, b)
            while a != b and (a_depth > 0 or b_depth > 0):
                if a_depth >= b_depth:
                    a += doc.c.head[a]
                    a_depth -= 1
                else:
                    b += doc.c.head[b]
                    b_depth -= 1
            if a == b and start <= a < stop:
                out[j - start, k - start] = out[k - start, j - start] = a - start
    return matrix
