"""The layers' numbers, and their gradients against finite differences and a plain twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parser_kit import network
from thinc.api import Model, fix_random_seed

from spanwright.config import resolve
from spanwright.testing import sample_docs
from spanwright_parser._kernels.hidden import add_to_tokens, hidden, widen
from spanwright_parser.layers.precomputable_affine import PrecomputableAffine_v1, backward, collect
from spanwright_parser.layers.transition_model import open_steps

PLACES, WIDTH, PIECES = 3, 4, 2


def lower(pieces: int = PIECES) -> Any:
    model = PrecomputableAffine_v1(nO=WIDTH, nI=5, nF=PLACES, nP=pieces).initialize()
    numbers = np.random.default_rng(0)
    for name in model.param_names:
        model.set_param(name, numbers.normal(size=model.get_param(name).shape).astype("float32"))
    return model


def model_of(**settings: Any) -> Any:
    fix_random_seed(0)
    model = resolve({"model": network("ner", nO=5, **settings)})["model"]
    model.initialize(X=sample_docs((3, 2)))
    numbers = np.random.default_rng(1)
    for node in model.walk():
        for name in node.param_names:
            value = node.get_param(name)
            node.set_param(name, (value + 0.1 * numbers.normal(size=value.shape)).astype("float32"))
    return model


def ids_of(count: int, tokens: int, seed: int = 0, places: int = PLACES, missing: bool = True) -> np.ndarray:
    low = -1 if missing else 0
    return np.random.default_rng(seed).integers(low, tokens, size=(count, places)).astype("int32")


def test_the_table_holds_a_product_for_each_token_and_place() -> None:
    model = lower()
    X = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    table = model.predict(X)
    assert table.shape == (5, PLACES, WIDTH, PIECES)
    assert np.array_equal(table[0], model.get_param("pad")[0])
    assert np.allclose(table[1:], np.einsum("ni,fopi->nfop", X, model.get_param("W")), atol=1e-5)


def test_no_tokens_give_the_missing_one_alone() -> None:
    assert lower().predict(np.zeros((0, 5), dtype="float32")).shape == (1, PLACES, WIDTH, PIECES)


def test_the_layers_gradients() -> None:
    """Without missing tokens they are the mathematical ones."""
    model, ids = lower(), ids_of(6, 4, missing=False)
    X = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    dY = np.random.default_rng(1).normal(size=(6, WIDTH, PIECES)).astype("float32")
    _, backprop = model(X, is_train=True)
    dX = backprop((dY, ids))
    assert np.allclose(dX, np.einsum("nop,fopi->nfi", dY, model.get_param("W")), atol=1e-4)
    assert np.allclose(model.get_grad("W"), np.einsum("nop,nfi->fopi", dY, X[ids]), atol=1e-4)
    assert np.allclose(model.get_grad("b"), dY.sum(axis=0), atol=1e-5)
    assert not model.get_grad("pad").any()


def test_kept_fault_a_missing_token_counts_as_the_last_one_in_the_gradient_of_the_weights() -> None:
    """As published: with other gradients, training would not give the published weights."""
    model = lower()
    X = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    dY = np.ones((1, WIDTH, PIECES), dtype="float32")
    backward(model, X, dY, np.full((1, PLACES), -1, dtype="int32"))
    assert np.allclose(model.get_grad("W"), np.broadcast_to(X[-1], model.get_grad("W").shape))
    assert (model.get_grad("pad") == 1).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9), st.integers(1, 6), st.integers(1, 3), st.integers(0, 2**16))
def test_the_kernels_equal_their_twin(states: int, tokens: int, pieces: int, seed: int) -> None:
    numbers = np.random.default_rng(seed)
    full = WIDTH * pieces
    table = numbers.normal(size=(tokens + 1, PLACES, full)).astype("float32")
    bias = numbers.normal(size=full).astype("float32")
    ids = ids_of(states, tokens, seed)
    vectors, which = hidden(table, ids, bias, pieces)
    sums = table[ids + 1, np.arange(PLACES)].sum(axis=1) + bias
    expected = sums.reshape((states, WIDTH, pieces)).max(axis=2) if pieces > 1 else np.maximum(sums, 0)
    assert np.allclose(vectors, expected, atol=1e-5)
    d_vectors = numbers.normal(size=vectors.shape).astype("float32")
    d_sums = widen(d_vectors, which, pieces)
    assert np.allclose(
        d_sums.reshape((states, WIDTH, pieces)).sum(axis=2), d_vectors * (expected > 0) if pieces == 1 else d_vectors
    )
    if pieces > 1:
        assert np.array_equal(
            d_sums.reshape((states, WIDTH, pieces)).argmax(axis=2)[d_vectors > 0], which[d_vectors > 0]
        )
    ours = np.zeros((tokens + 1, PLACES, full), dtype="float32")
    add_to_tokens(ours, ids, d_sums)
    theirs = np.zeros_like(ours)
    np.add.at(theirs, (ids + 1, np.arange(PLACES)), d_sums[:, None, :])
    assert np.allclose(ours, theirs, atol=1e-5)
    assert np.allclose(collect(lower(pieces), d_sums, ids, tokens), theirs, atol=1e-5)


@pytest.mark.parametrize("row", [-2, 4, 100])
def test_kernels_refuse_tokens_that_there_are_not(row: int) -> None:
    table, bias = np.zeros((5, PLACES, 8), dtype="float32"), np.zeros(8, dtype="float32")
    ids = np.full((1, PLACES), row, dtype="int32")
    with pytest.raises(IndexError, match=f"There are 4 tokens; found the row {row}"):
        hidden(table, ids, bias, 2)
    with pytest.raises(IndexError, match=f"There are 4 tokens; found the row {row}"):
        add_to_tokens(table, ids, np.zeros((1, 8), dtype="float32"))


def test_kernels_refuse_shapes_that_do_not_fit() -> None:
    table, bias, ids = np.zeros((5, 3, 8), "float32"), np.zeros(8, "float32"), np.zeros((1, 3), "int32")
    for broken in (
        (table, ids, bias[:7], 2),
        (table, ids[:, :2].copy(), bias, 2),
        (table, ids, bias, 3),
        (table, ids, bias, 0),
    ):
        with pytest.raises(ValueError, match="The table, the tokens and the bias do not fit each other"):
            hidden(*broken)
    with pytest.raises(ValueError, match="The table, the tokens and the gradients do not fit each other"):
        add_to_tokens(table, ids, np.zeros((2, 8), "float32"))
    with pytest.raises(ValueError, match="The gradient and the pieces do not fit each other"):
        widen(np.zeros((2, 4), "float32"), np.zeros((2, 3), "uint8"), 2)


@pytest.mark.parametrize("shape", [{}, {"maxout_pieces": 3}, {"maxout_pieces": 1}, {"use_upper": False}])
def test_all_states_at_once_learn_what_each_step_by_itself_does(shape: dict[str, Any]) -> None:
    """The compiled backward pass and the published one, step by step."""
    docs, gradients = sample_docs((3, 2)), []
    for whole in (True, False):
        model = model_of(**shape)
        np.random.seed(0)
        steps = open_steps(model, docs, True, drop=0.1)
        steps._whole = whole
        for number in range(3):
            scores, backprop = steps.begin_update(ids_of(4, 5, number))
            backprop(np.sin(scores + number).astype("float32"))
        steps.finish_steps()
        gradients.append(
            {(i, name): node.get_grad(name) for i, node in enumerate(model.walk()) for name in node.grad_names}
        )
    assert gradients[0].keys() == gradients[1].keys()
    assert len(gradients[0]) > 5
    for key, value in gradients[0].items():
        assert np.allclose(value, gradients[1][key], atol=1e-4), key


@pytest.mark.parametrize(
    "shape", [{}, {"maxout_pieces": 1}, {"use_upper": False}, {"use_upper": False, "maxout_pieces": 1}]
)
def test_other_devices_compute_what_the_kernels_do(shape: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The way over thinc's Ops, here on the CPU."""
    from spanwright_parser.layers.steps import Steps

    docs, found = sample_docs((3, 2)), []
    for on_cpu in (True, False):
        monkeypatch.setattr(Steps, "on_cpu", property(lambda self, answer=on_cpu: answer))
        model = model_of(**shape)
        np.random.seed(0)
        steps = open_steps(model, docs, True, drop=0.1)
        scores, backprop = steps.begin_update(ids_of(4, 5))
        backprop(np.sin(scores).astype("float32"))
        d_tokens = steps.finish_steps()
        found.append([scores, d_tokens, *(node.get_grad(name) for node in model.layers for name in node.grad_names)])
    for one, other in zip(*found, strict=True):
        assert np.allclose(one, other, atol=1e-4)


def test_the_upper_layer_goes_to_the_device_once_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of()
    docs = sample_docs((3, 2))
    steps = open_steps(model, docs, True, drop=0.0)
    upper = model.get_ref("upper")
    read: list[Any] = []
    whole = Model.get_param
    monkeypatch.setattr(Model, "get_param", lambda model, name: read.append(model) or whole(model, name))
    for _ in range(3):
        scores, backprop = steps.begin_update(ids_of(4, 5))
        steps.predict(ids_of(4, 5))
        backprop(np.ones_like(scores))
    steps.finish_steps()
    assert upper not in read
    assert upper.get_grad("W").any()


def test_unseen_actions_get_the_lowest_score_and_no_gradient() -> None:
    model = model_of()
    model.attrs["unseen_classes"] = {1, 3}
    steps = open_steps(model, sample_docs((3, 2)), True, drop=0.0)
    scores, backprop = steps.begin_update(ids_of(4, 5))
    assert (scores[:, [1, 3]] == scores.min()).all()
    backprop(np.ones_like(scores))
    steps.finish_steps()
    assert not model.get_ref("upper").get_grad("W")[[1, 3]].any()
    assert model.get_ref("upper").get_grad("W")[[0, 2, 4]].any()
    assert steps.class_is_unseen(1)
    steps.mark_class_seen(1)
    assert not steps.class_is_unseen(1)
    steps.mark_class_unseen(1)
    assert steps.unseen.tolist() == [False, True, False, True, False]


def test_further_actions_are_scored_as_unseen() -> None:
    steps = open_steps(model_of(), sample_docs((3, 2)), False, drop=0.0)
    before = steps.predict(ids_of(4, 5))
    steps.add_unseen(2)
    after = steps.predict(ids_of(4, 5))
    assert steps.nO == 7
    assert np.array_equal(after[:, :5], before)
    assert (after[:, 5:] == before.min()).all()


def test_as_published_hidden_vectors_are_always_trained_with_dropout() -> None:
    from thinc.api import set_dropout_rate

    model = model_of()
    set_dropout_rate(model, 0.0)
    steps, finish = model(sample_docs((3, 2)), is_train=True)
    assert steps.drop == 0.1
    scores = [steps(ids_of(4, 5), True)[0] for _ in range(8)]
    assert any(not np.allclose(scores[0], other) for other in scores[1:])
    assert np.array_equal(steps(ids_of(4, 5), False)[0], steps.predict(ids_of(4, 5)))
    assert finish([]).shape == (5, 12)
    steps.clear_memory()
