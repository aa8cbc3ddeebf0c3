"""spacy-legacy.Tagger.v1: its graph is the published one, and old configs find it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from thinc.api import Model, Relu, with_array

from spanwright import registry
from spanwright_legacy.architectures.tagger import Tagger_v1

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "graphs.json").read_text(encoding="utf8"))


def token_vectors(width: int) -> Any:
    return with_array(Relu(width, width))


def test_old_configs_find_it() -> None:
    assert registry.get("architectures", "spacy-legacy.Tagger.v1") is Tagger_v1
    assert registry.get("architectures", "spacy.Tagger.v1") is Tagger_v1


def test_the_graph_is_the_published_one() -> None:
    golden = GOLDENS["Tagger.v1 width, nO"]["graph"]
    model = Tagger_v1(token_vectors(8), nO=5)
    message = model.to_dict()
    # The nodes of the token vectors are those of whatever was passed; the tagger's own stand at these places.
    own = [node for node in message["nodes"] if "softmax" in node["name"]]
    expected = [node for node in golden["nodes"] if "softmax" in node["name"]]
    assert [node["name"].split(">>")[-1] for node in own] == [node["name"].split(">>")[-1] for node in expected]
    # The golden's token vectors do not know the width that comes in, ours do.
    assert [node["dims"]["nO"] for node in own] == [node["dims"]["nO"] for node in expected]
    assert own[-1]["dims"] == expected[-1]["dims"]
    assert list(own[0]["refs"]) == list(expected[0]["refs"]) == ["tok2vec", "softmax", "output_layer"]
    assert model.get_ref("softmax") is model.get_ref("output_layer")
    assert model.get_ref("output_layer").attrs["softmax_normalize"] is True


def test_it_gives_probabilities_and_learns_nothing_before_it_is_trained() -> None:
    X = [np.ones((3, 8), dtype="f"), np.ones((2, 8), dtype="f")]
    model = Tagger_v1(token_vectors(8))
    model.initialize(X=X, Y=[np.zeros((3, 5), dtype="f"), np.zeros((2, 5), dtype="f")])
    output = model.predict(X)
    assert [y.shape for y in output] == [(3, 5), (2, 5)]
    assert np.allclose(np.concatenate(output), 0.2)


def test_the_width_is_taken_from_the_token_vectors() -> None:
    assert Tagger_v1(token_vectors(6)).get_ref("softmax").get_dim("nI") == 6
    unknown: Model = Model("vectors", lambda model, X, is_train: (X, lambda dY: dY), dims={"nO": None})
    assert Tagger_v1(unknown).get_ref("softmax").has_dim("nI") is None


@pytest.mark.parametrize("name", ["spacy-legacy.Tagger.v1"])
def test_the_docstring_opens_with_the_registered_name(name: str) -> None:
    function = registry.get("architectures", name)
    assert function.__doc__ is not None and function.__doc__.startswith(f"{name}: ")
