"""The first versions of the networks that score the categories of Docs. Unlike later ones they were made for a fixed
number of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc

ENSEMBLE_ATTRS = ("ORTH", "LOWER", "PREFIX", "SUFFIX", "SHAPE", "ID")
# Attribute -> seed of its table, and the part of the width that it gets.
ENSEMBLE_TABLES = {"LOWER": (10, 1), "PREFIX": (11, 2), "SUFFIX": (12, 2), "SHAPE": (13, 2)}


def TextCatBOW_v1(
    exclusive_classes: bool, ngram_size: int, no_output_layer: bool, nO: int | None = None
) -> Model[list[Doc], Floats2d]:
    """spacy-legacy.TextCatBOW.v1: a linear model of the n-grams of a Doc.

    Unlike spacy.TextCatBOW.v2 it has no layer that says how to grow.

    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    ngram_size: Longest n-gram in tokens. Advised: 1 to 3.
    no_output_layer: Leave out softmax or logistic, and give the sums themselves.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    Reference: `output_layer`.
    """
    from thinc.api import with_cpu

    from spanwright.attrs import ORTH
    from spanwright.ml.empty import score_empty_batches

    weights = _layer("SparseLinear")(nO)
    sums = _chain(_layer("spacy.extract_ngrams")(ngram_size, attr=ORTH), weights)
    model: Model[list[Doc], Any] = with_cpu(sums, sums.ops)
    if not no_output_layer:
        activation = _layer("softmax_activation")() if exclusive_classes else _layer("Logistic")()
        model = _chain(model, with_cpu(activation, activation.ops))
    model.set_ref("output_layer", weights)
    model.attrs["multi_label"] = not exclusive_classes
    return score_empty_batches(model)


def TextCatCNN_v1(tok2vec: Model, exclusive_classes: bool, nO: int | None = None) -> Model[list[Doc], Floats2d]:
    """spacy-legacy.TextCatCNN.v1: a linear model of the mean of a Doc's token vectors.

    Unlike spacy.TextCatCNN.v2 it has no layer that says how to grow.

    tok2vec: Makes a vector of each token.
    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    References: `tok2vec`, `output_layer`.
    """
    from spanwright.ml.empty import score_empty_batches

    layer = _layer("Softmax" if exclusive_classes else "Linear")(nO=nO, nI=tok2vec.maybe_get_dim("nO"))
    model = _chain(_chain(tok2vec, _layer("list2ragged")(), _layer("reduce_mean")()), layer)
    if not exclusive_classes:
        model = _chain(model, _layer("Logistic")())
    model.set_ref("output_layer", layer)
    model.set_ref("tok2vec", tok2vec)
    if nO is not None:
        model.set_dim("nO", nO)
    model.attrs["multi_label"] = not exclusive_classes
    return score_empty_batches(model)


def TextCatEnsemble_v1(
    width: int,
    embed_size: int,
    pretrained_vectors: bool | None,
    exclusive_classes: bool,
    ngram_size: int,
    window_size: int,
    conv_depth: int,
    dropout: float | None,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """spacy-legacy.TextCatEnsemble.v1: a linear model of n-grams and a network with attention on token vectors of its
    own, each with scores of its own, combined by an output layer.

    width: Width of the token vectors. Advised: 64 to 300.
    embed_size: Rows of each table of embeddings. Advised: 1000 to 10000.
    pretrained_vectors: Whether the vocabulary's vectors take part.
    exclusive_classes: Whether exactly one category applies to a Doc: scores by softmax; else each by itself, logistic.
    ngram_size: Longest n-gram of the linear model, in tokens. Advised: 1 to 3.
    window_size: Tokens on each side that a convolution sees. Advised: 1 or 2.
    conv_depth: Number of convolutions. Advised: 2 to 8.
    dropout: Rate at which dimensions of the embeddings are dropped in training; None for never.
    nO: Number of categories; the component sets it if None.

    Returns a model: list of Docs in, one float32 row of scores for each out. *Shape:* (Docs, nO).
    References: `tok2vec`, and `output_layer`, which is that of the linear model.
    """
    from spanwright.ml.empty import score_empty_batches

    tok2vec = _own_vectors(width, embed_size, pretrained_vectors, window_size, conv_depth, dropout)
    pooled = _chain(tok2vec, _layer("list2ragged")(), _layer("ParametricAttention")(width), _layer("reduce_sum")())
    hidden = _layer("residual")(_layer("Maxout")(nO=width, nI=width))
    scores = _chain(pooled, hidden, _layer("Linear")(nO=nO, nI=width), _layer("Dropout")(0.0))
    linear_model = TextCatBOW_v1(exclusive_classes, ngram_size, no_output_layer=False, nO=nO)
    nI = 2 * nO if nO else None
    if exclusive_classes:
        output = _layer("Softmax")(nO=nO, nI=nI)
    else:
        output = _chain(_layer("Linear")(nO=nO, nI=nI), _layer("Dropout")(0.0), _layer("Logistic")())
    model = _chain(_layer("concatenate")(linear_model, scores), output)
    model.set_ref("tok2vec", tok2vec)
    if model.has_dim("nO") is not False and nO is not None:
        model.set_dim("nO", nO)
    model.set_ref("output_layer", linear_model.get_ref("output_layer"))
    model.attrs["multi_label"] = not exclusive_classes
    return score_empty_batches(model)


def _own_vectors(
    width: int, embed_size: int, pretrained_vectors: bool | None, window_size: int, depth: int, dropout: float | None
) -> Model:
    from spanwright import attrs

    concatenate, maxout = _layer("concatenate"), _layer("Maxout")
    tables = [
        _layer("HashEmbed")(
            nO=width // part, nV=embed_size, column=ENSEMBLE_ATTRS.index(attr), dropout=dropout, seed=seed
        )
        for attr, (seed, part) in ENSEMBLE_TABLES.items()
    ]
    mixed = maxout(nO=width, nI=sum(table.get_dim("nO") for table in tables), normalize=True)
    joined = tables[0]
    for table in tables[1:]:
        joined = concatenate(joined, table)  # two at a time: the node's name tells
    embedded = _layer("uniqued")(_chain(joined, mixed), column=ENSEMBLE_ATTRS.index("ORTH"))
    columns = [getattr(attrs, name) for name in ENSEMBLE_ATTRS]
    vectors = _chain(_layer("spacy.FeatureExtractor")(columns), _layer("with_array")(embedded))
    if pretrained_vectors:
        vectors = concatenate(vectors, _layer("spacy.StaticVectors")(width))
    window = _layer("expand_window")(window_size=window_size)
    convolution = _chain(window, maxout(nO=width, nI=width * (2 * window_size + 1), normalize=True))
    first = maxout(width, 2 * width if pretrained_vectors else width, normalize=True)
    encoder = _chain(first, _layer("clone")(_layer("residual")(convolution), depth))
    return _chain(vectors, _layer("with_array")(encoder, pad=depth))


def _layer(stem: str) -> Any:
    from spanwright.registry import get

    return get("layers", f"{stem}.v1")


def _chain(*layers: Model) -> Model:
    """Layer after layer, each chain inside of the next, as the published graphs are built."""
    chain, model = _layer("chain"), layers[0]
    for layer in layers[1:]:
        model = chain(model, layer)
    return model
