"""The model graphs are those of the published names: order, names, dims, refs, attributes, shims, arguments."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright import registry

TRF = [("transformer", {"nO": None}, {"name", "has_transformer", "flush_cache_chance"}, 0)]
TRF += [("hf-pytorch", {"nI": None, "nO": None}, set(), 1)]
REST = [("trfs2arrays", {}, {"grad_factor"}, 0), ("reduce_mean", {}, set(), 0)]
SPLIT = [("split-trf-batch", {}, set(), 0)]
GRAPHS = {
    "TransformerModel": TRF,
    "TransformerListener": [("transformer-listener", {"nO": None}, set(), 0), *REST],
    "Tok2VecTransformer": [*TRF, *SPLIT, *REST],
}
MODEL = "name, get_spans, tokenizer_config={}"
INSIDE = "name, get_spans, tokenizer_config, pooling, grad_factor=1.0"
PRECISION = "mixed_precision=False, grad_scaler_config={}"
ARGUMENTS = {
    "TransformerModel.v1": MODEL,
    "TransformerModel.v2": f"{MODEL}, transformer_config={{}}",
    "TransformerModel.v3": f"{MODEL}, transformer_config={{}}, {PRECISION}",
    "TransformerListener.v1": "pooling, grad_factor=1.0, upstream='*'",
    "Tok2VecTransformer.v1": INSIDE,
    "Tok2VecTransformer.v2": f"{INSIDE}, transformer_config={{}}",
    "Tok2VecTransformer.v3": f"{INSIDE}, transformer_config={{}}, {PRECISION}",
}
MODULES = {"TransformerModel": "transformer_model", "TransformerListener": "listener"}


def build(name: str, folder: Path, kit: Any) -> Any:
    block = {"@architectures": f"spacy-transformers.{name}"}
    if "Listener" not in name:
        block |= {"name": str(folder), "get_spans": kit.doc_spans, "tokenizer_config": {"use_fast": True}}
    if "Model" not in name:
        block |= {"pooling": kit.mean}
    return registry.resolve({"model": block})["model"]


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_the_graph_is_the_published_one(name: str, tiny: Path, kit: Any) -> None:
    message = build(name, tiny, kit).to_dict()
    found = [
        (node["name"], node["dims"], set(attrs), len(shims))
        for node, attrs, shims in zip(message["nodes"], message["attrs"], message["shims"], strict=True)
    ]
    # The names of chains repeat those of their layers.
    leaves = [row for row in found if ">>" not in row[0]]
    assert sorted(leaves, key=str) == sorted(GRAPHS[name.partition(".")[0]], key=str)
    chains = {"Tok2VecTransformer.v1": 1, "Tok2VecTransformer.v2": 1, "Tok2VecTransformer.v3": 2}
    assert len(found) - len(leaves) == chains.get(name, "Listener" in name)
    refs = [node["refs"] for node in message["nodes"] if node["refs"]]
    assert refs == ([{"listener": 1}] if "Listener" in name else [])


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_names_arguments_and_docstrings(name: str) -> None:
    stem, version = name.split(".")
    module = import_module(f"spanwright_transformers.architectures.{MODULES.get(stem, 'tok2vec_transformer')}")
    function = getattr(module, f"{stem}_{version}")
    assert registry.get("architectures", f"spacy-transformers.{name}") is function
    assert function.__doc__.startswith(f"spacy-transformers.{name}: ")
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in inspect.signature(function).parameters.values()]
    assert str(inspect.Signature(plain)) == f"({ARGUMENTS[name]})"


@pytest.mark.parametrize("name", ["Tok2VecTransformer.v1", "Tok2VecTransformer.v2", "Tok2VecTransformer.v3"])
def test_a_transformer_inside_a_component_gives_what_a_shared_one_does(
    name: str, tiny: Path, kit: Any, make_model: Any, nlp: Any
) -> None:
    import numpy

    model = build(name, tiny, kit)
    docs = [nlp.make_doc(text) for text in ("the big dog", "", "a cat sleeps")]
    model.initialize(X=docs)
    expected = [data.token_vectors() for data in make_model().predict(docs).doc_data]
    found, backprop = model.begin_update(docs)
    for mine, theirs in zip(found, expected, strict=True):
        assert not mine.size or numpy.allclose(mine, theirs, atol=1e-5)
    backprop([numpy.ones_like(one) for one in found])
    shim = next(shim for node in model.walk() for shim in node.shims)
    assert next(iter(shim._model.parameters())).grad is not None
    copied = build(name, tiny, kit).from_bytes(model.to_bytes())
    assert numpy.allclose(copied.predict(docs)[0], found[0], atol=1e-6)


def test_an_empty_doc_alone_has_vectors_of_the_right_width(make_nlp: Any) -> None:
    nlp = make_nlp()
    (found,) = nlp.get_pipe("first").model.layers[0].predict([nlp.make_doc("")])
    assert found.shape == (0, 16)


def test_the_component_has_the_published_default_config() -> None:
    from spanwright.language import Language
    from spanwright_transformers.components.transformer import DEFAULT_CONFIG

    meta = Language.get_factory_meta("transformer")
    assert meta.assigns == ["doc._.trf_data"] and dict(meta.default_config) == DEFAULT_CONFIG
    assert DEFAULT_CONFIG["max_batch_items"] == 4096 and DEFAULT_CONFIG["model"]["name"] == "roberta-base"


def test_importing_the_package_brings_no_torch() -> None:
    import subprocess
    import sys

    code = (
        "import sys, spanwright_transformers as t; t.registry, t.span_getters, t.annotation_setters;"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules; t.FullTransformerBatch;"
        "assert 'transformers' not in sys.modules; assert 'Transformer' in dir(t)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["Tok2VecTransformer.v1", "Tok2VecTransformer.v2", "Tok2VecTransformer.v3"])
def test_an_empty_doc_alone_has_vectors_of_the_right_width_in_a_component(name: str, tiny: Path, kit: Any) -> None:
    nlp = spanwright.blank("xx")
    block = kit.model_config(tiny, tokenizer_config={}, pooling=kit.mean)
    model = registry.resolve({"m": {**block, "@architectures": f"spacy-transformers.{name}"}})["m"]
    model.initialize(X=[nlp.make_doc("a dog")])
    vectors, backprop = model.begin_update([nlp.make_doc("")])
    assert vectors[0].shape == (0, kit.width) and backprop(vectors) is not None
    assert model.predict([nlp.make_doc("")])[0].shape == (0, kit.width)


def test_an_empty_doc_has_its_width_after_listeners_were_replaced(make_nlp: Any) -> None:
    nlp = make_nlp()
    nlp.replace_listeners("transformer", "first", ["tok2vec"])
    assert nlp("").user_data["first"].shape == (0, 2)


def test_a_pooling_may_have_weights(tiny: Path, kit: Any) -> None:
    from thinc.api import ParametricAttention, chain, reduce_sum

    @registry.layers("trf_test_attention.v1")
    def attention() -> Any:
        return chain(ParametricAttention(), reduce_sum())

    nlp = spanwright.blank("xx")
    block = kit.model_config(tiny, tokenizer_config={}, pooling={"@layers": "trf_test_attention.v1"})
    model = registry.resolve({"m": {**block, "@architectures": "spacy-transformers.Tok2VecTransformer.v3"}})["m"]
    model.initialize(X=[nlp.make_doc("a dog")])
    vectors, backprop = model.begin_update([nlp.make_doc("a big dog"), nlp.make_doc("")])
    backprop(vectors)
    weights = next(node for node in model.walk() if node.has_param("Q"))
    assert vectors[0].shape == (3, kit.width) and weights.has_grad("Q")


def test_a_layer_that_does_not_pool_is_named(tiny: Path, kit: Any) -> None:
    from thinc.api import Model

    from spanwright_transformers.errors import TransformerSettingError
    from spanwright_transformers.layers.trfs2arrays import trfs2arrays

    nlp = spanwright.blank("xx")
    model = registry.resolve({"m": kit.model_config(tiny)})["m"]
    model.initialize()
    keeps = Model("keeps", lambda layer, pieces, is_train: (pieces.dataXd[:1], lambda d: pieces))
    with pytest.raises(
        TransformerSettingError, match=r"The pooling 'keeps' must make one vector .* For 2 tokens it gave"
    ):
        trfs2arrays(keeps, 1.0).predict(model.predict([nlp.make_doc("a dog")]).doc_data)
