"""The registered networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from parser_kit import CNN, network

from spanwright.config import resolve
from spanwright.errors import ConfigError, InvalidTypeError, InvalidValueError
from spanwright.testing import check_architecture, sample_docs
from spanwright_parser.architectures.transition_based_parser import TransitionBasedParser_v2, TransitionBasedParser_v3


def make(kind: str = "ner", version: str = "v2", **settings: Any) -> Any:
    return resolve({"model": network(kind, version, **settings)})["model"]


def states(lengths: tuple[int, ...]) -> Any:
    docs = sample_docs(lengths)
    return [(doc, np.array([(i, -1, 0) for i in range(len(doc))], dtype="int32").reshape((-1, 3))) for doc in docs]


def test_the_plain_model_conforms() -> None:
    settings = {key: value for key, value in network("ner", "v3", hidden_width=6).items() if key != "@architectures"}
    check_architecture("spacy.TransitionBasedParser.v3", inputs=states, nO=5, **settings)


@pytest.mark.parametrize(
    ("kind", "extra", "places"), [("parser", False, 8), ("parser", True, 13), ("ner", False, 3), ("ner", True, 6)]
)
def test_states_are_described_by_so_many_tokens(kind: str, extra: bool, places: int) -> None:
    assert make(kind, extra_state_tokens=extra).get_ref("lower").get_dim("nF") == places


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_nodes_and_references_are_the_published_ones(version: str) -> None:
    model = make(version=version)
    assert model.name == "parser_model"
    assert [node.name for node in model.layers[1:]] == ["precomputable_affine", "linear"]
    assert [model.get_ref(name) for name in ("tok2vec", "lower", "upper")] == model.layers
    assert model.layers[0].name.endswith(">>list2array>>linear")
    assert set(model.attrs) == {"has_upper", "unseen_classes", "resize_output"}
    assert dict(model.get_ref("lower")._dims) == {"nO": 12, "nI": 12, "nF": 3, "nP": 2}


def test_without_an_upper_layer_the_lower_one_gives_the_scores() -> None:
    model = make(use_upper=False, nO=5)
    model.initialize(X=sample_docs((3, 2)))
    assert model.get_ref("upper").name == "noop"
    assert model.get_ref("lower").get_dim("nO") == 5
    steps = model.predict(sample_docs((3, 2)))
    assert steps.predict(np.array([[0, -1, 4]], dtype="int32")).shape == (1, 5)


def test_weights_of_one_version_load_in_the_other() -> None:
    one, other = make(nO=5), make(version="v3", nO=5)
    docs = sample_docs((3, 2))
    one.initialize(X=docs)
    other.initialize(X=docs)
    one.get_ref("upper").set_param("W", np.random.default_rng(0).normal(size=(5, 12)).astype("float32"))
    other.from_bytes(one.to_bytes())
    ids = np.array([[0, -1, 2], [1, 1, -1]], dtype="int32")
    together = one.predict(docs).predict(ids)
    assert np.allclose(other.predict([(docs[0], ids), (docs[1], ids[:0])])[0], together, atol=1e-6)


def test_another_kind_of_state_is_refused() -> None:
    tok2vec = resolve({"model": CNN})["model"]
    for function, more in ((TransitionBasedParser_v2, {"use_upper": True}), (TransitionBasedParser_v3, {})):
        with pytest.raises(InvalidValueError, match="state_type must be 'parser' or 'ner', but is 'tagger'"):
            function(tok2vec, "tagger", False, 8, 2, **more)


def test_use_upper_is_the_second_versions() -> None:
    with pytest.raises(
        ConfigError, match=r"no argument 'use_upper'. 'spacy.TransitionBasedParser.v2' has it: name that"
    ):
        make(version="v3", use_upper=True)
    tok2vec = resolve({"model": CNN})["model"]
    with pytest.raises(InvalidTypeError, match=r"no argument 'use_upper'.*spacy.TransitionBasedParser.v2 has it"):
        TransitionBasedParser_v3(tok2vec, "ner", False, 8, 2, use_upper=True)


def test_the_plain_model_says_what_it_takes() -> None:
    model = make(version="v3", nO=5)
    model.initialize(X=sample_docs((3,)))
    with pytest.raises(InvalidTypeError, match="takes pairs of a Doc and the tokens of its states"):
        model.predict(sample_docs((3,)))
