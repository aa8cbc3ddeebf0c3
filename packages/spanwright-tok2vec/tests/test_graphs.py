"""The model graphs are those of the published names: order, names, dims, refs, attributes, parameters, shims."""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from spanwright import registry

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "graphs.json").read_text(encoding="utf8"))
TARGETS = {
    "spacy.HashEmbedCNN.v2": "hash_embed_cnn",
    "spacy.Tok2Vec.v2": "tok2vec",
    "spacy.Tok2VecListener.v1": "listener",
}
ARGUMENTS = {
    "spacy.HashEmbedCNN.v2": (
        "*, width, depth, embed_size, window_size, maxout_pieces, subword_features, pretrained_vectors"
    ),
    "spacy.Tok2Vec.v2": "embed, encode",
    "spacy.Tok2VecListener.v1": "width, upstream='*'",
}


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


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_names_arguments_and_docstrings(name: str) -> None:
    stem, version = name.split(".")[1:]
    function = getattr(import_module(f"spanwright_tok2vec.architectures.{TARGETS[name]}"), f"{stem}_{version}")
    assert registry.get("architectures", name) is function
    assert function.__doc__.startswith(f"{name}: ")
    parameters = [
        p.replace(annotation=inspect.Parameter.empty) for p in inspect.signature(function).parameters.values()
    ]
    assert str(inspect.Signature(parameters)) == f"({ARGUMENTS[name]})"
