"""The fast path of MaxoutWindowEncoder computes what the nodes compute, whatever comes in."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from encoder_helpers import gradients, largest_difference, randomise, sequences
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import Model, Ops, Relu, fix_random_seed, set_dropout_rate
from thinc.layers.with_array import forward as plain_forward

from spanwright_encoders.architectures.maxout_window_encoder import MaxoutWindowEncoder_v2
from spanwright_encoders.layers import window_forward


def build(width: int = 12, window_size: int = 1, pieces: int = 3, depth: int = 4) -> Model:
    fix_random_seed(0)
    model = MaxoutWindowEncoder_v2(width, window_size, pieces, depth)
    return randomise(model.initialize())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=6),
    st.integers(3, 20),
    st.integers(1, 2),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_prediction_is_that_of_the_nodes(
    lengths: list[int], width: int, window_size: int, pieces: int, depth: int
) -> None:
    model = build(width, window_size, pieces, depth)
    X = sequences(lengths, width)
    assert largest_difference(model.predict(X), plain_forward(model, X, False)[0]) < 1e-4


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("lengths", [[5, 0, 1, 9], [1], [30]])
def test_training_is_that_of_the_nodes(lengths: list[int], dropout: float) -> None:
    model = build()
    X, dY = sequences(lengths, 12), sequences(lengths, 12, seed=1)
    set_dropout_rate(model, dropout)
    results = []
    for forward in (model._func, plain_forward):
        fix_random_seed(7)
        output, backprop = forward(model, X, True)
        results.append((output, backprop([d.copy() for d in dY]), gradients(model)))
    (output, d_input, grads), (plain_output, plain_d_input, plain_grads) = results
    assert largest_difference(output, plain_output) < 1e-5
    assert largest_difference(d_input, plain_d_input) < 1e-5
    assert largest_difference(grads, plain_grads) < 5e-5


def test_kernels_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    model, X = build(), sequences([5, 9], 12)
    monkeypatch.setenv("SPANWRIGHT_KERNELS", "off")
    for is_train in (False, True):
        output, expected = model(X, is_train)[0], plain_forward(model, X, is_train)[0]
        assert all((a == b).all() for a, b in zip(output, expected, strict=True))
    monkeypatch.setattr(window_forward, "find_layers", None)  # not asked for
    model.predict(X)


def test_no_node_but_the_outermost_has_a_callback_of_ours() -> None:
    model = build()
    assert isinstance(model._func, window_forward.WindowForward)
    assert all("spanwright" not in node._func.__module__ for node in list(model.walk())[1:])


def test_long_and_short_sequences_in_one_batch_and_alone_give_the_same() -> None:
    model = build(8)
    X = sequences([3, 2 * window_forward.CHUNK + 5, 0, 900, 1500, 1, window_forward.CHUNK, window_forward.CHUNK + 1], 8)
    together = model.predict(X)
    assert largest_difference(together, plain_forward(model, X, False)[0]) < 1e-4
    for one, output in zip(X, together, strict=True):
        assert np.array_equal(model.predict([one])[0], output)
    assert largest_difference(model.predict(X[::-1])[::-1], together) == 0.0


def test_a_sequence_does_not_see_its_neighbours() -> None:
    model = build()
    a, b, c = sequences([4, 6, 3], 12)
    assert np.array_equal(model.predict([a, b, c])[1], model.predict([c, b, a, a])[1])


def test_each_output_has_memory_of_its_own() -> None:
    outputs = build().predict(sequences([4, 6], 12))
    assert all(output.base is None and output.flags.writeable for output in outputs)


def test_changed_weights_are_noticed_even_if_changed_in_place() -> None:
    model = build()
    X = sequences([9, 4], 12)
    before = model.predict(X)
    maxout = next(node for node in model.walk() if node.name == "maxout")
    W = maxout.get_param("W")
    W[3, 1, 5] += 1.0
    after = model.predict(X)
    assert largest_difference(before, after) > 1e-3
    assert largest_difference(after, plain_forward(model, X, False)[0]) < 1e-5
    W[3, 1, 5] -= 1.0
    with model.use_params({(maxout.id, "W"): np.zeros_like(W)}):
        assert largest_difference(model.predict(X), plain_forward(model, X, False)[0]) < 1e-5
    assert largest_difference(model.predict(X), before) < 1e-5


def test_gradients_agree_with_finite_differences() -> None:
    model = build(6, 1, 3, 2)
    X, dY = sequences([5, 3], 6), sequences([5, 3], 6, seed=1)
    _, backprop = model(X, is_train=True)
    d_input = backprop(dY)
    rng = np.random.default_rng(2)

    def loss(inputs: list[np.ndarray]) -> float:
        return sum(float((y.astype(np.float64) * d).sum()) for y, d in zip(model.predict(inputs), dY, strict=True))

    step = 1e-3
    direction = [rng.normal(size=x.shape).astype(np.float32) for x in X]
    plus = loss([x + step * d for x, d in zip(X, direction, strict=True)])
    minus = loss([x - step * d for x, d in zip(X, direction, strict=True)])
    expected = sum(float((g * d).sum()) for g, d in zip(d_input, direction, strict=True))
    assert (plus - minus) / (2 * step) == pytest.approx(expected, rel=2e-2, abs=1e-2)
    for node in model.walk():
        for name in node.param_names:
            value, gradient = node.get_param(name), node.get_grad(name)
            away = rng.normal(size=value.shape).astype(np.float32)
            node.set_param(name, value + step * away)
            plus = loss(X)
            node.set_param(name, value - step * away)
            minus = loss(X)
            node.set_param(name, value)
            assert (plus - minus) / (2 * step) == pytest.approx(float((gradient * away).sum()), rel=2e-2, abs=3e-2)


def test_gradients_add_up() -> None:
    model = build()
    X, dY = sequences([5, 3], 12), sequences([5, 3], 12, seed=1)
    model(X, is_train=True)[1](dY)
    once = gradients(model)
    for _ in range(2):
        model(X, is_train=True)[1](dY)
    assert largest_difference(gradients(model), [2 * g for g in once]) < 1e-4


@pytest.mark.parametrize("X", [[], [np.zeros((0, 12), dtype="f")], [np.zeros((0, 12), dtype="f")] * 3])
def test_nothing_in_nothing_out(X: list[np.ndarray]) -> None:
    model = build()
    assert [y.shape for y in model.predict(X)] == [x.shape for x in X]
    output, backprop = model(X, is_train=True)
    assert [d.shape for d in backprop(output)] == [x.shape for x in X]
    assert gradients(model) == []


def test_other_kinds_of_arrays_give_the_same() -> None:
    model = build()
    X = sequences([4, 7], 12)
    expected = model.predict(X)
    assert largest_difference(model.predict([np.asfortranarray(x) for x in X]), expected) == 0.0
    assert largest_difference(model.predict(tuple(X)), expected) == 0.0
    strided = [np.repeat(x, 2, axis=0)[::2] for x in X]
    assert largest_difference(model.predict(strided), expected) == 0.0
    frozen = [x.copy() for x in X]
    for x in frozen:
        x.flags.writeable = False
    assert largest_difference(model.predict(frozen), expected) == 0.0
    # One array is not a list of sequences: the nodes take it as it is, without rows of zeros around it.
    assert np.allclose(model.predict(X[0]), plain_forward(model, X[0], False)[0])


def test_another_node_inside_is_respected() -> None:
    model = build(8, 1, 3, 2)
    X = sequences([4, 7], 8)
    block = model.layers[0].layers[1]
    model.layers[0].layers[1] = Relu(8, 8).initialize()
    assert window_forward.find_layers(model) is None
    assert largest_difference(model.predict(X), plain_forward(model, X, False)[0]) == 0.0
    model.layers[0].layers[1] = block
    assert window_forward.find_layers(model) is not None
    block.layers[0].layers[0].attrs["window_size"] = 2  # no longer that of the other convolution
    assert window_forward.find_layers(model) is None


def test_a_backward_pass_after_prediction_is_that_of_the_nodes() -> None:
    model = build()
    X, dY = sequences([4, 7], 12), sequences([4, 7], 12, seed=1)
    d_input = model(X, is_train=False)[1]([d.copy() for d in dY])
    assert largest_difference(d_input, plain_forward(model, X, False)[1](dY)) < 1e-5


def test_bytes_copies_and_pickles_give_the_same() -> None:
    model = build()
    X = sequences([4, 7], 12)
    expected = model.predict(X)
    data = model.to_bytes()
    loaded = MaxoutWindowEncoder_v2(12, 1, 3, 4).from_bytes(data)
    assert loaded.to_bytes() == data
    forward = pickle.loads(pickle.dumps(model._func))
    for other in (loaded, model.copy(), copy.deepcopy(model)):
        assert largest_difference(other.predict(X), expected) == 0.0
        assert isinstance(other._func, window_forward.WindowForward)
    assert isinstance(forward, window_forward.WindowForward)
    changed = randomise(model.copy(), seed=3)
    assert largest_difference(changed.predict(X), expected) > 1e-3
    assert largest_difference(model.predict(X), expected) == 0.0


def test_few_packed_weights_are_kept() -> None:
    model = build(4, 1, 2, 2)
    X = sequences([3], 4)
    for _ in range(window_forward.KEPT):
        model.copy().predict(X)
    assert len(model._func._packed) <= window_forward.KEPT


def test_many_threads_predict_on_one_model() -> None:
    model = build()
    batches = [sequences([3, 20, 0, i % 7 + 1], 12, seed=i) for i in range(64)]
    expected = [model.predict(X) for X in batches]
    fresh = MaxoutWindowEncoder_v2(12, 1, 3, 4).from_bytes(model.to_bytes())
    with ThreadPoolExecutor(16) as pool:
        for found, wanted in zip(pool.map(fresh.predict, batches), expected, strict=True):
            assert largest_difference(found, wanted) == 0.0


def test_other_backends_run_the_nodes() -> None:
    """thinc's base class stands for CuPy here: arrays and operations that are not the kernel's."""

    class OtherOps(Ops):
        name = "other"

    model = build(8)
    X, dY = sequences([4, 0, 7], 8), sequences([4, 0, 7], 8, seed=1)
    expected = model.predict(X)
    output, backprop = model(X, is_train=True)
    d_input = backprop(dY)
    grads = gradients(model)
    for node in model.walk():
        node.ops = OtherOps()
    assert largest_difference(model.predict(X), expected) < 1e-5
    output, backprop = model(X, is_train=True)
    assert largest_difference(output, expected) < 1e-5
    assert largest_difference(backprop(dY), d_input) < 1e-5
    assert largest_difference(gradients(model), grads) < 5e-5
