"""Context by LSTM layers of PyTorch that read in both directions."""

from __future__ import annotations

from importlib.util import find_spec

from thinc.api import Model, noop, with_padded
from thinc.types import Floats2d

from spanwright.ml.empty import pass_empty_batches


def TorchBiLSTMEncoder_v1(width: int, depth: int, dropout: float) -> Model[list[Floats2d], list[Floats2d]]:
    """spacy.TorchBiLSTMEncoder.v1: context by LSTM layers of PyTorch that read in both directions.

    width: Width of the vectors that come in and go out, an even number: half for each direction. Advised: 64 to 300.
    depth: Number of layers, one upon the other; 0 lets the vectors through.
    dropout: Rate of dropout after each layer but the last. Advised: 0 to 0.3.

    Returns a model: a list of float32 matrices in, one for each Doc, and as many of the same shapes out.
    *Shape:* (number of tokens, width). The published network reads the padding of shorter Docs too, so a Doc's vectors
    depend on the longest Doc of its batch; trained weights depend on it.

    Raises ImportError if PyTorch is not installed, and says how to install it.
    """
    if depth == 0:
        return noop()
    if find_spec("torch") is None:
        from ..errors import MissingTorchError

        raise MissingTorchError(
            "spacy.TorchBiLSTMEncoder.v1 needs PyTorch, which is not installed: "
            'pip install "spanwright-encoders[torch]"'
        )
    from thinc.api import PyTorchLSTM

    model: Model = with_padded(PyTorchLSTM(width, width, bi=True, depth=depth, dropout=dropout))
    # PyTorch refuses a batch without a token.
    return pass_empty_batches(model)


# The extra of this distribution that a package of a pipeline requires.
TorchBiLSTMEncoder_v1.needs_extra = "torch"  # type: ignore[attr-defined]
