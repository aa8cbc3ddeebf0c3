# cython: boundscheck=False, wraparound=False
"""Phrases as a trie over integer ids, walked over one column of a Doc."""

from libc.stdint cimport int32_t, uint64_t
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

import numpy as np

ctypedef unordered_map[uint64_t, int32_t] edges_t


cdef class Trie:
    """A set of phrases, each a sequence of ids, each under some keys."""

    cdef vector[edges_t] edges
    cdef vector[vector[uint64_t]] ends

    def __cinit__(self):
        self.edges.resize(1)
        self.ends.resize(1)

    def add(self, const uint64_t[::1] phrase, uint64_t key):
        """Add a phrase under a key; the same phrase may stand under several."""
        cdef int32_t node = 0
        cdef Py_ssize_t i
        cdef size_t k
        for i in range(phrase.shape[0]):
            if self.edges[node].count(phrase[i]) == 0:
                self.edges[node][phrase[i]] = <int32_t>self.edges.size()
                self.edges.resize(self.edges.size() + 1)
                self.ends.resize(self.ends.size() + 1)
            node = self.edges[node][phrase[i]]
        for k in range(self.ends[node].size()):
            if self.ends[node][k] == key:
                return
        self.ends[node].push_back(key)

    def find(self, const uint64_t[::1] column):
        """Every phrase in a column, by start and then by length.

        column: *Shape: (tokens,)*, the ids of the attribute that the phrases were read from.

        Returns two arrays: keys, *Shape: (matches,)*, and their start and end, *Shape: (matches, 2)*.
        """
        cdef vector[uint64_t] keys
        cdef vector[int32_t] places
        cdef Py_ssize_t n = column.shape[0], start, t
        cdef int32_t node
        cdef size_t k
        cdef edges_t.iterator step
        with nogil:
            for start in range(n):
                node = 0
                for t in range(start, n):
                    step = self.edges[node].find(column[t])
                    if step == self.edges[node].end():
                        break
                    node = self.edges[node][column[t]]
                    for k in range(self.ends[node].size()):
                        keys.push_back(self.ends[node][k])
                        places.push_back(<int32_t>start)
                        places.push_back(<int32_t>(t + 1))
        found = np.empty(keys.size(), dtype=np.uint64)
        where = np.empty((keys.size(), 2), dtype=np.int32)
        cdef uint64_t[::1] found_view = found
        cdef int32_t[:, ::1] where_view = where
        for k in range(keys.size()):
            found_view[k] = keys[k]
            where_view[k, 0] = places[2 * k]
            where_view[k, 1] = places[2 * k + 1]
        return found, where
