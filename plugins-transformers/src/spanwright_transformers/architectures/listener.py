"""A layer that stands for the vectors of the pipeline's transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..layers.listener import TransformerListener
from ..layers.trfs2arrays import trfs2arrays

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d, Ragged

    from spanwright.tokens import Doc


def TransformerListener_v1(
    pooling: Model[Ragged, Floats2d], grad_factor: Any = 1.0, upstream: str = "*"
) -> Model[list[Doc], list[Floats2d]]:
    """spacy-transformers.TransformerListener.v1: stands for the vectors of a component `transformer`.

    pooling: Makes a token's vector of those of its wordpieces: a layer from Ragged to Floats2d, such as
        reduce_mean.v1. Tokens without a piece get zeros.
    grad_factor: Scales the gradients that are sent to the transformer: a number, or a schedule with one value a step.
        0 sends nothing; 1 is usual.
    upstream: Name of the component, or "*" for the nearest transformer before the one that listens.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width of the
    transformer). References: `listener`.
    """
    from thinc.api import chain

    listener = TransformerListener(upstream_name=upstream)
    is_number = isinstance(grad_factor, (int, float))
    if not is_number:
        listener.schedule = grad_factor
    factor = None if is_number else listener.scheduled_factor
    to_arrays = trfs2arrays(pooling, grad_factor, factor=factor, width=listener.known_width)
    model: Model = chain(listener, to_arrays)
    model.set_ref("listener", listener)
    return model
