"""Stand-ins for Docs, and small helpers."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
ATTRS = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]


class Mode(str, Enum):
    default = "default"


class StubVectors:
    """A table of vectors, searched by keys from 100 on."""

    mode = Mode.default
    attr = 65

    def __init__(self, data: Floats) -> None:
        self.data = data
        self.shape = data.shape

    def find(self, *, keys: Sequence[int]) -> NDArray[np.int32]:
        return np.array([int(k) - 100 if 100 <= int(k) < 100 + len(self.data) else -1 for k in keys], dtype="i")


class AnyVectors:
    """A table that has a vector for everything, as floret has."""

    shape = (0, 5)

    def get_batch(self, keys: Sequence[int]) -> Floats:
        return np.array([[int(k) % (j + 2) for j in range(5)] for k in keys], dtype=np.float32)


class StubVocab:
    def __init__(self, vectors: Any) -> None:
        self.vectors = vectors


class StubDoc:
    """What the layers need of a Doc: lengths, attributes, bytes, vectors."""

    def __init__(
        self, features: NDArray[np.uint64], utf8: NDArray[np.uint8], ids: NDArray[np.uint64], vocab: Any
    ) -> None:
        self.features, self.utf8, self.ids, self.vocab = features, utf8, ids, vocab

    def __len__(self) -> int:
        return len(self.features)

    def to_array(self, attrs: int | list[str | int]) -> NDArray[np.uint64]:
        if isinstance(attrs, int):
            return self.ids
        return np.stack([self.ids if attr == 65 else self.features[:, i] for i, attr in enumerate(attrs)], axis=1)

    def to_utf8_array(self, nr_char: int) -> NDArray[np.uint8]:
        return self.utf8[:, :nr_char]


def make_docs(lengths: Sequence[int], seed: int = 0, vectors: Any = None, values: int = 12) -> list[StubDoc]:
    rng = np.random.default_rng(seed)
    if vectors is None:
        vectors = StubVectors(rng.normal(size=(9, 5)).astype(np.float32))
    vocab = StubVocab(vectors)
    docs = []
    for n in lengths:
        features = rng.integers(0, values, (n, 6)).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        utf8 = rng.integers(97, 110, (n, 8)).astype(np.uint8)
        docs.append(StubDoc(features, utf8, rng.integers(98, 111, n).astype(np.uint64), vocab))
    return docs


def randomise(model: Any, seed: int = 0) -> Any:
    """Move every weight away from where initialisation put it."""
    rng = np.random.default_rng(seed)
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                value = node.get_param(name)
                node.set_param(name, value + rng.normal(0, 0.3, value.shape).astype(np.float32))
    return model


def gradients(model: Any) -> list[Floats]:
    """The gradients of all weights in the order of the graph; they are set to zero."""
    found = []
    for node in model.walk():
        for name in node.grad_names:
            found.append(node.get_grad(name).copy())
            node.set_grad(name, np.zeros_like(node.get_grad(name)))
    return found


def normal(lengths: Sequence[int], width: int, seed: int = 1) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, width)).astype(np.float32) for n in lengths]


def largest_difference(one: Sequence[Floats], other: Sequence[Floats]) -> float:
    assert [a.shape for a in one] == [b.shape for b in other]
    return max((float(abs(a - b).max()) for a, b in zip(one, other, strict=True) if a.size), default=0.0)
