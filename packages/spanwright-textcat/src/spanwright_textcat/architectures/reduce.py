"""Linear models of the token vectors of a Doc, reduced to one vector."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from thinc.api import (
    Linear,
    Logistic,
    Model,
    Softmax,
    chain,
    concatenate,
    list2ragged,
    reduce_first,
    reduce_last,
    reduce_max,
    reduce_mean,
    resizable,
)
from thinc.layers.resizable import resize_linear_weighted
from thinc.types import Floats2d

from spanwright.errors import InvalidValueError
from spanwright.ml.empty import score_empty_batches

from ..layers.empty import take_docs_without_tokens
from ..layers.resize import EXCLUDED, resize_output

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def TextCatCNN_v2(
    tok2vec: Model[list[Doc], list[Floats2d]],
    exclusive_classes: bool,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatCNN.v2: a linear model of the mean of a Doc's token vectors.

    It is spacy.TextCatReduce.v1 with use_reduce_mean alone.

    tok2vec: Makes a vector of each token.
    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    References: `tok2vec`, `output_layer`.
    """
    return TextCatReduce_v1(
        tok2vec,
        exclusive_classes,
        use_reduce_first=False,
        use_reduce_last=False,
        use_reduce_max=False,
        use_reduce_mean=True,
        nO=nO,
    )


def TextCatReduce_v1(
    tok2vec: Model[list[Doc], list[Floats2d]],
    exclusive_classes: bool,
    use_reduce_first: bool,
    use_reduce_last: bool,
    use_reduce_max: bool,
    use_reduce_mean: bool,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatReduce.v1: a linear model of a Doc's token vectors, reduced in one or several ways.

    tok2vec: Makes a vector of each token.
    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    use_reduce_first, use_reduce_last: Take the vector of the first, the last token.
    use_reduce_max, use_reduce_mean: Take the largest value of each dimension, the mean of the vectors.
        The reductions are concatenated in the order of the arguments.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    References: `tok2vec`, `output_layer`. Raises InvalidValueError (a ValueError) if no reduction is chosen.
    """
    made: list[tuple[bool, Any]] = [
        (use_reduce_first, reduce_first),
        (use_reduce_last, reduce_last),
        (use_reduce_max, reduce_max),
        (use_reduce_mean, reduce_mean),
    ]
    reductions = [take_docs_without_tokens(make()) for chosen, make in made if chosen]
    if not reductions:
        raise InvalidValueError(
            "spacy.TextCatReduce.v1 needs a way to reduce the tokens of a Doc: set at least one of use_reduce_first, "
            "use_reduce_last, use_reduce_max and use_reduce_mean to true."
        )
    width = tok2vec.maybe_get_dim("nO")
    nI = None if width is None else width * len(reductions)
    vectors: Model[Any, Any] = chain(chain(tok2vec, list2ragged()), concatenate(*reductions))
    layer: Model = Softmax(nO=nO, nI=nI) if exclusive_classes else Linear(nO=nO, nI=nI)
    first_bias = EXCLUDED if exclusive_classes else 0.0
    growing: Model[Any, Any] = resizable(
        layer, resize_layer=partial(resize_linear_weighted, fill_defaults={"b": first_bias, "W": 0.0})
    )
    model: Model[list[Doc], Floats2d] = chain(vectors, growing)
    if not exclusive_classes:
        model = chain(model, Logistic())
    model.set_ref("output_layer", layer)
    model.attrs["resize_output"] = resize_output
    model.set_ref("tok2vec", tok2vec)
    if nO is not None:
        model.set_dim("nO", nO)
    model.attrs["multi_label"] = not exclusive_classes
    return score_empty_batches(model)
