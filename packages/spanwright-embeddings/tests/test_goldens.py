"""First weights, outputs and gradients are those that spaCy 3.8.18 gives for the same seeds, weights and features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from embedding_helpers import ATTRS, StubDoc, StubVectors, StubVocab
from thinc.api import fix_random_seed, set_dropout_rate
from thinc.types import Ragged

from spanwright_embeddings.architectures.character_embed import CharacterEmbed_v2
from spanwright_embeddings.architectures.multi_hash_embed import MultiHashEmbed_v2
from spanwright_embeddings.architectures.static_vectors import StaticVectors_v2
from spanwright_embeddings.layers.char_embed import CharEmbed_v1

RECORDED = np.load(Path(__file__).parent / "goldens" / "outputs.npz")
HASH: dict[str, Any] = {"width": 6, "attrs": ATTRS, "rows": [30, 10, 20, 15], "include_static_vectors": False}
CHARACTERS: dict[str, Any] = {"width": 6, "rows": 20, "nM": 2, "nC": 3, "include_static_vectors": False}
CASES: dict[str, tuple[Any, dict[str, Any], float]] = {
    "multi_hash": (MultiHashEmbed_v2, HASH, 0.0),
    "multi_hash_static": (
        MultiHashEmbed_v2,
        {"width": 6, "attrs": ATTRS[:2], "rows": [30, 10], "include_static_vectors": True},
        0.25,
    ),
    "character": (CharacterEmbed_v2, CHARACTERS, 0.0),
    "character_static": (CharacterEmbed_v2, {**CHARACTERS, "include_static_vectors": True}, 0.25),
    "static": (StaticVectors_v2, {"nO": 4, "dropout": 0.25}, 0.25),
    "characters": (CharEmbed_v1, {"nM": 2, "nC": 5}, 0.0),
}


def split(flat: np.ndarray) -> list[np.ndarray]:
    return [np.ascontiguousarray(part) for part in np.split(flat, np.cumsum(RECORDED["lengths"])[:-1])]


def docs() -> list[StubDoc]:
    vocab = StubVocab(StubVectors(RECORDED["vectors"]))
    parts = zip(split(RECORDED["features"]), split(RECORDED["utf8"]), split(RECORDED["ids"]), strict=True)
    return [StubDoc(*part, vocab) for part in parts]


def flat(output: Any) -> np.ndarray:
    return output.data if isinstance(output, Ragged) else np.concatenate(output)


@pytest.mark.parametrize("case", sorted(CASES))
def test_weights_outputs_and_gradients(case: str) -> None:
    function, arguments, dropout = CASES[case]
    fix_random_seed(0)
    model = function(**arguments)
    model.initialize(X=docs())
    for i, node in enumerate(model.walk()):
        for name in node.param_names:
            assert np.array_equal(node.get_param(name), RECORDED[f"{case}/first/{i}/{name}"])
            node.set_param(name, RECORDED[f"{case}/param/{i}/{name}"].copy())
    assert np.allclose(flat(model.predict(docs())), RECORDED[f"{case}/predicted"], atol=1e-5)
    set_dropout_rate(model, dropout)
    fix_random_seed(3)
    output, backprop = model(docs(), is_train=True)
    assert np.allclose(flat(output), RECORDED[f"{case}/trained"], atol=1e-5)
    d_output = RECORDED[f"{case}/d_output"]
    assert backprop(Ragged(d_output, output.lengths) if isinstance(output, Ragged) else split(d_output)) == []
    for i, node in enumerate(model.walk()):
        for name in node.param_names:
            assert np.allclose(node.get_grad(name), RECORDED[f"{case}/grad/{i}/{name}"], rtol=1e-4, atol=1e-5)
