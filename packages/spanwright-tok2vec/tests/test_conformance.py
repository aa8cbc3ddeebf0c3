"""The conformance kit on every name of this distribution."""

from __future__ import annotations

from spanwright.testing import check_component, check_distribution, conformance

EMBED = {
    "@architectures": "spacy.MultiHashEmbed.v2", "width": 8, "attrs": ["NORM"], "rows": [40],
    "include_static_vectors": False,
}  # fmt: skip
ENCODE = {
    "@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 8, "window_size": 1, "maxout_pieces": 2, "depth": 1,
}  # fmt: skip
CNN = {
    "width": 8, "depth": 1, "embed_size": 40, "window_size": 1, "maxout_pieces": 2, "subword_features": True,
    "pretrained_vectors": None,
}  # fmt: skip

test_architectures = conformance({"spacy.HashEmbedCNN.v2": CNN, "spacy.Tok2Vec.v2": {"embed": EMBED, "encode": ENCODE}})


def test_component() -> None:
    check_component("tok2vec", config={"model": {"@architectures": "spacy.HashEmbedCNN.v2", **CNN}})


def test_distribution() -> None:
    check_distribution("spanwright-tok2vec")
