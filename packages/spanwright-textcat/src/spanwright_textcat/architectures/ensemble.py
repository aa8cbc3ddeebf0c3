"""A bag of n-grams and token vectors with attention, together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thinc.api import (
    Dropout,
    LayerNorm,
    Linear,
    Logistic,
    Maxout,
    Model,
    ParametricAttention,
    Softmax,
    chain,
    concatenate,
    list2ragged,
    reduce_sum,
    residual,
)
from thinc.types import Floats2d

from spanwright.ml.empty import score_empty_batches

from ..layers.widths import set_widths

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def TextCatEnsemble_v2(
    tok2vec: Model[list[Doc], list[Floats2d]],
    linear_model: Model[list[Doc], Floats2d],
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatEnsemble.v2: a linear model of n-grams and a network with attention on token vectors, combined by
    an output layer.

    tok2vec: Makes a vector of each token.
    linear_model: A bag of n-grams, such as spacy.TextCatBOW.v3. Its `exclusive_classes` is the ensemble's.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    References: `tok2vec`, `attention_layer`, `maxout_layer`, `norm_layer`, and `output_layer`, which is that of the
    linear model.
    """
    exclusive_classes = not linear_model.attrs["multi_label"]
    width = tok2vec.maybe_get_dim("nO")
    attention = ParametricAttention(width)
    maxout = Maxout(nO=width, nI=width)
    norm = LayerNorm(nI=width)
    pooled: Model[Any, Any] = chain(chain(chain(tok2vec, list2ragged()), attention), reduce_sum())
    vectors: Model[Any, Any] = chain(pooled, residual(chain(chain(maxout, norm), Dropout(0.0))))
    nI = 2 * nO if nO else None
    output: Model[Any, Any] = Softmax(nO=nO, nI=nI) if exclusive_classes else chain(Linear(nO=nO, nI=nI), Logistic())
    model: Model[list[Doc], Floats2d] = chain(concatenate(linear_model, vectors), output)
    model.set_ref("tok2vec", tok2vec)
    if model.has_dim("nO") is not False and nO is not None:
        model.set_dim("nO", nO)
    model.set_ref("output_layer", linear_model.get_ref("output_layer"))
    for name, layer in (("attention_layer", attention), ("maxout_layer", maxout), ("norm_layer", norm)):
        model.set_ref(name, layer)
    model.attrs["multi_label"] = not exclusive_classes
    model.init = init
    return score_empty_batches(model)


def init(model: Model, X: Any = None, Y: Any = None) -> Model:
    """Allocate the weights, once tok2vec says how wide its vectors are."""
    output = next(node for node in model.layers[-1].walk() if "nI" in node.dim_names and node.param_names)
    linear = model.layers[0].layers[0]
    if linear.has_dim("nO") is None and output.has_dim("nO"):
        linear.get_ref("output_layer").set_dim("nO", output.get_dim("nO"))

    def widen(width: int) -> None:
        # 2 * nO, as the published graph has it, is right for vectors of that width only.
        if output.has_dim("nI") and not output.has_param("W"):
            output.set_dim("nI", output.get_dim("nO") + width, force=True)

    dims = {"attention_layer": ("nO",), "maxout_layer": ("nO", "nI"), "norm_layer": ("nI", "nO")}
    return set_widths(model, dims, X, Y, then=widen)
