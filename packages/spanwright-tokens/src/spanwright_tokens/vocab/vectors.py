"""Word vectors."""
from __future__ import annotations


class Vectors:
    """Word vectors (being written)."""

    def __init__(self, *, strings=None, shape=None, name=None, **kw):
        import numpy

        self.strings = strings
        self.name = name
        self.mode = "default"
        self.attr = 65
        self.key2row = {}
        self.data = numpy.zeros(shape or (0, 0), dtype="f")

    @property
    def shape(self):
        return self.data.shape

    def __contains__(self, key):
        return key in self.key2row

    def __len__(self):
        return len(self.data)

    def from_disk(self, path, *, exclude=()):
        return self

    def to_disk(self, path, *, exclude=()):
        return None

    def from_bytes(self, data, *, exclude=()):
        return self

    def to_bytes(self, *, exclude=()):
        return b""
