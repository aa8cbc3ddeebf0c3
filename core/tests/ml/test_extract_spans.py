"""The layer spacy.extract_spans.v1, and the width helper."""

import numpy as np
import pytest
from thinc.api import Linear, Model, Ragged, chain, reduce_mean

from spanwright.ml import get_tok2vec_width
from spanwright.ml.extract_spans import extract_spans, extract_spans_v1


def ragged(data, lengths, dtype="float32"):
    return Ragged(np.asarray(data, dtype=dtype).reshape((-1, 2)), np.asarray(lengths, dtype="int32"))


TOKENS = ragged(np.arange(14), [3, 0, 4])
SPANS = ragged([[0, 2], [1, 3], [0, 4], [2, 2]], [2, 0, 2], "int32")


def test_graph():
    model = extract_spans_v1()
    assert (model.name, model.layers, model.dim_names, model.param_names, dict(model.attrs)) == (
        "extract_spans", [], (), (), {},
    )  # fmt: skip
    assert extract_spans is extract_spans_v1
    assert model.from_bytes(model.to_bytes()).name == "extract_spans"


def test_forward_and_backward():
    model = extract_spans_v1()
    model.initialize((TOKENS, SPANS))
    outputs, backprop = model((TOKENS, SPANS), is_train=True)
    rows = [0, 1, 1, 2, 3, 4, 5, 6]
    assert outputs.dataXd.tolist() == TOKENS.dataXd[rows].tolist()
    assert outputs.lengths.tolist() == [2, 2, 4, 0]
    gradient = Ragged(np.ones_like(outputs.dataXd), outputs.lengths)
    d_tokens, spans = backprop(gradient)
    assert d_tokens.dataXd[:, 0].tolist() == [1, 2, 1, 1, 1, 1, 1]
    assert d_tokens.lengths.tolist() == [3, 0, 4]
    assert spans is SPANS


def test_gradient_is_that_of_the_sum():
    rng = np.random.default_rng(0)
    tokens = ragged(rng.normal(size=(7, 2)), [3, 0, 4])
    step, weights = rng.normal(size=(7, 2)).astype("float32"), rng.normal(size=(8, 2)).astype("float32")
    model = extract_spans_v1()
    _, backprop = model((tokens, SPANS), is_train=True)
    gradient = backprop(Ragged(weights, np.asarray([2, 2, 4, 0])))[0].dataXd
    moved = [model.predict((ragged(tokens.dataXd + sign * step, [3, 0, 4]), SPANS)).dataXd for sign in (1, -1)]
    assert (gradient * step).sum() == pytest.approx(((moved[0] - moved[1]) * weights).sum() / 2, rel=1e-4)


@pytest.mark.parametrize("spans", [ragged([], [0, 0, 0], "int32"), ragged([[1, 1]], [1, 0, 0], "int32")])
def test_no_tokens_in_spans(spans):
    outputs, backprop = extract_spans_v1()((TOKENS, spans), is_train=True)
    assert outputs.dataXd.shape == TOKENS.dataXd.shape
    assert not outputs.dataXd.any()
    assert outputs.lengths.tolist() == [0, 0, 0]
    d_tokens, _ = backprop(Ragged(np.ones_like(outputs.dataXd), outputs.lengths))
    assert d_tokens.dataXd.shape == TOKENS.dataXd.shape
    assert not d_tokens.dataXd.any()


def test_empty_batch():
    empty = ragged([], [])
    outputs, backprop = extract_spans_v1()((empty, ragged([], [], "int32")), is_train=True)
    assert outputs.dataXd.shape == (0, 2)
    assert backprop(outputs)[0].dataXd.shape == (0, 2)


def test_in_a_chain():
    model = chain(extract_spans_v1(), reduce_mean())
    pooled = model.predict((TOKENS, SPANS))
    assert pooled[:3].tolist() == [[1.0, 2.0], [3.0, 4.0], [9.0, 10.0]]


def test_spans_of_another_shape():
    with pytest.raises(ValueError, match=r"must be an array of \(start, end\) pairs.* but the shape is \(2, 3\)"):
        extract_spans_v1().predict((TOKENS, Ragged(np.zeros((2, 3), dtype="i"), np.asarray([2, 0, 0]))))


def test_spans_of_another_batch():
    with pytest.raises(ValueError, match="token vectors of 3 Docs, but spans of 1"):
        extract_spans_v1().predict((TOKENS, ragged([[0, 1]], [1], "int32")))


def test_width():
    tok2vec = Linear(nO=7, nI=2)
    assert get_tok2vec_width(Model("head", lambda *_: None, layers=[tok2vec], refs={"tok2vec": tok2vec})) == 7
    unset = Model("listening", lambda *_: None, layers=[tok2vec], refs={"listener": tok2vec})
    assert get_tok2vec_width(Model("head", lambda *_: None, layers=[unset], refs={"tok2vec": unset})) == 7
    unknown = Linear()
    assert get_tok2vec_width(Model("head", lambda *_: None, layers=[unknown], refs={"tok2vec": unknown})) is None
    assert get_tok2vec_width(tok2vec) is None
