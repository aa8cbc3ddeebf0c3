"""Convolutions with maxout over a window of tokens."""

from __future__ import annotations

from thinc.api import Maxout, Model, chain, clone, expand_window, residual, with_array
from thinc.types import Floats2d

from ..layers.window_forward import WindowForward


def MaxoutWindowEncoder_v2(
    width: int, window_size: int, maxout_pieces: int, depth: int
) -> Model[list[Floats2d], list[Floats2d]]:
    """spacy.MaxoutWindowEncoder.v2: context by convolutions with maxout, layer normalisation and residual connections.

    width: Width of the vectors that come in and go out. Advised: 64 to 300.
    window_size: Tokens on either side that one layer sees. Advised: 1.
    maxout_pieces: Linear pieces of which the largest is taken. Advised: 2 or 3.
    depth: Number of layers; a token is influenced by `depth * window_size` tokens on either side. Advised: 2 to 8,
        mostly 4.

    Returns a model: a list of float32 matrices in, one for each Doc, and as many of the same shapes out.
    *Shape:* (number of tokens, width). Docs do not influence each other.
    """
    pieces = Maxout(width, width * (2 * window_size + 1), nP=maxout_pieces, dropout=0.0, normalize=True)
    layer: Model = residual(chain(expand_window(window_size), pieces))
    layers: Model = clone(layer, depth)
    layers.set_dim("nO", width)
    model: Model = with_array(layers, pad=window_size * depth)
    model.replace_callbacks(WindowForward(), init=model.init)
    return model
