"""What the kernels compute, in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

MASK64 = 2**64 - 1


def hash_ids(ids: list[int]) -> int:
    """MurmurHash64A of 64-bit ids, seed 0."""
    m = 0xC6A4A7935BD1E995
    h = 8 * len(ids) * m & MASK64
    for k in ids:
        k = k * m & MASK64
        k ^= k >> 47
        h = (h ^ k * m & MASK64) * m & MASK64
    h ^= h >> 47
    h = h * m & MASK64
    return h ^ h >> 47


def count_ngrams(ids: Any, lengths: Any, size: int) -> tuple[Any, Any, Any]:
    """Keys, counts, and the number of keys of each Doc."""
    keys, counts, start = [np.zeros(0, dtype="uint64")], [np.zeros(0, dtype="f")], 0
    for length in lengths:
        doc = [int(value) for value in ids[start : start + length]]
        start += length
        found = list(doc)
        for n in range(2, size + 1):
            found += [hash_ids(doc[i : i + n]) for i in range(length - n + 1)]
        key, count = np.unique(np.array(found, dtype="uint64"), return_counts=True)
        keys.append(key)
        counts.append(count.astype("f"))
    found_lengths = np.array([len(key) for key in keys[1:]], dtype="int32")
    return np.concatenate(keys), np.concatenate(counts), found_lengths


def _rotate(values: Any, by: int) -> Any:
    return values << np.uint32(by) | values >> np.uint32(32 - by)


def hash_slots(keys: Any, seed: int) -> Any:
    """MurmurHash3 (x86, 32 bits) of 64-bit keys."""
    h = np.full(len(keys), seed, dtype="uint32")
    for part in (keys & np.uint64(0xFFFFFFFF), keys >> np.uint64(32)):
        k = _rotate(part.astype("uint32") * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)
        h = _rotate(h ^ k, 13) * np.uint32(5) + np.uint32(0xE6546B64)
    h = h ^ np.uint32(8)
    h = (h ^ h >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    h = (h ^ h >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return h ^ h >> np.uint32(16)


def find_slots(keys: Any, size: int, v1: bool) -> Any:
    """Two places of each key."""
    hashes = np.stack([hash_slots(keys, seed) for seed in (0, 1)], axis=1)
    return hashes & np.uint32(size - 1) if v1 else hashes % np.uint32(size)


def weight_places(slots: Any, label: int, size: int, v1: bool) -> Any:
    """Where the weights of a label for the slots are."""
    return slots.astype("int64") + (label if v1 else label * size)


def scores(slots: Any, values: Any, lengths: Any, W: Any, b: Any, v1: bool) -> Any:
    """Bias plus weights."""
    out = np.tile(b.astype("float64"), (len(lengths), 1))
    rows = np.repeat(np.arange(len(lengths)), lengths)
    for label in range(len(b)):
        found = W[weight_places(slots, label, len(W) // len(b), v1)].sum(axis=1) * values
        np.add.at(out[:, label], rows, found)
    return out.astype("f")


def gradient(slots: Any, values: Any, lengths: Any, d_scores: Any, n_weights: int, v1: bool) -> Any:
    """The gradient of the weights."""
    dW = np.zeros(n_weights, dtype="float64")
    rows = np.repeat(np.arange(len(lengths)), lengths)
    for label in range(d_scores.shape[1]):
        places = weight_places(slots, label, n_weights // d_scores.shape[1], v1)
        for side in (0, 1):
            np.add.at(dW, places[:, side], d_scores[rows, label] * values)
    return dW.astype("f")
