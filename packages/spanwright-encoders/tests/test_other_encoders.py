"""MishWindowEncoder and TorchBiLSTMEncoder."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
from encoder_helpers import gradients, largest_difference, randomise, sequences

from spanwright.errors import SpanwrightError
from spanwright_encoders.architectures import torch_bilstm_encoder
from spanwright_encoders.architectures.mish_window_encoder import MishWindowEncoder_v2
from spanwright_encoders.architectures.torch_bilstm_encoder import TorchBiLSTMEncoder_v1

HAS_TORCH = importlib.util.find_spec("torch") is not None


def test_mish_runs_both_ways_and_survives_a_round_trip() -> None:
    model = randomise(MishWindowEncoder_v2(8, 1, 2).initialize())
    X = sequences([4, 0, 7], 8)
    output, backprop = model(X, is_train=True)
    assert [y.shape for y in output] == [x.shape for x in X]
    assert [d.shape for d in backprop(output)] == [x.shape for x in X]
    assert len(gradients(model)) == 8
    loaded = MishWindowEncoder_v2(8, 1, 2).from_bytes(model.to_bytes())
    assert largest_difference(loaded.predict(X), model.predict(X)) == 0.0
    assert loaded.predict([]) == []


def test_mish_lets_neighbouring_docs_see_each_other_as_published() -> None:
    model = randomise(MishWindowEncoder_v2(8, 1, 2).initialize())
    a, b = sequences([4, 7], 8)
    assert not np.allclose(model.predict([a, b])[0], model.predict([a])[0])


def test_torch_is_named_with_its_extra_if_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str, *args: Any) -> None:
        return None

    monkeypatch.setattr(torch_bilstm_encoder, "find_spec", nothing)
    with pytest.raises(ImportError, match=r'pip install "spanwright-encoders\[torch\]"') as caught:
        TorchBiLSTMEncoder_v1(8, 2, 0.0)
    assert isinstance(caught.value, SpanwrightError)


def test_no_layers_need_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_bilstm_encoder, "find_spec", lambda name: None)
    X = sequences([4, 7], 8)
    assert largest_difference(TorchBiLSTMEncoder_v1(8, 0, 0.0).predict(X), X) == 0.0


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
def test_bilstm_runs_both_ways() -> None:
    model = TorchBiLSTMEncoder_v1(8, 2, 0.0)
    X = sequences([4, 7], 8)
    model.initialize(X=X)
    output, backprop = model(X, is_train=True)
    assert [y.shape for y in output] == [x.shape for x in X]
    assert [d.shape for d in backprop(output)] == [x.shape for x in X]
    loaded = TorchBiLSTMEncoder_v1(8, 2, 0.0).from_bytes(model.to_bytes())
    assert largest_difference(loaded.predict(X), model.predict(X)) < 1e-6
