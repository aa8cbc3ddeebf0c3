"""A small network on word vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from thinc.api import (
    Dropout,
    Linear,
    Logistic,
    Model,
    ParametricAttention,
    Ragged,
    Relu,
    chain,
    clone,
    list2ragged,
    reduce_sum,
    residual,
)
from thinc.types import Floats2d

from spanwright.ml.empty import score_empty_batches

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def TextCatLowData_v1(
    width: int,
    dropout: float | None,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatLowData.v1: a network on the vectors of the vocabulary alone, for little data. Each category is
    scored by itself.

    The published network cannot be run in spaCy 3.8, where the layer after the vectors refuses what they give; the
    graph is the same here, and it runs.

    width: Width of the projected word vectors. Advised: 64 to 300.
    dropout: Rate at which scores are dropped in training; None or 0 for never.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO). The vocabulary needs
    word vectors.
    """
    from spanwright import registry

    static_vectors = registry.get("layers", "spacy.StaticVectors.v2")
    tokens: Model[Any, Any] = chain(static_vectors(width), _ragged_or_list())
    attended: Model[Any, Any] = chain(chain(tokens, ParametricAttention(width)), reduce_sum())
    model: Model[list[Doc], Floats2d] = chain(
        chain(attended, clone(residual(Relu(width, width)), 2)), Linear(nO, width)
    )
    if dropout:
        model = chain(model, Dropout(dropout))
    return score_empty_batches(chain(model, Logistic()))


def _ragged_or_list() -> Model[Any, Ragged]:
    """thinc's list2ragged, which passes a Ragged on."""
    layer: Model[Any, Any] = list2ragged()
    layer.replace_callbacks(PassRagged(layer._func), init=layer.init)
    return layer


class PassRagged:
    """The forward of a layer that makes a Ragged, not run where there is one already.

    forward: The node's own.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, tokens: Any, is_train: bool) -> tuple[Ragged, Callable[[Any], Any]]:
        """Run the layer on a batch."""
        if isinstance(tokens, Ragged):
            return tokens, lambda d_tokens: d_tokens
        return self.forward(model, tokens, is_train)
