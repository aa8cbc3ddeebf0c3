"""spacy-legacy.StaticVectors.v1 and the fault that trained weights depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from thinc.types import Ragged

from spanwright_legacy.layers.static_vectors import StaticVectors_v1


class Vectors:
    data = np.arange(12, dtype="f").reshape(4, 3)

    def find(self, *, keys: Any) -> Any:
        return np.array([int(key) if key < 4 else -1 for key in keys], dtype="i")


class Vocab:
    vectors = Vectors()


class StubDoc:
    vocab = Vocab()

    def __init__(self, *keys: int) -> None:
        self.keys = np.array(keys, dtype="uint64")

    def __len__(self) -> int:
        return len(self.keys)

    def to_array(self, attr: str) -> Any:
        assert attr == "ORTH"
        return self.keys


def test_a_word_without_a_vector_gets_the_last_one() -> None:
    docs = [StubDoc(0, 2, 99), StubDoc(), StubDoc(1)]
    model = StaticVectors_v1(2).initialize(X=docs)
    output, backprop = model(docs, is_train=True)
    expected = Vectors.data[[0, 2, 3, 1]]
    assert np.allclose(output.data, expected @ model.get_param("W").T, atol=1e-5)
    assert backprop(Ragged(np.ones_like(output.data), output.lengths)) == []
    assert np.allclose(model.get_grad("W"), [expected.sum(axis=0)] * 2)


def test_dropout_drops_whole_dimensions() -> None:
    docs = [StubDoc(1, 2, 3)]
    model = StaticVectors_v1(50, dropout=0.5).initialize(X=docs)
    output, _ = model(docs, is_train=True)
    dropped = ~output.data.any(axis=0)
    assert 0 < dropped.sum() < 50
    kept = model.predict(docs).data[:, ~dropped]
    assert np.allclose(output.data[:, ~dropped], kept * 2, rtol=1e-4)


def test_empty_batches_and_widths_that_do_not_fit() -> None:
    model = StaticVectors_v1(2, 3).initialize()
    assert model.predict([StubDoc()]).dataXd.shape == (0, 2)
    with pytest.raises(ValueError, match="vectors of width 5, and the vocabulary's have 3"):
        StaticVectors_v1(2, 5).initialize().predict([StubDoc(1)])
    with pytest.raises(ValueError, match="nM is neither an argument nor to be inferred"):
        StaticVectors_v1(2).initialize()
