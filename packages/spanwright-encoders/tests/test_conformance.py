"""The conformance kit on every name of this distribution."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from spanwright.testing import check_distribution, conformance

WINDOW = {"width": 8, "window_size": 1, "depth": 2, "inputs": "floats"}

test_maxout_window_encoder = conformance({"spacy.MaxoutWindowEncoder.v2": {**WINDOW, "maxout_pieces": 2}})
# The published network puts no space between the inputs of a batch.
test_mish_window_encoder = conformance({"spacy.MishWindowEncoder.v2": {**WINDOW, "independent": False}})
# The published network reads the padding of a batch.
BILSTM = {"width": 8, "depth": 1, "dropout": 0.0, "inputs": "floats", "independent": False}
test_torch_bilstm_encoder = pytest.mark.skipif(find_spec("torch") is None, reason="needs the extra `torch`")(
    conformance({"spacy.TorchBiLSTMEncoder.v1": BILSTM})
)


def test_distribution() -> None:
    check_distribution("spanwright-encoders")
