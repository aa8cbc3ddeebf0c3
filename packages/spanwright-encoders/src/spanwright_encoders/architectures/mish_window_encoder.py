"""Convolutions with mish over a window of tokens."""

from __future__ import annotations

from thinc.api import Mish, Model, chain, clone, expand_window, residual, with_array
from thinc.types import Floats2d

from ..layers.empty import forward_unless_empty


def MishWindowEncoder_v2(width: int, window_size: int, depth: int) -> Model[list[Floats2d], list[Floats2d]]:
    """spacy.MishWindowEncoder.v2: context by convolutions with mish, layer normalisation and residual connections.

    width: Width of the vectors that come in and go out. Advised: 64 to 300.
    window_size: Tokens on either side that one layer sees. Advised: 1.
    depth: Number of layers. Advised: 4.

    Returns a model: a list of float32 matrices in, one for each Doc, and as many of the same shapes out.
    *Shape:* (number of tokens, width). The published network puts no space between the Docs of a batch, so the tokens
    at the edges of a Doc see those of its neighbours; trained weights depend on it.

    Source: Misra 2019, https://arxiv.org/abs/1908.08681 (mish).
    """
    mish = Mish(width, width * (2 * window_size + 1), dropout=0.0, normalize=True)
    layer: Model = residual(chain(expand_window(window_size), mish))
    layers: Model = clone(layer, depth)
    layers.set_dim("nO", width)
    model: Model = with_array(layers)
    model.replace_callbacks(forward_unless_empty, init=model.init)
    return model
