"""Layers that take Docs without tokens, which thinc's refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from thinc.api import Model, Ragged


class OfSomeTokens:
    """The forward of a layer that makes one vector of each Doc, run on those that have a token: the others get zeros.

    forward: The node's own.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, tokens: Ragged, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the layer on a batch."""
        lengths: Any = tokens.lengths
        filled: Any = np.flatnonzero(lengths if isinstance(lengths, np.ndarray) else lengths.get())
        if len(filled) == len(lengths):
            return self.forward(model, tokens, is_train)
        rows = model.ops.asarray(filled)
        vectors, backprop = self.forward(model, Ragged(tokens.dataXd, lengths[rows]), is_train)
        output = model.ops.alloc((len(lengths), *vectors.shape[1:]), dtype=vectors.dtype)
        output[rows] = vectors

        def backprop_some(d_output: Any) -> Ragged:
            return Ragged(backprop(model.ops.as_contig(d_output[rows])).dataXd, lengths)

        return output, backprop_some


def take_docs_without_tokens(layer: Model) -> Model:
    """Let a layer that reduces each Doc to a vector take Docs without a token; return it."""
    layer.replace_callbacks(OfSomeTokens(layer._func), init=layer.init)
    return layer
