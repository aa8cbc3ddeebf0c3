"""The conformance kit on every name of this distribution."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright.testing import check_component, check_distribution, conformance, sample_docs
from spanwright.tokens import Span
from spanwright.vocab import Vocab

CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 40, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 8, "upstream": "*"}
VOCAB = Vocab()


def docs_with_entities(lengths: tuple[int, ...]) -> list[Any]:
    """Docs of two sentences where they are long enough, with an entity, or two in the second."""
    docs = sample_docs(lengths, vocab=VOCAB)
    for doc in docs:
        for token in doc:
            token.is_sent_start = token.i in (0, 3)
        doc.ents = [Span(doc, start, start + 1, label="THING") for start in (0, 4, 6) if start < len(doc)]
    return docs


test_architectures = conformance({"spacy.EntityLinker.v2": {"tok2vec": CNN, "nO": 3}}, inputs=docs_with_entities)


@pytest.mark.parametrize("shared", [False, True])
def test_component(shared: bool) -> None:
    before: Any = [("tok2vec", {"model": CNN}), "mark_known"] if shared else ["mark_known"]
    model = {"@architectures": "spacy.EntityLinker.v2", "tok2vec": LISTENER if shared else CNN}
    kb = {"@misc": "test.TwoEmersons.v1"}
    config = {"model": model, "generate_empty_kb": kb, "entity_vector_length": 3, "use_gold_ents": False}
    check_component("entity_linker", config=config, before=before)


def test_distribution() -> None:
    check_distribution("spanwright-entity-linker")
