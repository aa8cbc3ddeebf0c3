"""First weights, outputs and gradients are those that spaCy 3.8.18 gives for the same seeds and weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from thinc.api import fix_random_seed, set_dropout_rate

from spanwright_encoders.architectures.maxout_window_encoder import MaxoutWindowEncoder_v2
from spanwright_encoders.architectures.mish_window_encoder import MishWindowEncoder_v2

RECORDED = np.load(Path(__file__).parent / "goldens" / "outputs.npz")
CASES: dict[str, tuple[Any, dict[str, int], float]] = {
    "maxout": (MaxoutWindowEncoder_v2, {"width": 8, "window_size": 1, "maxout_pieces": 3, "depth": 3}, 0.0),
    "maxout_wide": (MaxoutWindowEncoder_v2, {"width": 8, "window_size": 2, "maxout_pieces": 2, "depth": 1}, 0.2),
    "mish": (MishWindowEncoder_v2, {"width": 8, "window_size": 1, "depth": 2}, 0.0),
}


def split(flat: np.ndarray) -> list[np.ndarray]:
    return [np.ascontiguousarray(part) for part in np.split(flat, np.cumsum(RECORDED["lengths"])[:-1])]


@pytest.mark.parametrize("case", sorted(CASES))
def test_weights_outputs_and_gradients(case: str) -> None:
    function, arguments, dropout = CASES[case]
    X = split(RECORDED["input"])
    fix_random_seed(0)
    model = function(**arguments)
    model.initialize(X=X)
    for i, node in enumerate(model.walk()):
        for name in node.param_names:
            assert np.array_equal(node.get_param(name), RECORDED[f"{case}/first/{i}/{name}"])
            node.set_param(name, RECORDED[f"{case}/param/{i}/{name}"].copy())
    assert np.allclose(np.concatenate(model.predict(X)), RECORDED[f"{case}/predicted"], atol=1e-5)
    set_dropout_rate(model, dropout)
    fix_random_seed(3)
    output, backprop = model(X, is_train=True)
    assert np.allclose(np.concatenate(output), RECORDED[f"{case}/trained"], atol=1e-5)
    d_input = backprop(split(RECORDED[f"{case}/d_output"]))
    assert np.allclose(np.concatenate(d_input), RECORDED[f"{case}/d_input"], rtol=1e-4, atol=1e-5)
    for i, node in enumerate(model.walk()):
        for name in node.param_names:
            assert np.allclose(node.get_grad(name), RECORDED[f"{case}/grad/{i}/{name}"], rtol=1e-4, atol=2e-5)
