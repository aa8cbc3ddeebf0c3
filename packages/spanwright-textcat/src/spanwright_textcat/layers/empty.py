"""Networks that take Docs without tokens, which some layers of thinc refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from thinc.api import Model, Ragged


class UnlessNoTokens:
    """The forward of a network that scores Docs, not run for batches without a token: those get zeros.

    forward: The node's own.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, docs: Sequence[Any], is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the network on a batch."""
        if not any(map(len, docs)) and model.has_dim("nO"):
            return model.ops.alloc2f(len(docs), model.get_dim("nO")), lambda d_output: []
        return self.forward(model, docs, is_train)


class OfSomeTokens:
    """The forward of a layer that makes one vector of each Doc, run on those that have a token: the others get zeros.

    forward: The node's own.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, tokens: Ragged, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the layer on a batch."""
        lengths = tokens.lengths
        filled = np.flatnonzero(lengths if isinstance(lengths, np.ndarray) else lengths.get())
        if len(filled) == len(lengths):
            return self.forward(model, tokens, is_train)
        rows = model.ops.asarray(filled)
        vectors, backprop = self.forward(model, Ragged(tokens.dataXd, lengths[rows]), is_train)
        output = model.ops.alloc((len(lengths), *vectors.shape[1:]), dtype=vectors.dtype)
        output[rows] = vectors

        def backprop_some(d_output: Any) -> Ragged:
            return Ragged(backprop(model.ops.as_contig(d_output[rows])).dataXd, lengths)

        return output, backprop_some


def take_batches_without_tokens(model: Model) -> Model:
    """Let a network take batches without a token; return it. Nodes, names, attributes and numbers stay as they are."""
    model.replace_callbacks(UnlessNoTokens(model._func), init=model.init)
    return model


def take_docs_without_tokens(layer: Model) -> Model:
    """Let a layer that reduces each Doc to a vector take Docs without a token; return it."""
    layer.replace_callbacks(OfSomeTokens(layer._func), init=layer.init)
    return layer
