"""Retired networks in today's components: they learn, grow and are saved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from thinc.api import Adam
from thinc.util import fix_random_seed

from spanwright import blank, registry
from spanwright.tokens import Example

CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 50, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
DATA = {
    "what a great cake": {"GOOD": 1.0, "BAD": 0.0},
    "I love great bread": {"GOOD": 1.0, "BAD": 0.0},
    "this awful soup": {"GOOD": 0.0, "BAD": 1.0},
    "I hate awful pie": {"GOOD": 0.0, "BAD": 1.0},
}


def network(name: str, exclusive: bool) -> dict[str, Any]:
    """The config of a retired network, by the name that old configs have."""
    settings: dict[str, Any] = {
        "TextCatBOW": {"ngram_size": 1, "no_output_layer": False},
        "TextCatCNN": {"tok2vec": CNN},
        "TextCatEnsemble": {
            "width": 8, "embed_size": 50, "pretrained_vectors": None, "ngram_size": 1, "window_size": 1,
            "conv_depth": 1, "dropout": None,
        },
    }[name]  # fmt: skip
    return {"@architectures": f"spacy.{name}.v1", "exclusive_classes": exclusive, **settings}


@pytest.mark.parametrize("factory", ["textcat", "textcat_multilabel"])
@pytest.mark.parametrize("name", ["TextCatBOW", "TextCatCNN", "TextCatEnsemble"])
def test_they_learn_and_grow(factory: str, name: str) -> None:
    fix_random_seed(0)
    nlp = blank("xx")
    pipe = nlp.add_pipe(factory, config={"model": network(name, factory == "textcat")})
    examples = [Example.from_dict(nlp.make_doc(text), {"cats": cats}) for text, cats in DATA.items()]
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.02)
    for _ in range(60):
        losses = nlp.update(examples, sgd=optimizer)
    assert losses[factory] < 0.05
    before = pipe.predict([nlp.make_doc(text) for text in DATA])
    pipe.add_label("ASK")
    after = pipe.predict([nlp.make_doc(text) for text in DATA])
    assert after.shape == (4, 3)
    assert np.allclose(after[:, :2], before, atol=1e-6)
    assert np.isfinite(nlp.update(examples, sgd=optimizer)[factory])
    twin = blank("xx")
    twin.add_pipe(factory, config={"model": network(name, factory == "textcat")})
    twin.from_bytes(nlp.to_bytes())
    assert twin("a great cake").cats == nlp("a great cake").cats


def test_an_ensemble_with_word_vectors_has_its_graph() -> None:
    config = {**network("TextCatEnsemble", True), "pretrained_vectors": True}
    model = registry.resolve({"model": config})["model"]
    assert "static_vectors" in [node.name for node in model.walk()]


def test_retired_scorers_count_as_those_of_core_do() -> None:
    for name in ("textcat_scorer", "textcat_multilabel_scorer"):
        assert registry.get("scorers", f"spacy-legacy.{name}.v1")() is registry.get("scorers", f"spacy.{name}.v1")()
