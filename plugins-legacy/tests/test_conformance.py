"""The conformance kit on every name of this distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from spanwright.testing import check_distribution, conformance, sample_floats

WINDOW = {"width": 8, "window_size": 1, "depth": 2}
ENCODE = {"@architectures": "spacy-legacy.MaxoutWindowEncoder.v1", **WINDOW, "maxout_pieces": 2}
EMBED = {
    "@architectures": "spacy-legacy.MultiHashEmbed.v1", "width": 8, "attrs": ["NORM", "SHAPE"], "rows": [50, 20],
    "include_static_vectors": False,
}  # fmt: skip
TOK2VEC = {"@architectures": "spacy-legacy.Tok2Vec.v1", "embed": EMBED, "encode": ENCODE}


def matrix(lengths: tuple[int, ...]) -> Any:
    """The old encoders take one matrix."""
    return np.concatenate([np.zeros((0, 8), dtype="float32"), *sample_floats(lengths, width=8)])


test_encoders = conformance(
    {
        "spacy-legacy.MaxoutWindowEncoder.v1": {**WINDOW, "maxout_pieces": 2},
        "spacy-legacy.MishWindowEncoder.v1": WINDOW,
    },
    inputs=matrix,
    independent=False,
)
test_networks = conformance(
    {
        "spacy-legacy.MultiHashEmbed.v1": {key: value for key, value in EMBED.items() if key != "@architectures"},
        "spacy-legacy.CharacterEmbed.v1": {
            "width": 8, "rows": 30, "nM": 4, "nC": 3, "include_static_vectors": False, "without_gradients": ["E"],
        },
        "spacy-legacy.Tok2Vec.v1": {"embed": EMBED, "encode": ENCODE},
        "spacy-legacy.HashEmbedCNN.v1": {
            "width": 8, "depth": 2, "embed_size": 50, "window_size": 1, "maxout_pieces": 2, "subword_features": True,
            "pretrained_vectors": None,
        },
        "spacy-legacy.EntityLinker.v1": {"tok2vec": TOK2VEC, "nO": 3},
        "spacy-legacy.Tagger.v1": {"tok2vec": TOK2VEC, "nO": 3},
    }
)  # fmt: skip
test_categories = conformance(
    {
        # The softmax of a bag takes the gradient of its output, not that of the cross-entropy.
        "spacy-legacy.TextCatBOW.v1": {
            "exclusive_classes": True, "ngram_size": 2, "no_output_layer": False, "nO": 3, "softmax": False,
        },
        "spacy-legacy.TextCatCNN.v1": {"tok2vec": TOK2VEC, "exclusive_classes": True, "nO": 3},
        "spacy-legacy.TextCatEnsemble.v1": {
            "width": 8, "embed_size": 50, "pretrained_vectors": None, "exclusive_classes": False, "ngram_size": 1,
            "window_size": 1, "conv_depth": 1, "dropout": None, "nO": 3,
            # Four maxout layers, one on the other: some kink is always near.
            "tolerance": 4e-2,
        },
    }
)  # fmt: skip
test_static_vectors = conformance({"spacy-legacy.StaticVectors.v1": {"nO": 4, "nM": 6}}, kind="layers")


def test_distribution() -> None:
    check_distribution("spanwright-legacy")
