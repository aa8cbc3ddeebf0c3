"""The kernels against their twins, and against thinc's own layer and optimizer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import Adam, NumpyOps, SparseLinear, SparseLinear_v2

sys.path.insert(0, str(Path(__file__).parent))
import ngrams_twin as twin

from spanwright_textcat._kernels import ngrams as kernels

IDS = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 5))
TEXTS = st.lists(st.lists(IDS, max_size=12), max_size=5)


def flat(texts: list[list[int]]) -> tuple[Any, Any]:
    return np.array([i for text in texts for i in text], dtype="uint64"), np.array(list(map(len, texts)), dtype="int32")


@given(TEXTS, st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_ngrams_are_counted_as_by_the_twin(texts: list[list[int]], size: int) -> None:
    ids, lengths = flat(texts)
    for found, expected in zip(
        kernels.count_ngrams(ids, lengths, size), twin.count_ngrams(ids, lengths, size), strict=True
    ):
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


@given(st.lists(IDS, min_size=3, max_size=9))
@settings(max_examples=30, deadline=None)
def test_hashes_of_ngrams_are_thincs(ids: list[int]) -> None:
    array = np.array(ids, dtype="uint64")
    keys, _, _ = kernels.count_ngrams(array, np.array([len(ids)], dtype="int32"), 3)
    ops = NumpyOps()
    assert set(keys.tolist()) == {*ids, *ops.ngrams(2, array).tolist(), *ops.ngrams(3, array).tolist()}


@given(st.lists(IDS, max_size=8), st.integers(1, 2**32 - 1), st.integers(0, 24))
@settings(max_examples=60, deadline=None)
def test_slots_are_found_as_by_the_twin(ids: list[int], size: int, power: int) -> None:
    keys = np.array(ids, dtype="uint64")
    assert np.array_equal(kernels.find_slots(keys, size, False), twin.find_slots(keys, size, False))
    assert np.array_equal(kernels.find_slots(keys, 2**power, True), twin.find_slots(keys, 2**power, True))


@given(TEXTS, st.integers(1, 4), st.booleans(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_scores_and_gradients_are_the_twins_and_thincs(
    texts: list[list[int]], labels: int, v1: bool, seed: int
) -> None:
    numbers = np.random.default_rng(seed)
    ids, lengths = flat(texts)
    keys, counts, lengths = kernels.count_ngrams(ids, lengths, 2)
    # Places so that those of the first version, which reach past each other, are all there.
    size = 64
    W = numbers.normal(size=labels * size).astype("f")
    b = numbers.normal(size=labels).astype("f")
    slots = kernels.find_slots(keys, size if not v1 else size // 2, v1) if labels > 1 or not v1 else None
    if slots is None:
        slots = kernels.find_slots(keys, size, v1)
    scores = kernels.scores(slots, counts, lengths, W, b, v1)
    assert np.allclose(scores, twin.scores(slots, counts, lengths, W, b, v1), atol=1e-4)
    d_scores = numbers.normal(size=scores.shape).astype("f")
    dW = np.zeros_like(W)
    kernels.add_gradient(slots, counts, lengths, d_scores, dW, v1)
    assert np.allclose(dW, twin.gradient(slots, counts, lengths, d_scores, len(W), v1), atol=1e-4)


@pytest.mark.parametrize("v1", [False, True])
def test_scores_and_gradients_are_thincs_to_the_last_bit(v1: bool) -> None:
    numbers = np.random.default_rng(0)
    ids, lengths = numbers.integers(0, 300, size=400).astype("uint64"), np.array([150, 0, 250], dtype="int32")
    keys, counts, lengths = kernels.count_ngrams(ids, lengths, 2)
    size, labels = 2**10, 5
    layer = (SparseLinear if v1 else SparseLinear_v2)(labels, size).initialize()
    W, b = (numbers.normal(size=n).astype("f") for n in (labels * size, labels))
    layer.set_param("W", W)
    layer.set_param("b", b)
    expected, backprop = layer((keys, counts, lengths), is_train=True)
    slots = kernels.find_slots(keys, size, v1)
    assert np.array_equal(kernels.scores(slots, counts, lengths, W, b, v1), expected)
    d_scores = numbers.normal(size=expected.shape).astype("f")
    backprop(d_scores)
    dW = np.zeros_like(W)
    kernels.add_gradient(slots, counts, lengths, d_scores, dW, v1)
    same = np.allclose if v1 else np.array_equal  # places of the first version overlap, and are reached in other order
    assert same(dW, layer.get_grad("W"))


@pytest.mark.parametrize("labels", [1, 3, 4, 9])
@pytest.mark.parametrize("size", [2**14, 2**16 + 5])
def test_many_ngrams_and_weights_are_scored_as_few_are(labels: int, size: int) -> None:
    numbers = np.random.default_rng(labels)
    ids, lengths = numbers.integers(0, 3000, size=1500).astype("uint64"), np.array([700, 0, 799, 1], dtype="int32")
    keys, counts, lengths = kernels.count_ngrams(ids, lengths, 2)
    W, b = numbers.normal(size=labels * size).astype("f"), numbers.normal(size=labels).astype("f")
    slots = kernels.find_slots(keys, size, False)
    scores = kernels.scores(slots, counts, lengths, W, b, False)
    assert np.allclose(scores, twin.scores(slots, counts, lengths, W, b, False), atol=1e-3)
    layer = SparseLinear_v2(labels, size).initialize()
    layer.set_param("W", W)
    layer.set_param("b", b)
    assert np.allclose(scores, layer.predict((keys, counts, lengths)), atol=1e-3)


@pytest.mark.parametrize("averages", [False, True])
@pytest.mark.parametrize("clip", [0.0, 0.5])
def test_the_step_is_thincs_adam(averages: bool, clip: float) -> None:
    numbers = np.random.default_rng(0)
    optimizer = Adam(0.01, L2=0.1, L2_is_weight_decay=True, grad_clip=clip, use_averages=averages)
    theirs = np.zeros(1000, dtype="f")
    ours, mom1, mom2, ema = (np.zeros(1000, dtype="f") for _ in range(4))
    for step in range(1, 20):
        gradient = np.zeros(1000, dtype="f")
        where = numbers.integers(0, 500, size=30)
        gradient[where] = numbers.normal(size=30)
        length = float(np.linalg.norm(gradient))
        assert kernels.norm(gradient) == pytest.approx(length, rel=1e-6)
        copied = gradient.copy()
        theirs, _ = optimizer((1, "W"), theirs, gradient)
        decay = (1.0 + step) / (10.0 + step)
        kernels.adam(
            ours, copied, mom1, mom2, ema if averages else None,
            scale=clip / length if clip and length >= clip else 1.0, beta1=0.9, beta2=0.999, eps=1e-8,
            rate=0.01 * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step), decay=0.01 * 0.1, average=1 - decay,
        )  # fmt: skip
        assert not copied.any()
    assert np.allclose(ours, theirs, atol=1e-7)
    assert np.allclose(mom2, optimizer.mom2[(1, "W")], rtol=1e-5, atol=1e-12)
    if averages:
        assert np.allclose(ema, optimizer.averages[(1, "W")], atol=1e-7)
    assert not ours[500:].any()


def test_a_momentum_that_has_died_away_is_zero() -> None:
    one = {name: np.zeros(1, dtype="f") for name in ("W", "dW", "mom1", "mom2")}
    one["mom1"][0], one["mom2"][0] = 1.05e-30, 1e-10
    kernels.adam(
        *one.values(), None, scale=1.0, beta1=0.9, beta2=0.999, eps=1e-8, rate=0.1, decay=0.0, average=0.0
    )  # fmt: skip
    assert one["mom1"][0] == 0
    assert one["mom2"][0] > 0


def test_arrays_that_do_not_fit_are_refused() -> None:
    ids, lengths, W = np.zeros(3, dtype="uint64"), np.array([3], dtype="int32"), np.zeros(8, dtype="f")
    with pytest.raises(ValueError, match="lengths must add up to the number of ids"):
        kernels.count_ngrams(ids, np.array([2], dtype="int32"), 1)
    with pytest.raises(ValueError, match="fewer than 0 tokens"):
        kernels.count_ngrams(ids, np.array([-1, 4], dtype="int32"), 1)
    with pytest.raises(ValueError, match="A table needs a place"):
        kernels.find_slots(ids, 0, False)
    slots, values, b = kernels.find_slots(ids, 4, False), np.ones(3, dtype="f"), np.zeros(2, dtype="f")
    with pytest.raises(ValueError, match="Two slots and one value for each n-gram"):
        kernels.scores(slots, values[:2], lengths, W, b, False)
    with pytest.raises(ValueError, match="fewer than 0 n-grams"):
        kernels.scores(slots, values, np.array([-1, 4], dtype="int32"), W, b, False)
    with pytest.raises(ValueError, match="One weight for each label and place"):
        kernels.scores(slots, values, lengths, W[:7], b, False)
    with pytest.raises(ValueError, match="outside of the table"):
        kernels.scores(slots + np.uint32(4), values, lengths, W, b, False)
    with pytest.raises(ValueError, match="outside of the table"):
        kernels.scores(np.full((3, 2), 3, dtype="uint32"), values, lengths, W[:3], np.zeros(3, dtype="f"), True)
    with pytest.raises(ValueError, match="One row of gradients for each Doc"):
        kernels.add_gradient(slots, values, lengths, np.zeros((2, 2), dtype="f"), W, False)
    with pytest.raises(ValueError, match="must have one length"):
        kernels.adam(W, W[:7], W, W, None, scale=1, beta1=0.9, beta2=0.9, eps=1, rate=1, decay=0, average=0)
    with pytest.raises(ValueError, match="Weights and averages must have one length"):
        kernels.adam(W, W, W, W, W[:7], scale=1, beta1=0.9, beta2=0.9, eps=1, rate=1, decay=0, average=0)


def test_a_size_far_above_every_doc_takes_no_longer() -> None:
    ids, lengths = np.arange(3, dtype="uint64"), np.asarray([3], dtype="int32")
    huge, all_sizes = kernels.count_ngrams(ids, lengths, 2**60), kernels.count_ngrams(ids, lengths, 3)
    for found, expected in zip(huge, all_sizes, strict=True):
        assert np.array_equal(found, expected)
