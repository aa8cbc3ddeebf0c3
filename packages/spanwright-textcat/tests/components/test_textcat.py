"""What users rely on in textcat and textcat_multilabel: labels, scores, learning, rehearsing, files."""

from __future__ import annotations

import numpy as np
import pytest
from textcat_kit import CNN, DATA, LISTENER, MORE, NETWORKS, examples, make, network, train

from spanwright import blank
from spanwright.pipeline import MultiLabel_TextCategorizer, TextCategorizer
from spanwright.pipeline.textcat import DEFAULT_SINGLE_TEXTCAT_MODEL
from spanwright.pipeline.textcat_multilabel import DEFAULT_MULTI_TEXTCAT_MODEL
from spanwright.tokens import Example

FACTORIES = ("textcat", "textcat_multilabel")


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("shared", [False, True])
def test_it_learns_in_every_network(factory: str, name: str, shared: bool) -> None:
    if shared and name.startswith("bow"):
        pytest.skip("a bag of n-grams has no token vectors")
    nlp = make(factory, name, shared=shared)
    first = train(nlp, 1)[factory]
    last = train(nlp, 60)[factory]
    assert last < 0.2 * first
    for text, cats in DATA:
        scores = nlp(text).cats
        assert list(scores) == ["GOOD", "BAD"]
        assert max(scores, key=scores.__getitem__) == max(cats, key=cats.__getitem__)
        if factory == "textcat":
            assert sum(scores.values()) == pytest.approx(1.0, abs=1e-5)
    assert nlp.evaluate(examples(nlp))["cats_score"] == pytest.approx(1.0)


def test_classes_and_defaults_are_where_they_are_in_spacy() -> None:
    nlp = blank("xx")
    assert type(nlp.add_pipe("textcat")) is TextCategorizer
    assert type(nlp.add_pipe("textcat_multilabel")) is MultiLabel_TextCategorizer
    assert DEFAULT_SINGLE_TEXTCAT_MODEL["linear_model"]["exclusive_classes"] is True
    assert DEFAULT_MULTI_TEXTCAT_MODEL["linear_model"]["exclusive_classes"] is False
    assert nlp.get_pipe("textcat").cfg == {"labels": [], "threshold": 0.0, "positive_label": None}
    assert nlp.get_pipe("textcat_multilabel").cfg == {"labels": [], "threshold": 0.5}


def test_the_default_network_learns() -> None:
    nlp = blank("xx")
    pipe = nlp.add_pipe("textcat", config={"model": {"linear_model": {"length": 1024}}})
    nlp.initialize(lambda: examples(nlp))
    train(nlp, 30)
    assert nlp(DATA[0][0]).cats["GOOD"] > 0.9
    assert pipe.support_missing_values is False


def test_labels_come_in_order_of_appearance_or_as_given() -> None:
    nlp = make("textcat", "bow")
    pipe = nlp.get_pipe("textcat")
    assert pipe.labels == pipe.label_data == ("GOOD", "BAD")
    other = make("textcat", "bow", initialize=False)
    other.get_pipe("textcat").initialize(lambda: examples(other), labels=["BAD", "GOOD"], positive_label="GOOD")
    assert other.get_pipe("textcat").labels == ("BAD", "GOOD")
    assert other.get_pipe("textcat").cfg["positive_label"] == "GOOD"
    assert other.get_pipe("textcat").add_label("GOOD") == 0
    assert "GOOD" in other.vocab.strings


def test_labels_can_be_added_before() -> None:
    nlp = make("textcat", "cnn", initialize=False)
    pipe = nlp.get_pipe("textcat")
    for label in ("GOOD", "BAD"):
        pipe.add_label(label)
    nlp.initialize(lambda: examples(nlp))
    assert pipe.labels == ("GOOD", "BAD")
    assert pipe.model.get_dim("nO") == 2


def test_a_number_of_outputs_in_the_config_gives_way_to_the_labels() -> None:
    nlp = make("textcat", {**network("bow", True), "nO": 5})
    assert nlp.get_pipe("textcat").model.get_dim("nO") == 2


def test_a_number_of_labels_in_an_ensemble_need_not_be_the_width_of_its_vectors() -> None:
    """In spaCy such a config cannot be initialized."""
    model = {**network("ensemble", True), "nO": 2}
    nlp = make("textcat", model)
    train(nlp, 10)
    twin = make("textcat", model, initialize=False).from_bytes(nlp.to_bytes())
    assert twin(DATA[0][0]).cats == nlp(DATA[0][0]).cats


def test_the_loss_is_the_mean_squared_error_and_its_gradient_the_difference() -> None:
    nlp = make("textcat_multilabel", "bow")
    pipe = nlp.get_pipe("textcat_multilabel")
    scores = np.array([[0.8, 0.4], [0.5, 0.5], [0.0, 0.0], [1.0, 1.0]], dtype="f")
    half = [*DATA[:3], (DATA[3][0], {"GOOD": 0.0})]
    loss, gradient = pipe.get_loss(examples(nlp, half), scores)
    expected = np.array([[-0.2, 0.4], [-0.5, 0.5], [0.0, -1.0], [1.0, 0.0]], dtype="f")
    assert np.allclose(gradient, expected)
    assert loss == pytest.approx(float((expected**2).mean()))
    # Where categories exclude each other, a missing one does not apply.
    exclusive = make("textcat", "bow").get_pipe("textcat")
    assert np.allclose(exclusive.get_loss(examples(nlp, half), scores)[1][3], [1.0, 1.0])


def test_docs_without_tokens_have_zeros_alone_and_in_a_batch() -> None:
    nlp = make("textcat", "ensemble")
    train(nlp, 5)
    together = list(nlp.pipe(["", DATA[0][0], ""]))
    assert [doc.cats for doc in together] == [nlp("").cats, nlp(DATA[0][0]).cats, nlp("").cats]
    assert nlp("").cats == {"GOOD": 0.0, "BAD": 0.0}
    assert nlp.update([Example.from_dict(nlp.make_doc(""), {"cats": {"GOOD": 1.0}})]) == {"textcat": 0.0}
    mixed = examples(nlp, [("", {"GOOD": 1.0, "BAD": 0.0}), *DATA])
    assert np.isfinite(nlp.update(mixed, sgd=nlp.create_optimizer())["textcat"])


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("name", ["bow", "cnn", "ensemble"])
@pytest.mark.parametrize("shared", [False, True])
def test_rehearsing_keeps_what_was_known(factory: str, name: str, shared: bool) -> None:
    """X1: with vectors of its own or shared ones; the loss of rehearsing is reported apart from that of learning."""
    if shared and name == "bow":
        pytest.skip("a bag of n-grams has no token vectors")
    nlp = make(factory, name, shared=shared)
    train(nlp, 40)
    assert nlp.get_pipe(factory).rehearse(examples(nlp)) == {factory: 0.0}
    optimizer = nlp.resume_training()
    new = [(text, {"GOOD": 0.0, "BAD": 1.0}) for text, _ in MORE]
    learnt, rehearsed = {}, {}
    for _ in range(10):
        learnt, rehearsed = {}, {}
        nlp.update(examples(nlp, new), sgd=optimizer, losses=learnt)
        nlp.rehearse(examples(nlp), sgd=optimizer, losses=rehearsed)
    assert rehearsed[factory] > 0
    assert rehearsed[factory] != learnt[factory]
    assert nlp(DATA[0][0]).cats["GOOD"] > 0.7


def test_labels_that_came_later_are_not_rehearsed() -> None:
    nlp = make("textcat", "ensemble")
    train(nlp, 20)
    optimizer = nlp.resume_training()
    pipe = nlp.get_pipe("textcat")
    pipe.add_label("ASK")
    losses = nlp.rehearse(examples(nlp), sgd=optimizer)
    assert losses["textcat"] < 1e-6


def test_a_student_learns_what_its_teacher_scores() -> None:
    teacher, student = make("textcat", "ensemble"), make("textcat", "bow")
    train(teacher, 40)
    pipe = student.get_pipe("textcat")
    optimizer = student.create_optimizer()
    losses = [pipe.distill(teacher.get_pipe("textcat"), examples(student), sgd=optimizer)["textcat"] for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]


def test_each_component_is_scored_on_its_own_labels() -> None:
    """X3: two components on one Doc."""
    nlp = blank("xx")
    texts = [*DATA, *MORE]
    gold = [
        (
            text,
            {
                "GOOD": cats.get("GOOD", 0.0),
                "BAD": cats.get("BAD", 0.0) or 1.0 - cats.get("GOOD", 0.0),
                "ASK": cats.get("ASK", 0.0),
            },
        )
        for text, cats in texts
    ]
    nlp.add_pipe("textcat", config={"model": network("bow", True)})
    nlp.add_pipe("textcat_multilabel", config={"model": network("bow", False)})
    both = examples(nlp, gold)
    nlp.initialize(
        lambda: (
            [Example.from_dict(nlp.make_doc(text), {"cats": {"GOOD": 1.0, "BAD": 0.0}}) for text in ("a", "b")]
            + [Example.from_dict(nlp.make_doc("c"), {"cats": {"GOOD": 0.0, "BAD": 1.0}})]
        )
    )
    single, multi = nlp.get_pipe("textcat"), nlp.get_pipe("textcat_multilabel")
    multi.add_label("ASK")
    multi.cfg["labels"] = ["X", "Y", "ASK"]
    for example in both:
        example.predicted.cats = {"GOOD": 0.9, "BAD": 0.1, "ASK": 0.7, "X": 0.0, "Y": 0.0}
    assert set(single.score(both)["cats_f_per_type"]) == {"GOOD", "BAD"}
    assert set(multi.score(both)["cats_f_per_type"]) == {"X", "Y", "ASK"}


def test_the_threshold_counts_in_scoring_several_labels() -> None:
    nlp = make("textcat_multilabel", "bow", threshold=0.8)
    pipe = nlp.get_pipe("textcat_multilabel")
    found = examples(nlp)
    for example in found:
        example.predicted.cats = {"GOOD": 0.7, "BAD": 0.9}
    scores = pipe.score(found)
    assert scores["cats_f_per_type"]["GOOD"]["r"] == 0.0
    assert scores["cats_f_per_type"]["BAD"]["r"] == 1.0
    assert pipe.score(found, threshold=0.5)["cats_f_per_type"]["GOOD"]["r"] == 1.0


def test_the_positive_label_is_the_score() -> None:
    nlp = make("textcat", "bow", initialize=False)
    nlp.get_pipe("textcat").initialize(lambda: examples(nlp), positive_label="BAD")
    found = examples(nlp)
    for example in found:
        example.predicted.cats = dict(example.reference.cats)
    scores = nlp.get_pipe("textcat").score(found)
    assert scores["cats_score_desc"] == "F (BAD)"
    assert scores["cats_score"] == pytest.approx(1.0)


def test_thousands_of_labels_can_be_trained() -> None:
    """X6"""
    labels = [f"L{number}" for number in range(2500)]
    texts = [(f"word{number} other", {labels[number]: 1.0}) for number in range(0, 2500, 100)]
    nlp = make("textcat_multilabel", "bow", initialize=False)
    nlp.get_pipe("textcat_multilabel").initialize(lambda: examples(nlp, texts), labels=labels)
    for _ in range(3):
        losses = nlp.update(examples(nlp, texts), sgd=nlp.create_optimizer())
    assert np.isfinite(losses["textcat_multilabel"])
    assert len(nlp("word100 other").cats) == 2500


def test_a_pipeline_from_a_config_with_a_listener_and_both_components() -> None:
    nlp = blank("xx")
    nlp.add_pipe("tok2vec", config={"model": CNN})
    nlp.add_pipe("textcat", config={"model": network("cnn", True, LISTENER)})
    nlp.add_pipe("textcat_multilabel", config={"model": network("ensemble", False, LISTENER)})
    nlp.initialize(lambda: examples(nlp))
    losses = train(nlp, 40)
    assert set(losses) == {"tok2vec", "textcat", "textcat_multilabel"}
    assert losses["textcat"] < 0.1
