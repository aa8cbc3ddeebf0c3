"""Data and small networks for the tests of this distribution."""

from __future__ import annotations

from typing import Any

from thinc.api import Adam
from thinc.util import fix_random_seed

from spanwright import blank
from spanwright.tokens import Example

CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 16, "depth": 1, "embed_size": 200, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}
DATA = [
    ("I love this warm bread , it is great", {"GOOD": 1.0, "BAD": 0.0}),
    ("what a great and lovely cake", {"GOOD": 1.0, "BAD": 0.0}),
    ("I hate this burnt soup , it is awful", {"GOOD": 0.0, "BAD": 1.0}),
    ("the pie is awful and cold", {"GOOD": 0.0, "BAD": 1.0}),
]
# A third category, for labels that come later.
MORE = [
    ("when does the shop open", {"GOOD": 0.0, "BAD": 0.0, "ASK": 1.0}),
    ("where does one buy flour", {"GOOD": 0.0, "BAD": 0.0, "ASK": 1.0}),
]


def bow(
    exclusive: bool, *, version: str = "v3", size: int = 1, bare: bool = False, length: int = 1024
) -> dict[str, Any]:
    """A bag of n-grams."""
    settings = {"exclusive_classes": exclusive, "ngram_size": size, "no_output_layer": bare}
    if version == "v3":
        settings["length"] = length
    return {"@architectures": f"spacy.TextCatBOW.{version}", **settings}


def network(name: str, exclusive: bool, tok2vec: dict[str, Any] = CNN) -> dict[str, Any]:
    """A small network of the name; "bare" and "ensemble-bare" have a bag without an output layer."""
    attention = {
        "@architectures": "spacy.TextCatParametricAttention.v1",
        "tok2vec": tok2vec,
        "exclusive_classes": exclusive,
    }
    reduce = {f"use_reduce_{how}": True for how in ("first", "last", "max", "mean")}
    ensemble = {"@architectures": "spacy.TextCatEnsemble.v2", "tok2vec": tok2vec}
    return {
        "bow": bow(exclusive, size=2),
        "bow-v2": bow(exclusive, version="v2"),
        "bare": bow(exclusive, bare=True),
        "cnn": {"@architectures": "spacy.TextCatCNN.v2", "tok2vec": tok2vec, "exclusive_classes": exclusive},
        "reduce": {
            "@architectures": "spacy.TextCatReduce.v1", "tok2vec": tok2vec, "exclusive_classes": exclusive, **reduce,
        },
        "attention": attention,
        "ensemble": {**ensemble, "linear_model": bow(exclusive)},
        "ensemble-bare": {**ensemble, "linear_model": bow(exclusive, bare=True)},
        "low-data": {"@architectures": "spacy.TextCatLowData.v1", "width": 16, "dropout": None},
    }[name]  # fmt: skip


NETWORKS = ("bow", "bow-v2", "cnn", "reduce", "attention", "ensemble", "ensemble-bare")


def examples(nlp: Any, data: Any = DATA) -> list[Any]:
    """Examples of texts and categories."""
    return [Example.from_dict(nlp.make_doc(text), {"cats": cats}) for text, cats in data]


def make(
    factory: str = "textcat",
    model: str | dict[str, Any] = "bow",
    *,
    shared: bool = False,
    initialize: bool = True,
    data: Any = DATA,
    **config: Any,
) -> Any:
    """A pipeline with one component, initialized on the data."""
    fix_random_seed(0)
    nlp = blank("xx")
    if shared:
        nlp.add_pipe("tok2vec", config={"model": CNN})
    if isinstance(model, str):
        model = network(model, factory == "textcat", LISTENER if shared else CNN)
    if model["@architectures"] == "spacy.TextCatLowData.v1":
        nlp.vocab.reset_vectors(width=4)
        for number, word in enumerate(sorted({word for text, _ in DATA for word in text.split()})):
            nlp.vocab.set_vector(word, [number % 3, number % 5, number % 7, 1.0])
    nlp.add_pipe(factory, config={"model": model, **config})
    if initialize:
        nlp.initialize(lambda: examples(nlp, data))
    return nlp


def train(nlp: Any, steps: int = 60, data: Any = DATA, rate: float = 0.02) -> dict[str, float]:
    """Train a pipeline on the data until it knows it; gives the last losses."""
    optimizer = Adam(rate)
    losses: dict[str, float] = {}
    for _ in range(steps):
        losses = {}
        nlp.update(examples(nlp, data), sgd=optimizer, losses=losses)
    return losses
