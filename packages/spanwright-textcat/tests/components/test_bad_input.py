"""Mistakes, and the sentences they get."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from textcat_kit import DATA, MORE, examples, make, network

from spanwright import registry
from spanwright.errors import SpanwrightError, SpanwrightWarning
from spanwright.tokens import Example

FACTORIES = ("textcat", "textcat_multilabel")


def one(nlp: Any, **cats: Any) -> list[Any]:
    return [
        Example.from_dict(
            nlp.make_doc("some text that is longer than fifty characters, so that it is cut"), {"cats": cats}
        )
    ]


@pytest.mark.parametrize("factory", FACTORIES)
def test_an_empty_training_set(factory: str) -> None:
    nlp = make(factory, initialize=False)
    with pytest.raises(TypeError, match=r"the function returned \[\]. At least one Example is needed"):
        nlp.get_pipe(factory).initialize(list)


def test_no_labels_at_all() -> None:
    for factory, message in (
        ("textcat", r"exactly one applies, and needs at least two, but has \[\]"),
        ("textcat_multilabel", "has no labels. Call add_label, or initialize it with examples"),
    ):
        nlp = make(factory, initialize=False)
        with pytest.raises(ValueError, match=message):
            nlp.initialize(lambda nlp=nlp: one(nlp))


def test_one_label_is_too_few_where_they_exclude_each_other() -> None:
    nlp = make(initialize=False)
    with pytest.raises(ValueError, match=r"needs at least two, but has \['GOOD'\].*textcat_multilabel"):
        nlp.initialize(lambda: one(nlp, GOOD=1.0))
    assert make("textcat_multilabel", data=[("a text", {"GOOD": 1.0})]).get_pipe("textcat_multilabel").labels == (
        "GOOD",
    )


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("threshold", [-0.1, 1.5, "high", float("nan")])
def test_a_threshold_outside_of_0_to_1(factory: str, threshold: Any) -> None:
    cls = type(make(factory, initialize=False).get_pipe(factory))
    model = registry.resolve({"model": network("bow", True)})["model"]
    nlp = make(factory, initialize=False)
    with pytest.raises(
        ValueError, match=f"Component 'mine': threshold is {threshold!r}, and must be a number from 0.0 to 1.0"
    ):
        cls(nlp.vocab, model, "mine", threshold=threshold)
    if threshold == 1.5:
        with pytest.raises(ValueError, match="must be a number from 0.0 to 1.0"):
            make(factory, threshold=1.5)


@pytest.mark.parametrize("factory", FACTORIES)
def test_values_that_are_neither_0_nor_1(factory: str) -> None:
    nlp = make(factory)
    for found in (lambda: nlp.update(one(nlp, GOOD=0.5)), lambda: nlp.initialize(lambda: one(nlp, GOOD=0.5, BAD=1.0))):
        with pytest.raises(
            ValueError, match=r"category 'GOOD' of the Doc 'some text .*\.\.\.' has the value 0.5. To learn"
        ):
            found()
    with pytest.raises(ValueError, match="category 'GOOD' of the Doc 'some.* has the value 'yes', a str"):
        bad = one(nlp, GOOD=1.0)
        bad[0].reference.cats["GOOD"] = "yes"
        nlp.update(bad)


def test_two_categories_that_exclude_each_other() -> None:
    nlp = make()
    with pytest.raises(ValueError, match=r"has several with the value 1.0: \['GOOD', 'BAD'\].*textcat_multilabel"):
        nlp.update(one(nlp, GOOD=1.0, BAD=1.0))
    multi = make("textcat_multilabel")
    assert multi.update(one(multi, GOOD=1.0, BAD=1.0))["textcat_multilabel"] > 0


def test_a_positive_label_that_is_none_of_the_labels_or_one_of_many() -> None:
    nlp = make(initialize=False)
    pipe = nlp.get_pipe("textcat")
    with pytest.raises(ValueError, match=r"positive_label is 'GOD', which is not among the labels.*GOOD"):
        pipe.initialize(lambda: examples(nlp), positive_label="GOD")
    with pytest.raises(ValueError, match=r"positive_label \('GOOD'\) is for tasks with two labels, and there are 3"):
        pipe.initialize(lambda: examples(nlp, [*DATA, *MORE]), positive_label="GOOD")
    multi = make("textcat_multilabel", initialize=False)
    with pytest.raises(TypeError, match="positive_label"):
        multi.get_pipe("textcat_multilabel").initialize(lambda: examples(multi), positive_label="GOOD")


@pytest.mark.parametrize("factory", FACTORIES)
def test_labels_that_are_no_strings(factory: str) -> None:
    nlp = make(factory, initialize=False)
    with pytest.raises(ValueError, match=r"takes strings as labels, but got int \(3\)"):
        nlp.get_pipe(factory).add_label(3)
    with pytest.raises(ValueError, match="labels must be a list of strings, but got 'GOOD'"):
        nlp.get_pipe(factory).initialize(lambda: examples(nlp), labels="GOOD")


def test_labels_that_no_example_has() -> None:
    nlp = make(initialize=False)
    with pytest.warns(
        SpanwrightWarning, match="no Example has the value 1.0 for 'UGLY', so that nothing can be learnt about it"
    ):
        nlp.get_pipe("textcat").initialize(lambda: examples(nlp), labels=["GOOD", "BAD", "UGLY"])
    nlp = make("textcat_multilabel", initialize=False)
    many = {f"L{number}": 0.0 for number in range(12)}
    with pytest.warns(SpanwrightWarning, match="for 'L0', .*'L9' and 2 more, so that nothing can be learnt about them"):
        nlp.initialize(lambda: one(nlp, GOOD=1.0, **many))


@pytest.mark.parametrize(
    ("factory", "effect"),
    [
        ("textcat", "as Docs to which none of its categories applies"),
        ("textcat_multilabel", "without anything to learn"),
    ],
)
def test_docs_without_categories_and_labels_never_seen(factory: str, effect: str) -> None:
    nlp = make(factory)
    with pytest.warns(SpanwrightWarning, match=f"sees 1 of 1 Examples that have no categories; it takes them {effect}"):
        nlp.update(one(nlp))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.update(one(nlp))  # says it once
    nlp = make(factory)
    with pytest.warns(SpanwrightWarning, match=r"have other categories \(UGLY\); it takes them"):
        nlp.update(one(nlp, UGLY=1.0))


def test_scores_that_do_not_fit_or_are_no_numbers() -> None:
    nlp = make()
    pipe = nlp.get_pipe("textcat")
    with pytest.raises(ValueError, match=r"has 1 Docs and 2 labels, but scores of shape \(1, 3\) to set"):
        pipe.set_annotations([nlp.make_doc("a")], np.zeros((1, 3), dtype="f"))
    with pytest.raises(ValueError, match="scores of component 'textcat' are not numbers"):
        pipe.get_loss(one(nlp, GOOD=1.0), np.full((1, 2), np.nan, dtype="f"))


def test_networks_without_a_length_or_reduction() -> None:
    with pytest.raises(ValueError, match="length is the number of weights per category: at least 1, but got 0"):
        registry.get("architectures", "spacy.TextCatBOW.v3")(True, 1, False, 0)
    with pytest.raises(ValueError, match="needs a way to reduce the tokens of a Doc: set at least one of"):
        registry.resolve(
            {"m": {**network("reduce", True), **{f"use_reduce_{w}": False for w in ("first", "last", "max", "mean")}}}
        )


def test_a_model_of_other_labels_is_not_loaded() -> None:
    nlp, other = make(), make(data=[*DATA, *MORE])
    pipe = nlp.get_pipe("textcat")
    with pytest.raises(ValueError, match="have 2 labels, and the saved model of component 'textcat' has 3 outputs"):
        other_bytes = other.get_pipe("textcat").to_bytes(exclude=["cfg", "vocab"])
        make(initialize=False).get_pipe("textcat").from_bytes(_with_cfg(other_bytes, pipe))


def _with_cfg(data: bytes, pipe: Any) -> bytes:
    import srsly

    message = srsly.msgpack_loads(data)
    message["cfg"] = srsly.msgpack_loads(pipe.to_bytes(exclude=["model", "vocab"]))["cfg"]
    return srsly.msgpack_dumps(message)


@pytest.mark.parametrize("value", [np.True_, np.float32(1), np.int64(1), True])
def test_numbers_of_any_kind(value: Any) -> None:
    nlp = make()
    gold = one(nlp, GOOD=0.0)
    gold[0].reference.cats["GOOD"] = value
    assert nlp.update(gold)["textcat"] > 0


def test_gold_labels_that_are_no_strings_are_named() -> None:
    nlp = make()
    gold = one(nlp)
    gold[0].reference.cats = {1: 1.0, "other": 0.0}
    with pytest.warns(SpanwrightWarning, match=r"have other categories \(1, other\)"):
        nlp.update(gold)


def test_labels_and_a_positive_label_of_another_type() -> None:
    pipe = make(initialize=False).get_pipe("textcat")
    with pytest.raises(ValueError, match="labels must be a list of strings, but got 5"):
        pipe.initialize(lambda: examples(make()), labels=5)
    with pytest.raises(ValueError, match="positive_label is 5, which is not among the labels"):
        pipe.initialize(lambda: examples(make()), positive_label=5)


@pytest.mark.parametrize(
    ("factory", "saved", "message"),
    [
        ("textcat", {"labels": [1, 2]}, r"must be distinct strings: \[1, 2\]"),
        ("textcat", {"labels": ["A", "A"]}, "must be distinct strings"),
        ("textcat", {"threshold": "high"}, "threshold is 'high'"),
        ("textcat", {"positive_label": 5}, "positive_label 5 is not among the labels"),
        ("textcat_multilabel", {"threshold": 5}, "threshold is 5"),
        ("textcat_multilabel", {"thresholds": "x"}, "thresholds must be a map from labels, not 'x'"),
        ("textcat_multilabel", {"thresholds": {"GOOD": "x"}}, "threshold is 'x'"),
    ],
)
def test_saved_settings_that_make_no_sense(factory: str, saved: dict[str, Any], message: str) -> None:
    pipe = make(factory, "cnn").get_pipe(factory)
    before = dict(pipe.cfg)
    pipe.cfg.update(saved)
    data = pipe.to_bytes()
    other = make(factory, "cnn").get_pipe(factory)
    weights = other.model.to_bytes()
    with pytest.raises(ValueError, match=message) as info:
        other.from_bytes(data)
    assert isinstance(info.value, SpanwrightError)
    assert other.cfg == before
    assert other.model.to_bytes() == weights
