"""The model graph is that of the published name: order, names, dims, refs, attributes, parameters, shims."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from spanwright import registry
from spanwright_tagger.architectures.tagger import Tagger_v2

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "graphs.json").read_text(encoding="utf8"))


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
    golden = GOLDENS[case]
    assert graph(registry.resolve({"model": golden["config"]})["model"]) == golden["graph"]


def test_name_arguments_and_docstring() -> None:
    assert registry.get("architectures", "spacy.Tagger.v2") is Tagger_v2
    assert Tagger_v2.__doc__ is not None and Tagger_v2.__doc__.startswith("spacy.Tagger.v2: ")
    assert list(inspect.signature(Tagger_v2).parameters) == ["tok2vec", "nO", "normalize"]
    assert [p.default for p in inspect.signature(Tagger_v2).parameters.values()][1:] == [None, False]
