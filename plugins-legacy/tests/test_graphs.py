"""The graphs of the retired names, and that `spacy.X.v1` falls back to `spacy-legacy.X.v1`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spanwright import registry

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "graphs.json").read_text(encoding="utf8"))
HASHED: dict[str, Any] = {
    "width": 8,
    "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
    "rows": [50, 20, 30, 40],
    "include_static_vectors": False,
}


def get(name: str) -> Any:
    return registry.get("architectures", name)


def build(case: str) -> Any:
    golden = GOLDENS[case]
    if case == "Tok2Vec.v1":
        encode = get("spacy.MaxoutWindowEncoder.v1")(width=8, window_size=1, maxout_pieces=3, depth=2)
        return get("spacy.Tok2Vec.v1")(embed=get("spacy.MultiHashEmbed.v2")(**HASHED), encode=encode)
    if case == "Tagger.v1":
        return get("spacy.Tagger.v1")(get("spacy.MultiHashEmbed.v2")(**HASHED))
    if case == "Tagger.v1 width, nO":
        return get("spacy.Tagger.v1")(get("spacy.MaxoutWindowEncoder.v2")(8, 1, 3, 2), nO=5)
    kind = "layers" if "StaticVectors" in case else golden["registry"]
    return registry.get(kind, golden["name"])(**golden["arguments"])


def graph(model: Any) -> dict[str, Any]:
    nodes = list(model.walk())
    message = model.to_dict()
    return {
        "nodes": message["nodes"],
        "attrs": [{k: list(v) if isinstance(v, bytes) else v for k, v in attrs.items()} for attrs in message["attrs"]],
        "params": [{k: None if v is None else list(v.shape) for k, v in p.items()} for p in message["params"]],
        "shims": [len(shims) for shims in message["shims"]],
        "layers": [[nodes.index(child) for child in node.layers] for node in nodes],
    }


@pytest.mark.parametrize("case", sorted(GOLDENS))
def test_the_graph_is_the_published_one(case: str) -> None:
    assert graph(build(case)) == GOLDENS[case]["graph"]


@pytest.mark.parametrize(
    "name",
    [
        "CharacterEmbed",
        "HashEmbedCNN",
        "MaxoutWindowEncoder",
        "MishWindowEncoder",
        "MultiHashEmbed",
        "Tagger",
        "Tok2Vec",
    ],
)
def test_old_configs_find_it_and_the_docstring_names_it(name: str) -> None:
    function = get(f"spacy-legacy.{name}.v1")
    assert get(f"spacy.{name}.v1") is function
    assert function.__doc__.startswith(f"spacy-legacy.{name}.v1: ")
    assert function.__name__ == f"{name}_v1"


def test_the_old_convolutions_compute_what_the_new_ones_do() -> None:
    old = get("spacy.MaxoutWindowEncoder.v1")(width=8, window_size=1, maxout_pieces=3, depth=2).initialize()
    new = get("spacy.MaxoutWindowEncoder.v2")(width=8, window_size=1, maxout_pieces=3, depth=2).initialize()
    for ours, theirs in zip(old.walk(), list(new.walk())[1:], strict=True):
        for name in ours.param_names:
            theirs.set_param(name, ours.get_param(name))
    X = [np.random.default_rng(i).normal(size=(n, 8)).astype("f") for i, n in enumerate((4, 7))]
    around = registry.get("layers", "with_array.v1")(old, pad=old.attrs["receptive_field"])
    for one, other in zip(around.predict(X), new.predict(X), strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_rows_and_attributes_that_differ_in_number_are_an_error() -> None:
    with pytest.raises(ValueError, match="one number for each of the 2 attributes in attrs, and has 1"):
        get("spacy-legacy.MultiHashEmbed.v1")(8, ["NORM", "SHAPE"], [5], False)
