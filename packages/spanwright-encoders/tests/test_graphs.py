"""The model graphs are those of the published names: order, names, dims, refs, attributes, parameters, shims."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "graphs.json").read_text(encoding="utf8"))
TARGETS = {
    "spacy.MaxoutWindowEncoder.v2": "architectures.maxout_window_encoder",
    "spacy.MishWindowEncoder.v2": "architectures.mish_window_encoder",
    "spacy.TorchBiLSTMEncoder.v1": "architectures.torch_bilstm_encoder",
}


def build(name: str, arguments: dict[str, Any]) -> Any:
    stem, version = name.split(".")[1:]
    module = import_module(f"spanwright_encoders.{TARGETS[name]}")
    return getattr(module, f"{stem}_{version}")(**arguments)


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
    assert graph(build(golden["name"], golden["arguments"])) == golden["graph"]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_docstring_opens_with_the_registered_name(name: str) -> None:
    stem, version = name.split(".")[1:]
    function = getattr(import_module(f"spanwright_encoders.{TARGETS[name]}"), f"{stem}_{version}")
    assert function.__doc__.startswith(f"{name}: ")
