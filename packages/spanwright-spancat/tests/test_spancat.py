"""The components spancat and spancat_singlelabel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from thinc.api import SGD, Adam

from spanwright import blank, load
from spanwright.tokens import Doc, Example, Span
from spanwright_spancat.components.spancat import (
    DEFAULT_SPANCAT_MODEL,
    DEFAULT_SPANCAT_SINGLELABEL_MODEL,
    SpanCategorizer,
    spancat_score,
)

BOTH = pytest.mark.parametrize("factory", ["spancat", "spancat_singlelabel"])
MISSES = pytest.mark.filterwarnings("ignore:The suggester of component .* finds [0-9]+ of")
SHARED = pytest.mark.parametrize("shared", [False, True])


def found(doc: Any, key: str = "sc") -> set[tuple[int, int, str]]:
    return {(span.start, span.end, span.label_) for span in doc.spans[key]}


def test_defaults() -> None:
    nlp = blank("xx")
    spancat = nlp.add_pipe("spancat")
    assert type(spancat) is SpanCategorizer
    config = nlp.get_pipe_config("spancat")
    assert config["model"]["reducer"] == DEFAULT_SPANCAT_MODEL["reducer"]
    assert (config["threshold"], config["max_positive"], config["spans_key"]) == (0.5, None, "sc")
    assert config["suggester"] == {"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2, 3]}
    assert spancat.cfg == {
        "labels": [], "spans_key": "sc", "threshold": 0.5, "max_positive": None, "negative_weight": None,
        "allow_overlap": True,
    }  # fmt: skip
    assert SpanCategorizer(nlp.vocab, spancat.model, spancat.suggester).key == "spans"
    assert DEFAULT_SPANCAT_SINGLELABEL_MODEL["tok2vec"]["embed"]["@architectures"] == "spacy.MultiHashEmbed.v1"


@BOTH
@SHARED
def test_it_learns_what_it_is_shown(
    make_nlp: Any, train: Any, data: Any, make_examples: Any, factory: str, shared: bool
) -> None:
    nlp = make_nlp(factory, shared=shared)
    assert nlp.get_pipe(factory).labels == ("PERSON", "PLACE")
    assert train(nlp)[factory] < 0.2
    for text, spans in data:
        doc = nlp(text)
        assert found(doc) == set(spans)
        scores = doc.spans["sc"].attrs["scores"]
        assert len(scores) == len(spans)
        assert all(score > 0.5 for score in scores)
    assert nlp.evaluate(make_examples(nlp))["spans_sc_f"] == 1.0
    empty, same, blanks = nlp.pipe(["", data[0][0], "   "], batch_size=2)
    assert (found(empty), found(same), found(blanks)) == (set(), set(data[0][1]), set())


@BOTH
def test_groups_are_saved_with_their_scores(make_nlp: Any, train: Any, data: Any, factory: str) -> None:
    nlp = make_nlp(factory)
    train(nlp)
    doc = nlp(data[0][0])
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert found(again) == found(doc)
    assert np.allclose(again.spans["sc"].attrs["scores"], doc.spans["sc"].attrs["scores"])


def test_another_key(make_nlp: Any, train: Any, make_examples: Any, data: Any) -> None:
    nlp = make_nlp(spans_key="names")
    train(nlp, key="names")
    assert found(nlp(data[0][0]), "names") == set(data[0][1])
    scores = nlp.evaluate(make_examples(nlp, key="names"))
    assert scores["spans_names_f"] == 1.0
    assert nlp.config["training"]["score_weights"] == {
        "spans_names_f": 1.0, "spans_names_p": 0.0, "spans_names_r": 0.0
    }  # fmt: skip
    assert spancat_score(make_examples(nlp, key="names"), spans_key="names")["spans_names_r"] == 0.0


def scored(make_nlp: Any, factory: str, scores: Any, **config: Any) -> Any:
    """The group of one Doc of three tokens whose pairs and single tokens got these scores."""
    nlp = make_nlp(factory, suggester={"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2]}, **config)
    pipe = nlp.get_pipe(factory)
    doc = nlp.make_doc("a b c")
    pipe.set_annotations([doc], (pipe.suggester([doc]), np.asarray(scores, dtype="float32")))
    return doc


@MISSES
def test_threshold_and_most_labels(make_nlp: Any) -> None:
    scores = [[0.9, 0.6], [0.4, 0.5], [0.1, 0.2], [0.7, 0.8], [0.0, 0.0]]
    doc = scored(make_nlp, "spancat", scores)
    expected = [(0, 1, "PERSON"), (0, 1, "PLACE"), (1, 2, "PLACE"), (0, 2, "PERSON"), (0, 2, "PLACE")]
    assert [(span.start, span.end, span.label_) for span in doc.spans["sc"]] == expected
    assert np.allclose(doc.spans["sc"].attrs["scores"], [0.9, 0.6, 0.5, 0.7, 0.8])
    assert len(scored(make_nlp, "spancat", scores, threshold=0.0).spans["sc"]) == 10
    assert len(scored(make_nlp, "spancat", scores, threshold=1.0).spans["sc"]) == 0
    assert found(scored(make_nlp, "spancat", scores, max_positive=1)) == {
        (0, 1, "PERSON"), (1, 2, "PLACE"), (0, 2, "PLACE")
    }  # fmt: skip
    assert len(scored(make_nlp, "spancat", scores, max_positive=2, threshold=0.3).spans["sc"]) == 6


@MISSES
def test_one_label_or_none(make_nlp: Any) -> None:
    scores = [[0.5, 0.1, 0.4], [0.1, 0.2, 0.7], [0.1, 0.6, 0.3], [0.8, 0.1, 0.1], [0.3, 0.4, 0.3]]
    doc = scored(make_nlp, "spancat_singlelabel", scores)
    assert [(span.start, span.end, span.label_) for span in doc.spans["sc"]] == [
        (0, 1, "PERSON"), (2, 3, "PLACE"), (0, 2, "PERSON"), (1, 3, "PLACE")
    ]  # fmt: skip
    # As spaCy has them: a row for each span.
    assert np.allclose(doc.spans["sc"].attrs["scores"], [[0.5], [0.6], [0.8], [0.4]])
    doc = scored(make_nlp, "spancat_singlelabel", scores, allow_overlap=False)
    assert [(span.start, span.end, span.label_) for span in doc.spans["sc"]] == [(0, 2, "PERSON"), (2, 3, "PLACE")]
    assert np.allclose(doc.spans["sc"].attrs["scores"], [[0.8], [0.6]])


@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_the_weight_of_what_is_no_span(make_nlp: Any, make_examples: Any, weight: float) -> None:
    nlp = make_nlp("spancat_singlelabel", negative_weight=weight)
    pipe = nlp.get_pipe("spancat_singlelabel")
    examples = make_examples(nlp)
    candidates = pipe.suggester([example.predicted for example in examples])
    scores = np.zeros((len(candidates.dataXd), 3), dtype="float32")
    loss, gradient = pipe.get_loss(examples, (candidates, scores))
    gold = sum(len(example.reference.spans["sc"]) for example in examples)
    assert loss == pytest.approx(gold + (len(scores) - gold) * weight**2)
    assert sorted(set(gradient[:, 2].tolist())) == [-weight, 0.0]
    assert gradient[:, :2].sum() == -gold


def test_candidates_that_come_twice_count_by_the_last(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp(suggester={"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2, 1, 2, 4]})
    pipe = nlp.get_pipe("spancat")
    (example, *_) = make_examples(nlp)
    candidates = pipe.suggester([example.predicted])
    _, gradient = pipe.get_loss([example], (candidates, np.zeros((len(candidates.dataXd), 2), dtype="float32")))
    rows = (gradient < 0).nonzero()[0]
    assert [tuple(candidates.dataXd[row]) for row in rows.tolist()] == [(5, 6), (0, 2), (4, 6)]
    assert rows.min() >= 11  # six single tokens and five pairs come first


@MISSES
def test_candidates_to_look_at(make_nlp: Any) -> None:
    nlp = make_nlp(suggester={"@misc": "spacy.ngram_suggester.v1", "sizes": [2]})
    docs = [nlp.make_doc("a b c"), nlp.make_doc(""), nlp.make_doc("a b")]
    nlp.get_pipe("spancat").set_candidates(docs, candidates_key="seen")
    assert [[span.text for span in doc.spans["seen"]] for doc in docs] == [["a b", "b c"], [], ["a b"]]


def test_gold_tokens_that_are_cut_otherwise(make_nlp: Any) -> None:
    nlp = make_nlp()
    predicted = Doc(nlp.vocab, words=["old", "Lon", "don"], spaces=[True, False, False])
    gold = Doc(nlp.vocab, words=["old", "London"], spaces=[True, False])
    gold.spans["sc"] = [Span(gold, 1, 2, label="PLACE"), Span(gold, 0, 2, label="PLACE")]
    pipe = nlp.get_pipe("spancat")
    candidates = pipe.suggester([predicted])
    scores = np.zeros((len(candidates.dataXd), 2), dtype="float32")
    _, gradient = pipe.get_loss([Example(predicted, gold)], (candidates, scores))
    assert {tuple(candidates.dataXd[row]) for row in gradient.nonzero()[0].tolist()} == {(1, 3), (0, 3)}


@MISSES
def test_nothing_to_learn_from_in_a_batch(make_nlp: Any) -> None:
    nlp = make_nlp(suggester={"@misc": "spacy.ngram_suggester.v1", "sizes": [4]})
    short = Example(nlp.make_doc("one two"), nlp.make_doc("one two"))
    empty = Example(nlp.make_doc(""), nlp.make_doc(""))
    assert nlp.update([empty], sgd=SGD(0.1)) == {"spancat": 0.0}
    assert nlp.update([short], sgd=SGD(0.1)) == {"spancat": 0.0}
    assert nlp.get_pipe("spancat").rehearse([short]) == {"spancat": 0.0}
    assert nlp("one two").spans["sc"].attrs == {}


@BOTH
@SHARED
def test_a_label_added_to_trained_weights_keeps_the_others(
    make_nlp: Any, train: Any, data: Any, tmp_path: Path, factory: str, shared: bool
) -> None:
    nlp = make_nlp(factory, shared=shared)
    train(nlp)
    pipe = nlp.get_pipe(factory)
    docs = [nlp.make_doc(text) for text, _ in data]
    before = pipe.predict(docs)[1]
    assert pipe.is_resizable
    assert (pipe.add_label("PERSON"), pipe.add_label("NEW")) == (0, 1)
    after = pipe.predict(docs)[1]
    assert after.shape[1] == before.shape[1] + 1
    old = [0, 1] if factory == "spancat" else [0, 1, 3]
    assert np.allclose(after[:, old], before, atol=1e-6 if factory == "spancat" else 0.05)
    assert after[:, 2].max() < 0.05
    nlp.to_disk(tmp_path / "grown")
    nlp = load(tmp_path / "grown")
    assert nlp.get_pipe(factory).labels == ("PERSON", "PLACE", "NEW")
    assert found(nlp(data[0][0])) == set(data[0][1])
    train(nlp, data=[("some thing", [(0, 2, "NEW")]), *data])
    assert found(nlp("some thing")) == {(0, 2, "NEW")}
    assert found(nlp(data[0][0])) == set(data[0][1])


def test_labels_that_cannot_be_added(make_nlp: Any) -> None:
    pipe = make_nlp().get_pipe("spancat")
    with pytest.raises(ValueError, match=r"takes strings as labels, but got int \(3\)"):
        pipe.add_label(3)
    pipe.model.set_ref("scorer", pipe.model.get_ref("reducer"))
    pipe.model.set_dim("nO", 2, force=True)
    assert not pipe.is_resizable
    with pytest.raises(ValueError, match="was initialized with 2 outputs and cannot take another label"):
        pipe.add_label("NEW")


@BOTH
@SHARED
def test_rehearsal_keeps_what_was_known(
    make_nlp: Any, train: Any, make_examples: Any, data: Any, factory: str, shared: bool
) -> None:
    nlp = make_nlp(factory, shared=shared)
    train(nlp)
    optimizer = nlp.resume_training(sgd=Adam(0.01))
    pipe = nlp.get_pipe(factory)
    node = pipe.model.get_ref("scorer").walk()
    layer = next(one for one in node if one.param_names)
    layer.set_param("W", layer.get_param("W") * 0.3)
    first = nlp.rehearse(make_examples(nlp), sgd=optimizer)[factory]
    for _ in range(30):
        last = nlp.rehearse(make_examples(nlp), sgd=optimizer)[factory]
    assert last < first / 3
    pipe.add_label("NEW")
    assert nlp.rehearse(make_examples(nlp), sgd=optimizer)[factory] >= 0


@BOTH
def test_distillation_teaches_without_annotation(make_nlp: Any, train: Any, data: Any, factory: str) -> None:
    teacher, student = make_nlp(factory), make_nlp(factory)
    train(teacher)
    plain = [Example.from_dict(student.make_doc(text), {}) for text, _ in data]
    optimizer = Adam(0.02)
    for _ in range(60):
        student.distill(teacher, plain, sgd=optimizer)
    for text, spans in data:
        assert found(student(text)) == set(spans)
    teacher.get_pipe(factory).add_label("NEW")
    with pytest.raises(ValueError, match=r"have different labels \(2 here, 3 there"):
        student.distill(teacher, plain, sgd=optimizer)


@BOTH
def test_files(make_nlp: Any, train: Any, data: Any, tmp_path: Path, factory: str) -> None:
    nlp = make_nlp(factory)
    train(nlp)
    pipe = nlp.get_pipe(factory)
    pipe.to_disk(tmp_path / "pipe", exclude=["vocab"])
    assert json.loads((tmp_path / "pipe" / "cfg").read_text())["labels"] == ["PERSON", "PLACE"]
    fresh = make_nlp(factory, initialize=False).get_pipe(factory)
    fresh.from_disk(tmp_path / "pipe", exclude=["vocab"])
    assert fresh.cfg == pipe.cfg
    assert found(fresh(nlp.make_doc(data[0][0]))) == set(data[0][1])
    (tmp_path / "pipe" / "cfg").write_text("{}")
    with pytest.raises(ValueError, match=r"have . labels, and the saved model of component"):
        make_nlp(factory, initialize=False).get_pipe(factory).from_disk(tmp_path / "pipe", exclude=["vocab"])


def test_replacing_the_listener_is_exact(make_nlp: Any, train: Any, data: Any) -> None:
    nlp = make_nlp(shared=True)
    train(nlp)
    docs = [nlp.make_doc(text) for text, _ in data]
    before = nlp.get_pipe("spancat").predict(docs)[1]
    nlp.replace_listeners("tok2vec", "spancat", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert np.array_equal(nlp.get_pipe("spancat").predict(docs)[1], before)


def test_spans_of_another_component_are_candidates(make_nlp: Any, make_examples: Any, data: Any) -> None:
    nlp = make_nlp(initialize=False, suggester={"@misc": "spacy.preset_spans_suggester.v1", "spans_key": "found"})
    nlp.config["training"]["annotating_components"] = ["finder"]
    nlp.initialize(lambda: make_examples(nlp))
    examples = make_examples(nlp)
    for example in examples:
        example.predicted.spans["found"] = [
            Span(example.predicted, span.start, span.end) for span in example.reference.spans["sc"]
        ]
    assert nlp.update(examples, sgd=SGD(0.1))["spancat"] > 0
    with pytest.raises(KeyError, match=r"reads candidates from doc\.spans\['found'\]"):
        nlp(data[0][0])
