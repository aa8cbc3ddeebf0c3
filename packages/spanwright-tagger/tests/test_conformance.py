"""The conformance kit on every name of this distribution."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright.testing import check_component, check_distribution, conformance

CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 40, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 8, "upstream": "*"}

test_architectures = conformance({"spacy.Tagger.v2": {"tok2vec": CNN, "nO": 3}})


@pytest.mark.parametrize("factory", ["tagger", "morphologizer", "senter", "trainable_lemmatizer"])
@pytest.mark.parametrize("shared", [False, True])
def test_components(factory: str, shared: bool) -> None:
    before: Any = [("tok2vec", {"model": CNN})] if shared else []
    model = {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER if shared else CNN}
    check_component(factory, config={"model": model}, before=before)


def test_distribution() -> None:
    check_distribution("spanwright-tagger")
