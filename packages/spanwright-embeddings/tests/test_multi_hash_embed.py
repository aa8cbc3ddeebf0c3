"""The fast path of MultiHashEmbed computes what the nodes compute, whatever comes in."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from embedding_helpers import ATTRS, AnyVectors, gradients, largest_difference, make_docs, normal, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import Model, NumpyOps, Ops, fix_random_seed, set_dropout_rate
from thinc.layers.chain import forward as plain_forward

from spanwright.errors import SpanwrightError
from spanwright_embeddings.architectures.multi_hash_embed import MultiHashEmbed_v2
from spanwright_embeddings.layers import multi_hash_forward as fast

ROWS = [40, 10, 30, 20]


def build(n_attrs: int = 4, static: bool = False, width: int = 10) -> Model:
    fix_random_seed(0)
    model = MultiHashEmbed_v2(width, ATTRS[:n_attrs], ROWS[:n_attrs], static)
    return randomise(model.initialize(X=make_docs([4, 3])))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=6), st.integers(1, 4), st.booleans(), st.integers(1, 40))
def test_prediction_is_that_of_the_nodes(lengths: list[int], n_attrs: int, static: bool, values: int) -> None:
    model = build(n_attrs, static)
    docs = make_docs(lengths, values=values)
    if any(lengths):
        assert largest_difference(model.predict(docs), plain_forward(model, docs, False)[0]) < 1e-5


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("lengths", [[5, 0, 1, 9], [1], [60]])
def test_training_is_that_of_the_nodes(lengths: list[int], static: bool, dropout: float) -> None:
    model = build(4, static)
    docs, d_output = make_docs(lengths), normal(lengths, 10)
    set_dropout_rate(model, dropout)
    results = []
    for forward in (model._func, plain_forward):
        fix_random_seed(7)
        output, backprop = forward(model, docs, True)
        assert backprop([d.copy() for d in d_output]) == []
        results.append((output, gradients(model)))
    (output, grads), (plain_output, plain_grads) = results
    assert largest_difference(output, plain_output) < 1e-5
    assert len(grads) == 8 + static
    assert largest_difference(grads, plain_grads) < 3e-5


def test_a_table_with_a_vector_for_everything() -> None:
    fix_random_seed(0)
    docs = make_docs([5, 2], vectors=AnyVectors())
    model = randomise(MultiHashEmbed_v2(10, ATTRS, ROWS, True).initialize(X=docs))
    assert largest_difference(model.predict(docs), plain_forward(model, docs, False)[0]) < 1e-5


def test_gradients_agree_with_finite_differences() -> None:
    model = build()
    docs, d_output = make_docs([5, 3], values=4), normal([5, 3], 10)
    _, backprop = model(docs, is_train=True)
    backprop(d_output)
    rng = np.random.default_rng(2)

    def loss() -> float:
        return sum(float((y.astype(np.float64) * d).sum()) for y, d in zip(model.predict(docs), d_output, strict=True))

    step = 1e-3
    for node in model.walk():
        for name in node.param_names:
            value, gradient = node.get_param(name), node.get_grad(name)
            away = rng.normal(size=value.shape).astype(np.float32)
            node.set_param(name, value + step * away)
            plus = loss()
            node.set_param(name, value - step * away)
            minus = loss()
            node.set_param(name, value)
            assert (plus - minus) / (2 * step) == pytest.approx(float((gradient * away).sum()), rel=2e-2, abs=2e-2)


@pytest.mark.parametrize("lengths", [[], [0], [0, 0]])
def test_nothing_in_nothing_out(lengths: list[int]) -> None:
    model = build()
    docs = make_docs(lengths)
    assert [y.shape for y in model.predict(docs)] == [(0, 10)] * len(docs)
    output, backprop = model(docs, is_train=True)
    assert backprop(output) == []
    assert gradients(model) == []


def test_each_token_depends_on_nothing_but_its_values() -> None:
    model = build()
    docs = make_docs([6, 4, 0, 3])
    together = model.predict(docs)
    for doc, output in zip(docs, together, strict=True):
        assert largest_difference(model.predict([doc]), [output]) < 1e-6
    assert largest_difference(model.predict([*docs, *docs])[4:], together) < 1e-6


def test_changed_weights_count_at_once() -> None:
    model = build()
    docs = make_docs([6, 4])
    before = model.predict(docs)
    table = next(node for node in model.walk() if node.name == "hashembed")
    table.get_param("E")[:] += 1.0
    assert largest_difference(model.predict(docs), before) > 1e-3
    assert largest_difference(model.predict(docs), plain_forward(model, docs, False)[0]) < 1e-5


def test_another_node_inside_is_respected() -> None:
    for static in (False, True):
        model = build(4, static)
        docs = make_docs([6, 4])
        assert fast.find_nodes(model) is not None
        for node in list(model.walk())[1:]:
            original = node._func
            node._func = lambda *args, _f=original, **kwargs: _f(*args, **kwargs)
            assert fast.find_nodes(model) is None, node.name
            assert largest_difference(model.predict(docs), plain_forward(model, docs, False)[0]) == 0.0
            node._func = original


def test_kernels_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    model, docs = build(), make_docs([6, 4])
    monkeypatch.setenv("SPANWRIGHT_KERNELS", "off")
    monkeypatch.setattr(fast, "find_nodes", None)  # not asked for
    assert largest_difference(model.predict(docs), plain_forward(model, docs, False)[0]) == 0.0


def test_a_backward_pass_after_prediction_is_that_of_the_nodes() -> None:
    model = build()
    docs, d_output = make_docs([4, 7]), normal([4, 7], 10)
    model(docs, is_train=False)[1]([d.copy() for d in d_output])
    found = gradients(model)
    plain_forward(model, docs, False)[1](d_output)
    assert largest_difference(found, gradients(model)) < 1e-5


def test_bytes_copies_and_pickles_give_the_same() -> None:
    for static in (False, True):
        model = build(4, static)
        docs = make_docs([4, 7])
        data = model.to_bytes()
        loaded = MultiHashEmbed_v2(10, ATTRS, ROWS, static).from_bytes(data)
        assert loaded.to_bytes() == data
        for other in (loaded, model.copy(), copy.deepcopy(model)):
            assert largest_difference(other.predict(docs), model.predict(docs)) == 0.0
        assert pickle.loads(pickle.dumps(model._func)) is fast.multi_hash_forward


def test_many_threads_predict_on_one_model() -> None:
    model = build(4, True)
    batches = [make_docs([3, 20, 0, i % 7 + 1], seed=i) for i in range(64)]
    expected = [model.predict(docs) for docs in batches]
    with ThreadPoolExecutor(16) as pool:
        for found, wanted in zip(pool.map(model.predict, batches), expected, strict=True):
            assert largest_difference(found, wanted) == 0.0


def test_rows_and_attributes_that_differ_in_number_are_an_error() -> None:
    with pytest.raises(
        ValueError, match=r"one number for each of the 2 attributes in attrs \(NORM, SHAPE\), and has 1"
    ) as e:
        MultiHashEmbed_v2(10, ["NORM", "SHAPE"], [10], False)
    assert isinstance(e.value, SpanwrightError)


def test_an_attribute_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="no attribute 'PREFX'.*PREFIX"):
        MultiHashEmbed_v2(10, ["NORM", "PREFX"], [10, 10], False)


@pytest.mark.parametrize("static", [False, True])
def test_other_backends_run_the_nodes(static: bool) -> None:
    """thinc's base class stands for CuPy here: arrays and operations that are not the kernels'."""

    class OtherOps(Ops):
        name = "other"

        def hash(self, ids: Any, seed: int) -> Any:  # the base class hashes in its own way
            return NumpyOps().hash(ids, seed)

    model = build(4, static)
    docs, d_output = make_docs([4, 0, 7]), normal([4, 0, 7], 10)
    expected = model.predict(docs)
    _, backprop = model(docs, is_train=True)
    backprop(d_output)
    grads = gradients(model)
    for node in model.walk():
        node.ops = OtherOps()
    assert largest_difference(model.predict(docs), expected) < 1e-5
    _, backprop = model(docs, is_train=True)
    backprop(d_output)
    assert largest_difference(gradients(model), grads) < 3e-5
