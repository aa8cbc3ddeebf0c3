"""A small network on word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thinc.api import (
    Dropout,
    Linear,
    Logistic,
    Model,
    ParametricAttention,
    Relu,
    chain,
    clone,
    list2ragged,
    reduce_sum,
    residual,
)
from thinc.types import Floats2d

from ..layers.empty import take_batches_without_tokens

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def TextCatLowData_v1(
    width: int,
    dropout: float | None,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatLowData.v1: a network on the vectors of the vocabulary alone, for little data. Each category is
    scored by itself.

    width: Width of the projected word vectors. Advised: 64 to 300.
    dropout: Rate at which scores are dropped in training; None or 0 for never.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO). The vocabulary needs
    word vectors.
    """
    from spanwright import registry

    static_vectors = registry.get("layers", "spacy.StaticVectors.v2")
    attended = chain(chain(chain(static_vectors(width), list2ragged()), ParametricAttention(width)), reduce_sum())
    model: Model[list[Doc], Floats2d] = chain(
        chain(attended, clone(residual(Relu(width, width)), 2)), Linear(nO, width)
    )
    if dropout:
        model = chain(model, Dropout(dropout))
    return take_batches_without_tokens(chain(model, Logistic()))
