"""Bags of n-grams."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from thinc.api import Logistic, Model, chain, resizable, softmax_activation, with_cpu
from thinc.layers.resizable import resize_linear_weighted
from thinc.types import Floats2d

from spanwright.attrs import ORTH
from spanwright.errors import InvalidValueError
from spanwright.ml.empty import score_empty_batches

from ..layers.extract_ngrams import extract_ngrams_v1
from ..layers.resize import EXCLUDED, resize_output
from ..layers.sparse_linear import sparse_linear

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def TextCatBOW_v2(
    exclusive_classes: bool,
    ngram_size: int,
    no_output_layer: bool,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatBOW.v2: a linear model of the n-grams of a Doc, in its first numbering of weights.

    That numbering reaches few of its 262,144 weights per label, so that many n-grams share one; for new pipelines take
    spacy.TextCatBOW.v3.

    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    ngram_size: Longest n-gram in tokens. Advised: 1 to 3.
    no_output_layer: Leave out softmax or logistic, and give the sums themselves.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    Reference: `output_layer`.
    """
    return _bag_of_ngrams(exclusive_classes, ngram_size, no_output_layer, nO, sparse_linear(nO, v1=True))


def TextCatBOW_v3(
    exclusive_classes: bool,
    ngram_size: int,
    no_output_layer: bool,
    length: int = 262144,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy.TextCatBOW.v3: a linear model of the n-grams of a Doc.

    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    ngram_size: Longest n-gram in tokens. Advised: 1 to 3.
    no_output_layer: Leave out softmax or logistic, and give the sums themselves.
    length: Weights per category; rounded up to a power of two. n-grams whose hashes meet share a weight, so take more
        than there are distinct n-grams: 2**16 to 2**20.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    Reference: `output_layer`. Raises InvalidValueError (a ValueError) if length or ngram_size is below 1.
    """
    if length < 1:
        raise InvalidValueError(f"length is the number of weights per category: at least 1, but got {length}.")
    layer = sparse_linear(nO, length=2 ** (length - 1).bit_length())
    return _bag_of_ngrams(exclusive_classes, ngram_size, no_output_layer, nO, layer)


def _bag_of_ngrams(
    exclusive_classes: bool, ngram_size: int, no_output_layer: bool, nO: int | None, layer: Model
) -> Model[list[Doc], Floats2d]:
    first_bias = 0.0 if no_output_layer else EXCLUDED
    growing: Model[Any, Any] = resizable(
        layer, resize_layer=partial(resize_linear_weighted, fill_defaults={"b": first_bias, "W": 0.0})
    )
    ngrams = extract_ngrams_v1(ngram_size, attr=ORTH)
    sums: Model[Any, Any] = chain(ngrams, growing)
    model: Model[list[Doc], Any] = with_cpu(sums, sums.ops)
    if not no_output_layer:
        activation: Model = softmax_activation() if exclusive_classes else Logistic()
        model = chain(model, with_cpu(activation, activation.ops))
    if nO is not None:
        model.set_dim("nO", nO)
    model.set_ref("output_layer", layer)
    model.attrs["multi_label"] = not exclusive_classes
    model.attrs["resize_output"] = resize_output
    return score_empty_batches(model)
