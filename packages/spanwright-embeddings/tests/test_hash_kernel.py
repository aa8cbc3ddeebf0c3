"""The compiled embedding functions against their twins in NumPy (and thinc's own hash)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from thinc.api import NumpyOps

from spanwright_embeddings._kernels import hash_embed

matrices = hnp.arrays(
    np.uint64, st.tuples(st.integers(0, 60), st.integers(1, 5)), elements=st.integers(0, 3) | st.integers(0, 2**64 - 1)
)


@settings(deadline=None)
@given(matrices)
def test_distinct_rows_are_numbered_in_order_of_appearance(matrix: np.ndarray) -> None:
    first, inverse = hash_embed.unique_rows(matrix)
    seen: dict[tuple[int, ...], int] = {}
    expected = [seen.setdefault(tuple(row.tolist()), len(seen)) for row in matrix]
    assert inverse.tolist() == expected
    assert [tuple(matrix[i].tolist()) for i in first] == list(seen)
    assert sorted(first.tolist()) == first.tolist()


@settings(deadline=None)
@given(
    hnp.arrays(np.uint64, st.integers(0, 40), elements=st.integers(0, 2**64 - 1)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 10_000),
)
def test_rows_are_those_that_thinc_would_take(ids: np.ndarray, seed: int, n_rows: int) -> None:
    rows = hash_embed.hash_rows(ids, seed, n_rows)
    assert rows.tolist() == (NumpyOps().hash(ids, seed) % n_rows).tolist()


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(0, 20), st.integers(1, 9), st.integers(0, 99))
def test_gathering_and_scattering_equal_their_twins(n_rows: int, n: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_rows, width)).astype(np.float32)
    rows = rng.integers(0, n_rows, (n, 4)).astype(np.int32)
    assert np.allclose(hash_embed.gather_sum(table, rows), table[rows].sum(axis=1), atol=1e-5)
    values = rng.normal(size=(n, width)).astype(np.float32)
    expected = table.astype(np.float64)
    np.add.at(expected, rows, values[:, None])
    hash_embed.add_rows(table, rows, values)
    assert np.allclose(table, expected, atol=1e-4)


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(3, 20), st.integers(1, 4), st.integers(1, 5), st.integers(0, 99), st.booleans())
def test_mixing_equals_its_twin(n: int, width: int, pieces: int, n_parts: int, seed: int, trace: bool) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(rng.integers(1, 6), width * pieces)).astype(np.float32) for _ in range(n_parts)]
    index = np.stack([rng.integers(0, len(part), n) for part in parts], axis=1).astype(np.int32)
    bias = rng.normal(size=(width, pieces)).astype(np.float32)
    scale, shift = rng.normal(size=(2, width)).astype(np.float32)
    y, which, normed, rstd = hash_embed.mix(parts, index, bias, scale, shift, trace)
    sums = sum(part[index[:, i]].astype(np.float64) for i, part in enumerate(parts)).reshape(n, width, pieces) + bias
    best = sums.max(axis=2)
    deviation = np.sqrt(best.var(axis=1, keepdims=True) + 1e-8)
    expected = (best - best.mean(axis=1, keepdims=True)) / deviation
    assert np.allclose(y, expected * scale + shift, atol=2e-3)
    if trace:
        assert np.allclose(np.take_along_axis(sums, which[:, :, None].astype(int), 2)[:, :, 0], best, atol=1e-5)
        assert np.allclose(normed, expected, atol=2e-3)
        assert np.allclose(rstd, 1 / deviation[:, 0], rtol=1e-3)
    else:
        assert (which, normed, rstd) == (None, None, None)


def test_nothing_is_read_outside_of_a_table() -> None:
    table = np.zeros((3, 2), dtype=np.float32)
    with pytest.raises(IndexError, match="of a table of 3"):
        hash_embed.gather_sum(table, np.array([[0, 1, 2, 3]], dtype=np.int32))
    with pytest.raises(IndexError, match="Rows -1"):
        hash_embed.add_rows(table, np.array([[-1]], dtype=np.int32), np.zeros((1, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="As many rows as indices"):
        hash_embed.add_rows(table, np.array([[1]], dtype=np.int32), np.zeros((2, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="Four rows"):
        hash_embed.gather_sum(table, np.array([[0, 1]], dtype=np.int32))
    with pytest.raises(ValueError, match="needs a row"):
        hash_embed.hash_rows(np.zeros(1, dtype=np.uint64), 0, 0)
    vector = np.zeros(2, dtype=np.float32)
    with pytest.raises(ValueError, match="do not fit"):
        hash_embed.mix([table], np.zeros((1, 1), dtype=np.int32), np.zeros((2, 3), dtype=np.float32), vector, vector)
    with pytest.raises(IndexError, match="of a table of 3"):
        index = np.full((1, 1), 3, dtype=np.int32)
        hash_embed.mix([table], index, np.zeros((2, 1), dtype=np.float32), vector, vector)
