"""Growing the output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from parser_kit import network

from spanwright.config import resolve
from spanwright.testing import sample_docs
from spanwright_parser.layers.resize import resize_output, snapshot, untrained

IDS = np.array([[0, -1, 2], [4, 1, 1]], dtype="int32")


def made(**settings: Any) -> Any:
    model = resolve({"model": network("ner", nO=4, **settings)})["model"]
    model.initialize(X=sample_docs((3, 2)))
    if settings.get("use_upper", True):
        for name in ("W", "b"):
            value = model.get_ref("upper").get_param(name)
            numbers = np.random.default_rng(0).normal(size=value.shape).astype("float32")
            model.get_ref("upper").set_param(name, numbers)
    return model


@pytest.mark.parametrize("settings", [{}, {"use_upper": False}, {"version": "v2", "maxout_pieces": 3}])
def test_old_actions_keep_their_scores(settings: dict[str, Any]) -> None:
    model, docs = made(**settings), sample_docs((3, 2))
    before = model.predict(docs).predict(IDS)
    assert resize_output(model, 6) is model
    after = model.predict(docs).predict(IDS)
    assert np.allclose(after[:, :4], before, atol=1e-6)
    assert (after[:, 4:] == before.min()).all()
    assert model.attrs["unseen_classes"] == {4, 5}
    resize_output(model, 5)
    assert model.attrs["unseen_classes"] == {4}
    assert np.allclose(model.predict(docs).predict(IDS)[:, :4], before, atol=1e-6)


def test_an_optimizer_goes_on_after_a_resize() -> None:
    from thinc.api import Adam

    model, docs, optimizer = made(), sample_docs((3, 2)), Adam(0.01)
    for size in (4, 7):
        resize_output(model, size)
        steps, finish = model.begin_update(docs)
        scores, backprop = steps.begin_update(IDS)
        backprop(np.ones_like(scores))
        finish(None)
        model.finish_update(optimizer)
    assert model.get_ref("upper").get_param("W").shape == (7, 12)


def test_a_model_without_weights_only_takes_the_number() -> None:
    model = resolve({"model": network("ner")})["model"]
    resize_output(model, 3)
    resize_output(model, 5)
    assert model.get_ref("upper").get_dim("nO") == 5
    assert model.attrs["unseen_classes"] == set()
    model.initialize(X=sample_docs((3,)))
    assert model.get_ref("upper").get_param("W").shape == (5, 12)


def test_a_resize_can_be_taken_back() -> None:
    model = made()
    before, number = model.to_bytes(), model.get_ref("upper").id
    restore = snapshot(model)
    resize_output(model, 9)
    assert model.to_bytes() != before
    restore()
    assert model.to_bytes() == before
    assert model.get_ref("upper").id == number
    assert model.attrs["unseen_classes"] == set()


def test_actions_that_were_never_trained_are_found_again() -> None:
    model = made()
    assert untrained(model) == set()
    resize_output(model, 6)
    assert untrained(model) == {4, 5}
    fresh = resolve({"model": network("ner", nO=4)})["model"]
    assert untrained(fresh) == set()
    fresh.initialize(X=sample_docs((3,)))
    assert untrained(fresh) == set()  # all are zero
    assert untrained(made(use_upper=False)) == set()
