# cython: boundscheck=False, wraparound=False
"""Special cases that span several tokens: a trie of word ids, and which of overlapping matches count."""
from cython.operator cimport dereference
from libcpp.algorithm cimport sort


cdef class PhraseTrie:
    """Sequences of word ids, walked from a token on."""

    def __cinit__(self):
        self.nodes.resize(1)
        self.ends.push_back(False)

    def __len__(self):
        return sum(self.ends)

    cdef int add(self, const vector[attr_t]& words) except -1:
        cdef int32_t node = 0
        cdef int32_t following
        cdef size_t i
        for i in range(words.size()):
            following = self.step(node, words[i])
            if following < 0:
                following = <int32_t>self.nodes.size()
                self.nodes.resize(following + 1)
                self.ends.push_back(False)
                self.nodes[node][words[i]] = following
            node = following
        if node != 0:
            self.ends[node] = True
        return 0

    cdef int32_t step(self, int32_t node, attr_t word) noexcept:
        # The node after a word, or -1.
        found = self.nodes[node].find(word)
        if found == self.nodes[node].end():
            return -1
        return dereference(found).second

    cdef bint is_root(self, attr_t word) noexcept:
        return self.step(0, word) >= 0


cdef bint longer_first(const Match& a, const Match& b) noexcept nogil:
    if a.end - a.start != b.end - b.start:
        return a.end - a.start > b.end - b.start
    return a.start < b.start


cdef bint earlier_first(const Match& a, const Match& b) noexcept nogil:
    return a.start < b.start


cdef int choose(vector[Match]& found, Py_ssize_t length, vector[Match]& chosen) except -1:
    # The longest matches first, then the first ones. A match that is passed over still blocks what it covers: the
    # published pipelines were trained on texts that were cut this way.
    cdef vector[bint] taken
    cdef size_t i
    cdef int32_t k
    taken.resize(length, False)
    sort(found.begin(), found.end(), &longer_first)
    for i in range(found.size()):
        if not taken[found[i].start] and not taken[found[i].end - 1]:
            chosen.push_back(found[i])
        for k in range(found[i].start, found[i].end):
            taken[k] = True
    sort(chosen.begin(), chosen.end(), &earlier_first)
    return 0
