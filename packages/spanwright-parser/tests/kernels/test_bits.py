"""Arrays are the same if their bits are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from spanwright_parser._kernels.bits import same_bits

ARRAYS = arrays("float32", array_shapes(max_dims=3, max_side=3), elements=st.sampled_from([0.0, -0.0, 1.0, np.nan]))


@given(first=ARRAYS, second=ARRAYS)
def test_it_says_what_bytes_say(first: np.ndarray, second: np.ndarray) -> None:
    assert same_bits(first, second) == (first.shape == second.shape and first.tobytes() == second.tobytes())
    assert same_bits(first, first.copy())


def test_types_and_orders_count() -> None:
    array = np.arange(6, dtype="float32").reshape(2, 3)
    assert not same_bits(array, array.view("int32"))
    assert not same_bits(array, np.asfortranarray(array))
    assert not same_bits(array[:, ::2], array[:, ::2])
