"""The first versions of the convolutional encoders, which take one matrix instead of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d


def MaxoutWindowEncoder_v1(width: int, window_size: int, maxout_pieces: int, depth: int) -> Model[Floats2d, Floats2d]:
    """spacy-legacy.MaxoutWindowEncoder.v1: context by convolutions with maxout, normalisation and residual connections.

    Unlike spacy.MaxoutWindowEncoder.v2 it takes one matrix; spacy-legacy.Tok2Vec.v1 puts it around a batch.

    width: Width of the vectors that come in and go out. Advised: 64 to 300.
    window_size: Tokens on either side that one layer sees. Advised: 1.
    maxout_pieces: Linear pieces of which the largest is taken. Advised: 2 or 3.
    depth: Number of layers. Advised: 4.

    Returns a model: a float32 matrix in, one out. *Shape:* (number of tokens, width). Its attribute `receptive_field`
    says how many tokens on either side influence one.
    """
    from spanwright.registry import get

    activation = get("layers", "Maxout.v1")(
        nO=width, nI=width * (2 * window_size + 1), nP=maxout_pieces, dropout=0.0, normalize=True
    )
    model = _convolutions(activation, width, window_size, depth)
    model.attrs["receptive_field"] = window_size * depth
    return model


def MishWindowEncoder_v1(width: int, window_size: int, depth: int) -> Model[Floats2d, Floats2d]:
    """spacy-legacy.MishWindowEncoder.v1: context by convolutions with mish, normalisation and residual connections.

    Unlike spacy.MishWindowEncoder.v2 it takes one matrix; spacy-legacy.Tok2Vec.v1 puts it around a batch.

    width: Width of the vectors that come in and go out. Advised: 64 to 300.
    window_size: Tokens on either side that one layer sees. Advised: 1.
    depth: Number of layers. Advised: 4.

    Returns a model: a float32 matrix in, one out. *Shape:* (number of tokens, width).
    """
    from spanwright.registry import get

    activation = get("layers", "Mish.v1")(nO=width, nI=width * (2 * window_size + 1), dropout=0.0, normalize=True)
    return _convolutions(activation, width, window_size, depth)


def _convolutions(activation: Any, width: int, window_size: int, depth: int) -> Model[Floats2d, Floats2d]:
    from spanwright.ml.empty import pass_empty_batches
    from spanwright.registry import get

    convolution = get("layers", "chain.v1")(get("layers", "expand_window.v1")(window_size=window_size), activation)
    model = get("layers", "clone.v1")(get("layers", "residual.v1")(convolution), depth)
    model.set_dim("nO", width)
    return pass_empty_batches(model)
