"""Token vectors, weighted by attention with a transformed key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from thinc.api import (
    Dropout,
    Gelu,
    LayerNorm,
    Linear,
    Logistic,
    Maxout,
    Model,
    ParametricAttention_v2,
    Softmax,
    chain,
    list2ragged,
    reduce_sum,
    residual,
)
from thinc.types import Floats2d

from spanwright.ml.empty import score_empty_batches

from ..layers.widths import set_widths

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def TextCatParametricAttention_v1(
    tok2vec: Model[list[Doc], list[Floats2d]],
    exclusive_classes: bool,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatParametricAttention.v1: the sum of a Doc's token vectors, weighted by attention, and a layer on it.

    tok2vec: Makes a vector of each token.
    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    References: `output_layer`; within, those of the attention: `tok2vec`, `attention_layer`, `key_transform`,
    `nonlinear_layer`, `norm_layer`.
    """
    width = tok2vec.maybe_get_dim("nO")
    nonlinear = Maxout(nI=width, nO=width)
    attended = _attended(tok2vec, nonlinear, Gelu(nI=width, nO=width), width)
    output: Model[Any, Any] = Softmax(nO=nO) if exclusive_classes else chain(Linear(nO=nO), Logistic())
    model: Model[list[Doc], Floats2d] = chain(attended, output)
    if model.has_dim("nO") is not False and nO is not None:
        model.set_dim("nO", nO)
    model.set_ref("output_layer", output)
    model.attrs["multi_label"] = not exclusive_classes
    return score_empty_batches(model)


def _attended(tok2vec: Model, nonlinear: Model, key_transform: Model, width: int | None) -> Model[list[Doc], Floats2d]:
    attention = ParametricAttention_v2(nO=width, key_transform=key_transform)
    attention.replace_callbacks(FindsKeyTransform(attention._func), init=attention.init)
    norm = LayerNorm(nI=width)
    pooled: Model[Any, Any] = chain(chain(chain(tok2vec, list2ragged()), attention), reduce_sum())
    model: Model[list[Doc], Floats2d] = chain(pooled, residual(chain(chain(nonlinear, norm), Dropout(0.0))))
    refs = {
        "tok2vec": tok2vec,
        "attention_layer": attention,
        "key_transform": key_transform,
        "nonlinear_layer": nonlinear,
        "norm_layer": norm,
    }
    for name, layer in refs.items():
        model.set_ref(name, layer)
    model.init = init
    return model


class FindsKeyTransform:
    """The forward of the attention layer, for copies of models too: thinc's `copy` forgets references.

    forward: The node's own.
    """

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, tokens: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the layer on a batch."""
        if "key_transform" not in model.ref_names:
            model.set_ref("key_transform", model.layers[0])
        return self.forward(model, tokens, is_train)


def init(model: Model, X: Any = None, Y: Any = None) -> Model:
    """Allocate the weights, once tok2vec says how wide its vectors are."""
    square = ("nI", "nO")
    dims = {"attention_layer": ("nO",), "key_transform": square, "nonlinear_layer": square, "norm_layer": square}
    return set_widths(model, dims, X, Y)
