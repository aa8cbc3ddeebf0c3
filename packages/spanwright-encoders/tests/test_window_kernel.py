"""The compiled layer against its twin in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from encoder_helpers import backward_twin, layer_twin
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_encoders._kernels import window

UNITS = [lanes for lanes in (4, 8, 16) if lanes <= window.lanes()]

shapes = st.fixed_dictionaries(
    {
        "n": st.integers(1, 40),
        "width": st.integers(1, 40),
        "window_size": st.integers(0, 3),
        "pieces": st.integers(1, 3),
        "seed": st.integers(0, 10_000),
        "lanes": st.sampled_from(UNITS),
    }
)


def make(n: int, width: int, window_size: int, pieces: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = {
        "x": (n, width),
        "W": (width, pieces, (2 * window_size + 1) * width),
        "b": (width, pieces),
        "scale": (width,),
        "shift": (width,),
        "dy": (n, width),
    }
    return {name: rng.normal(size=size).astype(np.float32) for name, size in sizes.items()}


def buffers(x: np.ndarray, window_size: int) -> tuple[np.ndarray, np.ndarray]:
    buffer = np.zeros((window_size + len(x) + window.guard(window_size), x.shape[1]), dtype=np.float32)
    buffer[window_size : window_size + len(x)] = x
    return buffer, np.zeros_like(buffer)


def run(data: dict[str, np.ndarray], window_size: int, lanes: int, trace: window.Trace | None = None) -> np.ndarray:
    x, y = buffers(data["x"], window_size)
    n = len(data["x"])
    packed = window.Packed(data["W"], data["b"], lanes)
    window.forward(x, n, window_size, packed, data["scale"], data["shift"], y, trace)
    assert not y[:window_size].any() and not y[window_size + n :].any()
    return y[window_size : window_size + n]


@settings(max_examples=150, deadline=None)
@given(shapes)
def test_a_layer_equals_its_twin(shape: dict[str, int]) -> None:
    lanes = shape.pop("lanes")
    data = make(**shape)
    expected = layer_twin(data["x"], shape["window_size"], data["W"], data["b"], data["scale"], data["shift"])
    if shape["width"] > 2:  # the variance of one or two numbers may be next to nothing
        assert np.allclose(run(data, shape["window_size"], lanes), expected, atol=2e-3, rtol=1e-3)


@settings(max_examples=100, deadline=None)
@given(shapes, st.booleans())
def test_training_gives_the_same_output_and_the_gradients_of_the_twin(shape: dict[str, int], dropout: bool) -> None:
    lanes = shape.pop("lanes")
    n, width, pieces = shape["n"], shape["width"], shape["pieces"]
    data = make(**shape)
    mask = np.random.default_rng(1).integers(0, 2, (n, width)).astype(np.float32) * 2 if dropout else None
    trace = window.Trace(n, width, mask)
    trained = run(data, shape["window_size"], lanes, trace)
    predicted = run(data, shape["window_size"], lanes)
    added = (predicted - data["x"]) * (1 if mask is None else mask)
    assert np.allclose(trained, data["x"] + added, atol=1e-4)
    assert trace.which.max(initial=0) < pieces
    found = window.backward(data["dy"], trace, data["scale"], pieces)
    expected = backward_twin(data["dy"], trace.which, trace.normed, trace.rstd, mask, data["scale"], pieces)
    for one, other in zip(found, expected, strict=True):
        assert np.allclose(one, other, rtol=1e-3, atol=1e-3 * max(1.0, abs(other).max(initial=0)))


@pytest.mark.parametrize("lanes", UNITS)
def test_what_a_row_gives_does_not_depend_on_the_rows_around_its_window(lanes: int) -> None:
    data = make(50, 24, 1, 3, 0)
    whole = run(data, 1, lanes)
    for start, stop in ((0, 10), (3, 17), (20, 50)):
        part = run({**data, "x": data["x"][start:stop]}, 1, lanes)
        assert np.array_equal(part[1:-1], whole[start + 1 : stop - 1])


def test_packed_weights_know_whether_they_are_of_given_weights() -> None:
    data = make(1, 8, 1, 3, 0)
    W, b = data["W"], data["b"]
    packed = window.Packed(W, b)
    assert packed.is_of(W, b) and packed.is_of(W.copy(), b.copy())
    W[7, 2, 23] = np.nextafter(W[7, 2, 23], np.float32(9))
    assert not packed.is_of(W, b)
    W[7, 2, 23] = packed_value = make(1, 8, 1, 3, 0)["W"][7, 2, 23]
    assert packed_value == W[7, 2, 23] and packed.is_of(W, b)
    b[0, 0] += 1
    assert not packed.is_of(W, b)
    assert not packed.is_of(W[:4], data["b"][:4])
    assert not packed.is_of(W.astype(np.float64), b)


def test_buffers_that_do_not_fit_are_refused() -> None:
    data = make(5, 8, 1, 3, 0)
    x, y = buffers(data["x"], 1)
    packed = window.Packed(data["W"], data["b"])
    with pytest.raises(ValueError, match="buffers do not fit"):
        window.forward(x, 6, 1, packed, data["scale"], data["shift"], y)
    with pytest.raises(ValueError, match="buffers do not fit"):
        window.forward(x, 5, 1, packed, data["scale"][:4], data["shift"], y)
    with pytest.raises(ValueError, match="trace does not fit"):
        window.forward(x, 5, 1, packed, data["scale"], data["shift"], y, window.Trace(4, 8))
    with pytest.raises(ValueError, match="mask does not fit"):
        window.forward(x, 5, 1, packed, data["scale"], data["shift"], y, window.Trace(5, 8, data["x"][:4]))
    with pytest.raises(ValueError, match="At most 3 pieces"):
        window.Packed(np.zeros((2, 4, 6), dtype="f"), np.zeros((2, 4), dtype="f"))
    with pytest.raises(ValueError, match="vectors have"):
        window.Packed(data["W"], data["b"], 5)
