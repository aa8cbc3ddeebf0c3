"""The compiled passes over spans against their twins in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_spancat._kernels import spans as kernel

TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


@st.composite
def batches(draw: Any) -> dict[str, Any]:
    """Token vectors, and spans over them in any order, some of them twice."""
    n, width = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    bounds = draw(
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(1, n)).filter(lambda pair: pair[0] < pair[1]), max_size=20
        )
    )
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    starts, ends = np.asarray(bounds, dtype="int32").reshape((-1, 2)).T
    hidden, pieces = draw(st.integers(3, 20)), draw(st.integers(1, 3))
    return {
        # Whole numbers, so that maxima are often tied.
        "x": rng.integers(-3, 4, size=(n, width)).astype("float32"),
        "starts": np.ascontiguousarray(starts),
        "ends": np.ascontiguousarray(ends),
        "hidden": hidden,
        "pieces": pieces,
        "rng": rng,
    }


def floats(rng: Any, *shape: int) -> Any:
    return rng.normal(size=shape).astype("float32")


@settings(deadline=None)
@given(batches())
def test_reductions_and_maxima(batch: dict[str, Any]) -> None:
    x, starts, ends = batch["x"], batch["starts"], batch["ends"]
    found, which = kernel.reductions(x, starts, ends, trace=True)
    maxima, rows = kernel.maxima(x, starts, ends, trace=True)
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        part = x[start:end]
        twin = np.concatenate([part[-1], part[0], part.mean(axis=0), part.max(axis=0)])
        assert np.allclose(found[i], twin, **TOLERANCE)
        # Of equal values the first one counts.
        assert np.array_equal(which[i], start + part.argmax(axis=0))
    assert np.array_equal(maxima, found[:, 3 * x.shape[1] :])
    assert np.array_equal(rows, which)
    assert np.array_equal(kernel.maxima(x, starts, ends)[0], maxima)
    assert kernel.maxima(x, starts, ends)[1] is None


@settings(deadline=None)
@given(batches())
def test_gradients_of_reductions_and_maxima(batch: dict[str, Any]) -> None:
    x, starts, ends, width = batch["x"], batch["starts"], batch["ends"], batch["x"].shape[1]
    d = floats(batch["rng"], len(starts), 4 * width)
    _, which = kernel.reductions(x, starts, ends, trace=True)
    dx, twin, twin_of_maxima, dx_of_maxima = np.zeros((4, *x.shape), dtype="float32")
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        last, first, mean, largest = d[i].reshape((4, width))
        twin[end - 1] += last
        twin[start] += first
        twin[start:end] += mean / (end - start)
        np.add.at(twin_of_maxima, (which[i], np.arange(width)), largest)
    kernel.reductions_back(d, starts, ends, which, dx)
    kernel.maxima_back(np.ascontiguousarray(d[:, 3 * width :]), which, dx_of_maxima)
    assert np.allclose(dx, twin + twin_of_maxima, **TOLERANCE)
    assert np.allclose(dx_of_maxima, twin_of_maxima, **TOLERANCE)


def hidden_twin(sums: Any, bias: Any, scale: Any, shift: Any, mask: Any, pieces: int) -> tuple[Any, Any, Any, Any]:
    parts = (sums + bias).reshape((len(sums), pieces, len(scale)))
    best, which = parts.max(axis=1), parts.argmax(axis=1)
    rstd = 1 / np.sqrt(best.var(axis=1, keepdims=True) + 1e-8)
    normed = (best - best.mean(axis=1, keepdims=True)) * rstd
    return (normed * scale + shift) * (1 if mask is None else mask), which, normed, rstd


def tables_twin(tables: Any, starts: Any, ends: Any, columns: int) -> Any:
    last, first, mean = tables.reshape((len(tables), 3, columns)).transpose(1, 0, 2)
    rows = [last[e - 1] + first[s] + mean[s:e].mean(axis=0) for s, e in zip(starts, ends, strict=True)]
    return np.asarray(rows, dtype="float64").reshape((-1, columns))


@settings(max_examples=150, deadline=None)
@given(batches(), st.booleans(), st.booleans())
def test_hidden_vectors_and_their_gradients(batch: dict[str, Any], dropout: bool, with_tables: bool) -> None:
    rng, starts, ends, hidden, pieces = (batch[key] for key in ("rng", "starts", "ends", "hidden", "pieces"))
    n, tokens, columns = len(starts), len(batch["x"]), hidden * pieces
    sums, bias, scale, shift = floats(rng, n, columns), floats(rng, columns), floats(rng, hidden), floats(rng, hidden)
    mask = rng.integers(0, 2, size=(n, hidden)).astype("float32") * 2 if dropout else None
    tables = floats(rng, tokens, 3 * columns) if with_tables else None
    means = kernel.sums_of_means(tables) if with_tables else None
    whole = sums + (tables_twin(tables, starts, ends, columns) if with_tables else 0)
    trace = kernel.Trace(n, hidden)
    plain, traced = np.empty((n, hidden), dtype="float32"), np.empty((n, hidden), dtype="float32")
    kernel.hidden(sums.copy(), starts, ends, bias, scale, shift, plain, tables=tables, means=means, mask=mask)
    kernel.hidden(
        sums.copy(), starts, ends, bias, scale, shift, traced, tables=tables, means=means, mask=mask, trace=trace
    )
    expected, which, normed, rstd = hidden_twin(whole, bias, scale, shift, mask, pieces)
    # A nearly constant row is divided by next to nothing.
    steady = (rstd < 30).all()
    assert np.array_equal(plain, traced)
    if steady:
        assert np.allclose(plain, expected, rtol=1e-3, atol=1e-3)
        assert np.allclose(trace.normed, normed, rtol=1e-3, atol=1e-3)
    assert (trace.which == which).mean() > 0.9 if n else True

    dy = floats(rng, n, hidden)
    d_bias, d_scale, d_shift = np.zeros(columns), np.zeros(hidden), np.zeros(hidden)
    extra: dict[str, Any] = {}
    if with_tables:
        extra["d_tables"] = np.zeros((tokens, 3 * columns), dtype="float32")
        extra["d_means"] = np.zeros((tokens + 1, columns))
    d_sums = kernel.hidden_back(dy, trace, pieces, starts, ends, scale, d_bias, d_scale, d_shift, mask=mask, **extra)
    d = dy if mask is None else dy * mask
    assert np.allclose(d_shift, d.sum(axis=0), **TOLERANCE)
    assert np.allclose(d_scale, (d * trace.normed).sum(axis=0), **TOLERANCE)
    row = d * scale
    along = (row * trace.normed).mean(axis=1, keepdims=True)
    row = (row - row.mean(axis=1, keepdims=True) - trace.normed * along) * trace.rstd[:, None]
    twin = np.zeros((n, pieces, hidden))
    np.put_along_axis(twin, trace.which[:, None, :].astype("int64"), row[:, None, :], axis=1)
    twin = twin.reshape((n, columns))
    size = {"rtol": 1e-3, "atol": 1e-3 * max(1.0, float(abs(twin).max(initial=0)))}
    assert np.allclose(d_sums, twin, **size)
    assert np.allclose(d_bias, twin.sum(axis=0), **size)
    if with_tables:
        kernel.sums_of_means_back(extra["d_means"], extra["d_tables"])
        d_last, d_first, d_mean = np.zeros((3, tokens, columns))
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            d_last[end - 1] += twin[i]
            d_first[start] += twin[i]
            d_mean[start:end] += twin[i] / (end - start)
        assert np.allclose(extra["d_tables"], np.concatenate([d_last, d_first, d_mean], axis=1), **size)


@settings(deadline=None)
@given(batches())
def test_spans_without_overlap(batch: dict[str, Any]) -> None:
    starts, ends, n = batch["starts"], batch["ends"], len(batch["x"])
    taken: set[int] = set()
    twin = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        free = taken.isdisjoint(range(start, end))
        twin.append(free)
        if free:
            taken.update(range(start, end))
    assert kernel.without_overlap(starts, ends, n).tolist() == twin


def test_arrays_that_do_not_fit_are_refused() -> None:
    x = np.zeros((4, 2), dtype="float32")
    one = np.asarray([1], dtype="int32")

    def ints(value: int) -> Any:
        return np.asarray([value], dtype="int32")

    for start, end in ((-1, 2), (3, 5), (2, 2), (3, 1)):
        for function in (kernel.maxima, kernel.reductions):
            with pytest.raises(IndexError, match=r"is empty, or not within the rows 0 to 4"):
                function(x, ints(start), ints(end))
        with pytest.raises(IndexError, match="is empty, or not within"):
            kernel.without_overlap(ints(start), ints(end), 4)
    with pytest.raises(ValueError, match="1 starts and 0 ends"):
        kernel.maxima(x, one, one[:0])
    with pytest.raises(IndexError, match="found the row 4"):
        kernel.maxima_back(x[:1], np.full((1, 2), 4, dtype="int32"), x)
    with pytest.raises(ValueError, match="maxima do not fit"):
        kernel.maxima_back(x[:2], np.zeros((1, 2), dtype="int32"), x)
    with pytest.raises(ValueError, match="gradients do not fit"):
        kernel.reductions_back(x[:1], ints(0), ints(1), np.zeros((1, 2), dtype="int32"), x)
    row, out = np.zeros(2, dtype="float32"), np.zeros((1, 2), dtype="float32")
    with pytest.raises(ValueError, match="do not fit each other"):
        kernel.hidden(x[:1], ints(0), ints(1), row[:1], row, row, out)
    none = np.zeros((1, 0), dtype="float32")
    with pytest.raises(ValueError, match="do not fit each other"):
        kernel.hidden(none, ints(0), ints(1), row[:0], row, row, out)
    with pytest.raises(ValueError, match="mask does not fit"):
        kernel.hidden(x[:1], ints(0), ints(1), row, row, row, out, mask=x)
    with pytest.raises(ValueError, match="come together"):
        kernel.hidden(x[:1], ints(0), ints(1), row, row, row, out, tables=np.zeros((4, 6), dtype="float32"))
    with pytest.raises(ValueError, match="tables do not fit"):
        kernel.hidden(
            x[:1], ints(0), ints(1), row, row, row, out, tables=np.zeros((4, 5), dtype="f"), means=np.zeros((5, 2))
        )
    with pytest.raises(ValueError, match="trace does not fit"):
        kernel.hidden(x[:1], ints(0), ints(1), row, row, row, out, trace=kernel.Trace(2, 2))
    trace = kernel.Trace(1, 2)
    trace.which[:] = 3
    wide = np.zeros(2)
    with pytest.raises(ValueError, match="of more pieces"):
        kernel.hidden_back(out, trace, 1, ints(0), ints(1), row, wide, wide.copy(), wide.copy())
    with pytest.raises(ValueError, match="do not fit each other"):
        kernel.hidden_back(out, trace, 2, ints(0), ints(1), row, wide, wide.copy(), wide.copy())
    with pytest.raises(ValueError, match="tables do not fit the sums"):
        kernel.sums_of_means_back(np.zeros((3, 2)), np.zeros((3, 6), dtype="float32"))
