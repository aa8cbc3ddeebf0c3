"""Labels that are added to a trained component leave the scores of the others as they are, and can be learnt."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from textcat_kit import DATA, MORE, NETWORKS, examples, make, network, train
from thinc.api import Linear, Relu, Softmax, chain, reduce_mean

from spanwright import registry
from spanwright.errors import PipelineError
from spanwright_textcat.layers.resize import can_resize, resize_output

TEXTS = [text for text, _ in [*DATA, *MORE]]
FACTORIES = ("textcat", "textcat_multilabel")
CASES = [(factory, name) for factory in FACTORIES for name in NETWORKS]
CASES += [("textcat_multilabel", "low-data"), ("textcat_multilabel", "bare")]


def scores(nlp: Any) -> Any:
    pipe = nlp.get_pipe(nlp.pipe_names[-1])
    docs = [nlp.make_doc(text) for text in TEXTS]
    for name in nlp.pipe_names[:-1]:
        docs = [nlp.get_pipe(name)(doc) for doc in docs]
    return pipe.predict(docs)


@pytest.mark.parametrize(("factory", "name"), CASES)
@pytest.mark.parametrize("more", [1, 3])
def test_old_labels_keep_their_scores_in_every_network(factory: str, name: str, more: int) -> None:
    nlp = make(factory, name)
    train(nlp, 10)
    pipe = nlp.get_pipe(factory)
    before = scores(nlp)
    assert pipe.is_resizable
    for number in range(more):
        assert pipe.add_label(f"NEW{number}") == 1
    after = scores(nlp)
    assert after.shape == (len(TEXTS), 2 + more)
    assert np.allclose(after[:, :2], before, atol=1e-6)
    if factory == "textcat":
        assert np.all(after[:, 2:] < 1e-6)
    assert pipe.labels == ("GOOD", "BAD", *(f"NEW{number}" for number in range(more)))


@pytest.mark.parametrize(("factory", "name"), CASES)
def test_a_label_that_was_added_can_be_learnt_and_saved(factory: str, name: str) -> None:
    nlp = make(factory, name)
    train(nlp, 10)
    pipe = nlp.get_pipe(factory)
    pipe.add_label("ASK")
    full = [(text, {"ASK": 0.0, **cats}) for text, cats in [*DATA, *MORE]]
    if name == "low-data":
        full = [*full[:-1], ("great great great", {"GOOD": 0.0, "BAD": 0.0, "ASK": 1.0})]
    train(nlp, 250, data=full)
    wrong = [text for text, cats in full if max((doc := nlp(text)).cats, key=doc.cats.get) != max(cats, key=cats.get)]
    assert len(wrong) <= (1 if name == "low-data" else 0), wrong
    twin = make(factory, name, initialize=False)
    twin.from_bytes(nlp.to_bytes())
    assert np.array_equal(scores(twin), scores(nlp))
    again = pickle.loads(pickle.dumps(nlp))
    assert np.array_equal(scores(again), scores(nlp))


@pytest.mark.parametrize("name", NETWORKS)
def test_an_optimizer_that_has_seen_the_old_shape_goes_on(name: str) -> None:
    nlp = make("textcat", name)
    optimizer = nlp.create_optimizer()
    nlp.update(examples(nlp), sgd=optimizer)
    nlp.get_pipe("textcat").add_label("ASK")
    losses = nlp.update(examples(nlp, MORE), sgd=optimizer)
    assert np.isfinite(losses["textcat"])


def test_shared_vectors_stay_linked() -> None:
    nlp = make("textcat", "ensemble", shared=True)
    train(nlp, 5)
    before = scores(nlp)
    nlp.get_pipe("textcat").add_label("ASK")
    assert np.allclose(scores(nlp)[:, :2], before, atol=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_grows_as_if_it_had_been_made_so(name: str) -> None:
    nlp = make("textcat", name)
    nlp.get_pipe("textcat").add_label("ASK")
    data = [(text, {**cats, "ASK": 0.0}) for text, cats in DATA]
    with pytest.warns(UserWarning, match="no Example has the value 1.0 for 'ASK'"):
        fresh = make("textcat", name, data=data)
    for ours, theirs in zip(nlp.get_pipe("textcat").model.walk(), fresh.get_pipe("textcat").model.walk(), strict=True):
        assert ours.name == theirs.name
        assert {d: ours.maybe_get_dim(d) for d in ours.dim_names} == {
            d: theirs.maybe_get_dim(d) for d in theirs.dim_names
        }
        for parameter in ours.param_names:
            assert ours.get_param(parameter).shape == theirs.get_param(parameter).shape


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_networks_of_other_makers_grow(exclusive: bool, version: str) -> None:
    """Retired networks, and a plain chain: what grows is read off the graph."""
    layer = Softmax(3, 4) if exclusive else Linear(3, 4)
    model = chain(chain(reduce_mean(), Relu(4, 2)), layer).initialize()
    assert can_resize(model)
    assert resize_output(model, 5) is model
    assert model.get_dim("nO") == 5
    assert layer.get_param("W").shape == (5, 4)
    assert set(layer.get_param("b")[3:].tolist()) == ({-20.0} if exclusive else {0.0})
    # Fewer labels: the first ones stay.
    assert resize_output(model, 2).get_dim("nO") == 2
    assert layer.get_param("b").tolist() == [0.0, 0.0]


def test_a_network_that_cannot_grow_says_so() -> None:
    model = chain(reduce_mean(), Relu(4, 2)).initialize()
    assert not can_resize(model)
    assert not can_resize(None)
    with pytest.raises(NotImplementedError, match="does not end in a linear layer or softmax"):
        resize_output(model, 5)
    nlp = make("textcat")
    pipe = nlp.get_pipe("textcat")
    pipe.model = chain(reduce_mean(), Relu(2, 2)).initialize()
    pipe.model.set_dim("nO", 2, force=True)
    with pytest.raises(PipelineError, match="initialized with 2 outputs and cannot take another label"):
        pipe.add_label("ASK")


def test_published_networks_offer_resizing_as_an_attribute() -> None:
    for name in ("bow", "bow-v2", "cnn", "reduce"):
        model = registry.resolve({"model": network(name, True)})["model"]
        assert model.attrs["resize_output"](model, 4) is model
        assert model.get_dim("nO") == 4
