"""The layers: n-grams, the linear layer on them, Docs without tokens, memory, and the optimizer's step."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest
from textcat_kit import DATA, examples, make
from thinc.api import SGD, Adam, RAdam, Ragged, SparseLinear_v2, reduce_max

from spanwright import registry
from spanwright.attrs import LOWER, ORTH
from spanwright.testing import sample_docs
from spanwright_textcat.layers import memory
from spanwright_textcat.layers.empty import take_docs_without_tokens
from spanwright_textcat.layers.extract_ngrams import extract_ngrams_v1
from spanwright_textcat.layers.sparse_linear import sparse_linear
from spanwright_textcat.layers.sparse_update import finish_update


def features(attr: int = ORTH) -> Any:
    return extract_ngrams_v1(2, attr).predict(sample_docs((6, 0, 3)))


def test_ngrams_of_an_attribute() -> None:
    assert registry.get("layers", "spacy.extract_ngrams.v1") is extract_ngrams_v1
    docs = sample_docs((3, 0))
    keys, counts, lengths = extract_ngrams_v1(1).predict(docs)
    assert sorted(keys.tolist()) == sorted(token.lower for token in docs[0])
    assert counts.tolist() == [1.0] * 3
    assert lengths.tolist() == [3, 0]
    output, backprop = extract_ngrams_v1(1, LOWER)(docs, is_train=True)
    assert backprop(output) == []
    with pytest.raises(ValueError, match="ngram_size is the longest n-gram in tokens: at least 1, but got 0"):
        extract_ngrams_v1(0)


@pytest.mark.parametrize("v1", [False, True])
def test_the_layer_is_thincs_with_kernels_and_without(v1: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for kernels in ("on", "off"):
        monkeypatch.setenv("SPANWRIGHT_KERNELS", kernels)
        layer = sparse_linear(3, length=128, v1=v1)
        assert layer.name == SparseLinear_v2().name
        layer.initialize()
        numbers = np.random.default_rng(0)
        layer.set_param("W", numbers.normal(size=3 * 128).astype("f"))
        predicted, _ = layer(features(), is_train=False)
        for _ in range(2):
            scores, backprop = layer(features(), is_train=True)
            backprop(numbers.normal(size=scores.shape).astype("f"))
        assert np.array_equal(predicted, scores)
        found.append((scores, layer.get_grad("W"), layer.get_grad("b")))
    for one, other in zip(*found, strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_the_backward_pass_of_a_prediction_is_thincs() -> None:
    layer = sparse_linear(2, length=64).initialize()
    scores, backprop = layer(features(), is_train=False)
    backprop(np.ones_like(scores))
    assert layer.get_grad("b").tolist() == [3.0, 3.0]


OPTIMIZERS: dict[str, Any] = {
    "adam": lambda: Adam(0.01, L2=0.01),
    "averages": lambda: Adam(0.01, L2=0.01, use_averages=True, grad_clip=0.1),
    "plain L2": lambda: Adam(0.01, L2=0.01, L2_is_weight_decay=False),
    "radam": lambda: RAdam(0.01),
    "sgd": lambda: SGD(0.01),
    "no clipping": lambda: Adam(0.01, grad_clip=0.0),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_step_gives_the_weights_that_thinc_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for kernels in ("on", "off"):
        monkeypatch.setenv("SPANWRIGHT_KERNELS", kernels)
        nlp = make("textcat_multilabel", "bow")
        optimizer = OPTIMIZERS[name]()
        for start in (0, 1, 2, 1, 0, 2):
            nlp.update(examples(nlp, DATA[start : start + 2]), sgd=optimizer)
            optimizer.step_schedules()
        layer = nlp.get_pipe("textcat_multilabel").model.get_ref("output_layer")
        found.append(layer.get_param("W"))
        if optimizer.averages is not None:
            found.append(optimizer.averages[(layer.id, "W")])
        assert optimizer.nr_update[(layer.id, "W")] == 6
        assert not layer.get_grad("W").any()
    half = len(found) // 2
    for one, other in zip(found[:half], found[half:], strict=True):
        assert abs(one).max() > 1e-3
        assert np.allclose(one, other, atol=1e-6)


def test_state_of_the_optimizer_is_thincs_own() -> None:
    """A step by the kernel can be followed by one of thinc's, and the other way round."""
    nlp = make("textcat", "bow")
    optimizer = Adam(0.01)
    model = nlp.get_pipe("textcat").model
    nlp.update(examples(nlp), sgd=optimizer)
    nlp.update(examples(nlp), sgd=False)
    model.finish_update(optimizer)
    layer = model.get_ref("output_layer")
    assert optimizer.nr_update[(layer.id, "W")] == 2
    nlp.update(examples(nlp), sgd=False)
    finish_update(model, optimizer)
    assert optimizer.nr_update[(layer.id, "W")] == 3
    restored = Adam(0.01)
    restored.mom1, restored.mom2 = dict(optimizer.mom1), dict(optimizer.mom2)
    restored.mom1[(layer.id, "W")] = np.zeros(3, dtype="f")  # of another shape: thinc's own way
    nlp.update(examples(nlp), sgd=False)
    with pytest.raises(Exception, match=r"(?i)shape|size|length"):
        finish_update(model, restored)


def test_docs_without_tokens_get_zeros_where_tokens_are_reduced() -> None:
    layer = take_docs_without_tokens(reduce_max())
    X = np.arange(12, dtype="f").reshape(6, 2)
    output, backprop = layer(Ragged(X, np.array([2, 0, 4], dtype="i")), is_train=True)
    assert output.tolist() == [[2.0, 3.0], [0.0, 0.0], [10.0, 11.0]]
    d_tokens = backprop(np.ones_like(output))
    assert d_tokens.dataXd.sum() == 4.0
    assert d_tokens.lengths.tolist() == [2, 0, 4]
    whole = Ragged(X, np.array([6], dtype="i"))
    assert np.array_equal(layer.predict(whole), reduce_max().predict(whole))


def test_too_many_labels_for_the_memory_are_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 8 * 2**30)
    memory.require_memory(1000, 2**18)
    with pytest.raises(MemoryError, match=r"2,000 labels and length = 262,144 needs about 10,000 MiB .* and 8,192 MiB"):
        memory.require_memory(2000, 2**18)
    with pytest.raises(memory.NotEnoughMemoryError, match=r"Set a smaller length .* such as 65,536, or use"):
        sparse_linear(2000).initialize()
    monkeypatch.setattr(memory, "available", lambda: None)
    memory.require_memory(10**9, 2**18)


def test_memory_is_looked_up_where_a_system_says_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = memory.available()
    assert found is None or found > 0
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("400\n")
    assert memory._of_the_group(str(tmp_path)) == 600
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._of_the_group(str(tmp_path)) is None
    assert memory._of_the_group(str(tmp_path / "none")) is None
    resource = types.SimpleNamespace(getrlimit=lambda kind: (2**40, 2**40), RLIMIT_AS=9, RLIM_INFINITY=-1)
    monkeypatch.setitem(sys.modules, "resource", resource)
    limit = memory._of_the_process()
    assert limit is None or 0 < limit < 2**40
    resource.getrlimit = lambda kind: (-1, -1)
    assert memory._of_the_process() is None
