"""The conformance kit on every name of this distribution."""

from __future__ import annotations

from spanwright.testing import check_distribution, conformance

HASHED = {"width": 8, "attrs": ["NORM", "PREFIX", "SHAPE"], "rows": [50, 20, 30]}
CHARACTERS = {"width": 8, "rows": 30, "nM": 4, "nC": 3}
# As published, a byte that comes again in the same position of a Doc counts once in the gradient.
BYTES = {"without_gradients": ["E"]}

test_multi_hash_embed = conformance({"spacy.MultiHashEmbed.v2": {**HASHED, "include_static_vectors": False}})
test_multi_hash_embed_with_vectors = conformance(
    {"spacy.MultiHashEmbed.v2": {**HASHED, "include_static_vectors": True}}
)
test_character_embed = conformance({"spacy.CharacterEmbed.v2": {**CHARACTERS, **BYTES, "include_static_vectors": True}})
test_static_vectors = conformance({"spacy.StaticVectors.v2": {"nO": 4, "nM": 6}})
test_feature_extractor = conformance({"spacy.FeatureExtractor.v1": {"columns": ["NORM", "SPACY"]}})
test_layers = conformance(
    {
        "spacy.CharEmbed.v1": {"nM": 4, "nC": 3, **BYTES},
        "spacy.StaticVectors.v2": {"nO": 4, "nM": 6},
        "spacy.FeatureExtractor.v1": {"columns": ["NORM"]},
    },
    kind="layers",
)


def test_distribution() -> None:
    check_distribution("spanwright-embeddings")
