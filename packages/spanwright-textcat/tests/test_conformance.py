"""The conformance kit on every name of this distribution."""

from __future__ import annotations

from typing import Any

import pytest
from textcat_kit import CNN, LISTENER, bow, network

from spanwright.testing import check_component, check_distribution, conformance


def settings(model: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The settings of a network, without its name."""
    return {**{key: value for key, value in model.items() if key != "@architectures"}, **more}


REDUCE = network("reduce", True)
# The softmax of a bag takes the gradient of its output, not that of the cross-entropy.
test_architectures = conformance(
    {
        "spacy.TextCatBOW.v2": settings(bow(True, version="v2"), nO=3, softmax=False),
        "spacy.TextCatBOW.v3": settings(bow(True, size=2), nO=3, softmax=False),
        "spacy.TextCatCNN.v2": {"tok2vec": CNN, "exclusive_classes": True, "nO": 3},
        "spacy.TextCatReduce.v1": settings(REDUCE, nO=3),
        # As many labels as the vectors are wide, which is what the published graph is made for.
        "spacy.TextCatEnsemble.v2": {"tok2vec": CNN, "linear_model": bow(True), "nO": 16},
        "spacy.TextCatParametricAttention.v1": {
            "tok2vec": {**CNN, "subword_features": False},
            "exclusive_classes": True,
            "nO": 3,
        },
        "spacy.TextCatLowData.v1": {"width": 8, "dropout": 0.1, "nO": 3},
    }
)
test_layers = conformance(
    {"spacy.extract_ngrams.v1": {"ngram_size": 2}}, kind="layers", independent=False, gradients=False
)


@pytest.mark.parametrize("factory", ["textcat", "textcat_multilabel"])
@pytest.mark.parametrize("name", ["bow", "bow-v2", "cnn", "reduce", "attention", "ensemble"])
@pytest.mark.parametrize("shared", [False, True])
def test_components(factory: str, name: str, shared: bool) -> None:
    if shared and name.startswith("bow"):
        pytest.skip("a bag of n-grams has no token vectors")
    before: Any = [("tok2vec", {"model": CNN})] if shared else []
    model = network(name, factory == "textcat", LISTENER if shared else CNN)
    check_component(factory, config={"model": model}, before=before)


def test_distribution() -> None:
    check_distribution("spanwright-textcat")
