"""The conformance kit on every name of this distribution. Networks and numbers: tests/names."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright.testing import check_component, check_distribution

CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 40, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 8, "upstream": "*"}
REDUCER = {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 8}
LOGISTIC = {"@layers": "spacy.LinearLogistic.v1"}
MODELS: dict[str, dict[str, Any]] = {
    "spancat": {"@architectures": "spacy.SpanCategorizer.v1", "reducer": REDUCER, "scorer": LOGISTIC},
    "spancat_singlelabel": {
        "@architectures": "spacy.SpanCategorizer.v1", "reducer": REDUCER, "scorer": {"@layers": "Softmax.v2"},
    },
    "span_finder": {"@architectures": "spacy.SpanFinder.v1", "scorer": {**LOGISTIC, "nO": 2}},
}  # fmt: skip


@pytest.mark.parametrize("factory", MODELS)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("kernels", ["on", "off"])
def test_components(factory: str, shared: bool, kernels: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANWRIGHT_KERNELS", kernels)
    before: Any = [("tok2vec", {"model": CNN})] if shared else []
    check_component(
        factory, config={"model": {**MODELS[factory], "tok2vec": LISTENER if shared else CNN}}, before=before
    )


def test_distribution() -> None:
    check_distribution("spanwright-spancat")
