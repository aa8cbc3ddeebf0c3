"""The pass over candidates against the nodes that it stands for, and its memory."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import Model, Ragged, fix_random_seed

from spanwright.tokens import Doc
from spanwright.vocab import Vocab
from spanwright_spancat.architectures.span_categorizer import SpanCategorizer_v1
from spanwright_spancat.layers import span_forward
from spanwright_spancat.layers.linear_logistic import LinearLogistic_v1
from spanwright_spancat.layers.mean_max_reducer import mean_max_reducer_v1
from spanwright_spancat.layers.span_forward import SpanForward, find_nodes
from spanwright_spancat.suggesters import ngram_suggester

WIDTH, HIDDEN, LABELS = 6, 8, 3
VOCAB = Vocab()


class Tokens:
    """Given vectors as a layer, and the gradient that came back."""

    def __init__(self, lengths: list[int], seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.docs = [Doc(VOCAB, words=["word"] * length) for length in lengths]
        self.vectors = [rng.normal(size=(length, WIDTH)).astype("float32") for length in lengths]
        self.gradient: Any = None

    def __call__(self, model: Any, docs: Any, is_train: bool) -> Any:
        def backprop(d_vectors: Any) -> Any:
            self.gradient = np.concatenate(d_vectors)
            return []

        return [self.vectors[self.docs.index(doc)] for doc in docs], backprop


def make(tokens: Tokens, reducer: Any = None) -> Any:
    fix_random_seed(0)
    tok2vec: Model = Model("vectors", tokens, dims={"nO": WIDTH})
    model = SpanCategorizer_v1(tok2vec, reducer or mean_max_reducer_v1(HIDDEN), LinearLogistic_v1())
    spans = ngram_suggester(tokens.docs, [1])
    model.initialize(X=(tokens.docs, spans), Y=np.zeros((len(spans.dataXd), LABELS), dtype="float32"))
    rng = np.random.default_rng(1)
    for node in model.walk():
        for name in node.param_names:
            value = node.get_param(name)
            node.set_param(name, value + rng.normal(scale=0.1, size=value.shape).astype("float32"))
    return model


def run(model: Any, tokens: Tokens, spans: Ragged, rate: float = 0.0) -> dict[str, Any]:
    """Predictions, scores in training, and all gradients."""
    for node in model.walk():
        if node.name == "dropout":
            node.attrs["dropout_rate"] = rate
        for name in node.param_names:
            if node.has_grad(name):
                node.set_grad(name, node.get_grad(name) * 0)
    found = {"predicted": model.predict((tokens.docs, spans))}
    np.random.seed(0)
    found["trained"], backprop = model((tokens.docs, spans), True)
    backprop(np.random.default_rng(2).normal(size=found["trained"].shape).astype("float32"))
    found["tokens"] = tokens.gradient
    for number, node in enumerate(model.walk()):
        found.update({f"{number} {name}": node.get_grad(name).copy() for name in node.param_names})
    return found


def compare(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for key in one:
        scale = max(1.0, float(abs(other[key]).max(initial=0)))
        assert np.allclose(one[key], other[key], rtol=1e-3, atol=2e-4 * scale), key


@st.composite
def candidates(draw: Any) -> tuple[list[int], list[list[tuple[int, int]]]]:
    lengths = draw(st.lists(st.integers(0, 12), min_size=1, max_size=4).filter(any))
    spans = []
    for length in lengths:
        pair = st.tuples(st.integers(0, max(0, length - 1)), st.integers(1, max(1, length))).filter(
            lambda pair: pair[0] < pair[1]
        )
        spans.append(draw(st.lists(pair, max_size=30)) if length else [])
    if not any(spans):
        spans[next(i for i, length in enumerate(lengths) if length)] = [(0, 1)]
    return lengths, spans


@settings(max_examples=60, deadline=None)
@given(candidates(), st.sampled_from([0.0, 0.3]), st.sampled_from([3, 1024]))
def test_the_pass_gives_what_the_nodes_give(case: Any, rate: float, block: int) -> None:
    lengths, groups = case
    tokens = Tokens(lengths)
    model = make(tokens)
    bounds = np.asarray([span for group in groups for span in group], dtype="int32").reshape((-1, 2))
    spans = Ragged(bounds, np.asarray([len(group) for group in groups], dtype="int32"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(span_forward, "BLOCK", block)
        patch.setenv("SPANWRIGHT_KERNELS", "on")
        passed = run(model, tokens, spans, rate)
        patch.setenv("SPANWRIGHT_KERNELS", "off")
        compare(passed, run(model, tokens, spans, rate))


@pytest.mark.parametrize("sizes", [[1, 2, 3, 4], [40], [3, 1]])
def test_dense_and_sparse_blocks(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Many spans over few tokens, and long ones over many; in an order that jumps back and forth."""
    tokens = Tokens([300, 45])
    model = make(tokens)
    monkeypatch.setattr(span_forward, "BLOCK", 64)
    spans = ngram_suggester(tokens.docs, sizes)
    monkeypatch.setenv("SPANWRIGHT_KERNELS", "on")
    passed = run(model, tokens, spans, 0.2)
    monkeypatch.setenv("SPANWRIGHT_KERNELS", "off")
    compare(passed, run(model, tokens, spans, 0.2))


def test_pieces_within_a_budget_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANWRIGHT_KERNELS", "off")
    tokens = Tokens([30, 0, 50, 7])
    model = make(tokens)
    spans = ngram_suggester(tokens.docs, [1, 2, 5])
    whole = model.predict((tokens.docs, spans))
    cut = list(span_forward._cut(Ragged(np.concatenate(tokens.vectors), spans.lengths), spans, 40 * WIDTH * 12))
    assert len(cut) > 5
    assert np.array_equal(np.concatenate([piece.dataXd for piece in cut]), spans.dataXd)
    assert np.array_equal(sum(piece.lengths for piece in cut), spans.lengths)
    assert all(len(piece.dataXd) == piece.lengths.sum() for piece in cut)
    assert all((piece.dataXd[:, 1] - piece.dataXd[:, 0]).sum() <= 40 for piece in cut)
    monkeypatch.setattr(span_forward, "COPIES", 10_000)
    model._func.memory = 1
    assert np.allclose(model.predict((tokens.docs, spans)), whole, atol=1e-6)


def test_other_networks_run_node_by_node() -> None:
    from thinc.api import reduce_mean

    tokens = Tokens([5, 3])
    model = make(tokens, reduce_mean())
    assert find_nodes(model) is None
    spans = ngram_suggester(tokens.docs, [1, 2])
    assert np.allclose(run(model, tokens, spans)["predicted"], run(model, tokens, spans)["trained"], atol=1e-6)


def test_no_candidates() -> None:
    tokens = Tokens([5])
    model = make(tokens)
    nothing = Ragged(np.zeros((0, 0), dtype="int32"), np.zeros(1, dtype="int32"))
    assert model.predict((tokens.docs, nothing)).shape == (0, LABELS)


def test_a_backward_pass_after_prediction() -> None:
    tokens = Tokens([5, 3])
    model = make(tokens)
    spans = ngram_suggester(tokens.docs, [1, 2])
    for kernels in ("on", "off"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPANWRIGHT_KERNELS", kernels)
            tokens.gradient = None
            scores, backprop = model((tokens.docs, spans), False)
            backprop(np.ones_like(scores))
            assert abs(tokens.gradient).max() > 0


def test_weights_that_change_in_place_are_noticed() -> None:
    tokens = Tokens([5])
    model = make(tokens)
    spans = ngram_suggester(tokens.docs, [1, 2])
    before = model.predict((tokens.docs, spans))
    nodes = find_nodes(model)
    assert nodes is not None
    nodes.maxout.get_param("W")[:] *= -1
    assert abs(model.predict((tokens.docs, spans)) - before).max() > 1e-3


def test_copies_keep_the_budget_and_no_weights() -> None:
    forward = SpanForward(7)
    for twin in (copy.deepcopy(forward), pickle.loads(pickle.dumps(forward))):
        assert (twin.memory, twin._weights) == (7, {})
