"""The component tagger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from thinc.api import SGD

from spanwright import blank, load
from spanwright.tokens import Doc, Example
from spanwright_tagger.components.tagger import DEFAULT_TAGGER_MODEL, Tagger, tagger_score

LABELS = ("ADJ", "NOUN", "PRON", "VERB")


def test_defaults() -> None:
    nlp = blank("xx")
    tagger = nlp.add_pipe("tagger")
    assert type(tagger) is Tagger
    config = nlp.get_pipe_config("tagger")
    assert config["model"] == {**DEFAULT_TAGGER_MODEL, "nO": None, "normalize": False}
    assert {key: config[key] for key in ("overwrite", "neg_prefix", "label_smoothing", "scorer")} == {
        "overwrite": False,
        "neg_prefix": "!",
        "label_smoothing": 0.0,
        "scorer": {"@scorers": "spacy.tagger_scorer.v1"},
    }
    assert tagger.cfg == {"label_smoothing": 0.0, "labels": [], "neg_prefix": "!", "overwrite": False}
    assert list(tagger.cfg) == sorted(tagger.cfg)
    meta = nlp.get_pipe_meta("tagger")
    assert meta.assigns == ["token.tag"]
    assert meta.default_score_weights == {
        "tag_acc": 1.0, "pos_acc": 0.0, "tag_micro_p": None, "tag_micro_r": None, "tag_micro_f": None,
    }  # fmt: skip
    assert Tagger(nlp.vocab, tagger.model).scorer is tagger_score


@pytest.mark.parametrize("shared", [False, True])
def test_it_learns_what_it_is_shown(make_nlp: Any, train: Any, data: Any, make_examples: Any, shared: bool) -> None:
    nlp = make_nlp("tagger", shared=shared)
    assert nlp.get_pipe("tagger").labels == LABELS
    losses = train(nlp)
    assert losses["tagger"] < 0.01
    for text, gold in data:
        assert [token.tag_ for token in nlp(text)] == gold["tags"]
    assert nlp.evaluate(make_examples(nlp))["tag_acc"] == 1.0
    assert [[t.tag_ for t in doc] for doc in nlp.pipe(["", data[0][0], "   "], batch_size=2)][1] == data[0][1]["tags"]


def test_labels_from_data_or_given(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp("tagger", initialize=False)
    tagger = nlp.get_pipe("tagger")
    tagger.initialize(lambda: make_examples(nlp), labels=["VERB", "X"])
    assert tagger.labels == ("VERB", "X") == tagger.label_data
    assert tagger.model.get_dim("nO") == 2
    other = make_nlp("tagger", initialize=False).get_pipe("tagger")
    other.initialize(lambda: make_examples(nlp), labels=tagger.label_data)
    assert other.labels == tagger.labels


def test_initializing_without_labels_or_examples(make_nlp: Any) -> None:
    nlp = make_nlp("tagger", initialize=False)
    tagger = nlp.get_pipe("tagger")
    with pytest.raises(ValueError, match="Component 'tagger' has no labels"):
        tagger.initialize(lambda: [Example.from_dict(nlp.make_doc("no tags"), {})])
    for wrong in (None, list, lambda: None, lambda: [1], []):
        with pytest.raises(TypeError, match=r"Tagger\.initialize (takes|needs) a"):
            tagger.initialize(wrong)


def test_add_label(make_nlp: Any) -> None:
    nlp = make_nlp("tagger", initialize=False)
    tagger = nlp.get_pipe("tagger")
    assert (tagger.add_label("A"), tagger.add_label("A"), tagger.add_label("B")) == (1, 0, 1)
    assert tagger.labels == ("A", "B")
    assert "A" in nlp.vocab.strings
    for wrong in (1, None, b"A"):
        with pytest.raises(ValueError, match="'tagger' takes strings as labels, but got"):
            tagger.add_label(wrong)


@pytest.mark.parametrize("shared", [False, True])
def test_a_label_added_to_trained_weights_keeps_the_others(
    make_nlp: Any, train: Any, data: Any, tmp_path: Path, shared: bool
) -> None:
    nlp = make_nlp("tagger", shared=shared)
    train(nlp)
    tagger = nlp.get_pipe("tagger")
    docs = [nlp.make_doc(text) for text, _ in data]
    before = tagger.model.predict(docs)
    for round_, label in enumerate(["NEW", "NEWER"]):
        assert tagger.is_resizable
        assert tagger.add_label(label) == 1
        width = len(LABELS) + round_ + 1
        assert tagger.model.get_dim("nO") == width == tagger.model.get_ref("softmax").get_dim("nO")
        after = tagger.model.predict(docs)
        assert all(numpy.allclose(a[:, : len(LABELS)], b, atol=1e-5) for a, b in zip(after, before, strict=True))
        nlp.to_disk(tmp_path / label)
        nlp = load(tmp_path / label)
        tagger = nlp.get_pipe("tagger")
        assert tagger.labels[-1] == label
    gold = [("some thing", {"tags": ["NEW", "NEWER"]}), *data]
    train(nlp, data=gold)
    assert [t.tag_ for t in nlp("some thing")] == ["NEW", "NEWER"]


def test_an_optimizer_goes_on_after_a_label_was_added(make_nlp: Any, make_examples: Any) -> None:
    from thinc.api import Adam

    nlp = make_nlp("tagger")
    sgd = Adam(0.01)
    nlp.update(make_examples(nlp), sgd=sgd)
    nlp.get_pipe("tagger").add_label("NEW")
    nlp.update(make_examples(nlp), sgd=sgd)
    with nlp.use_params(sgd.averages):
        nlp("some words")


def test_outputs_can_be_set_before_weights_exist(make_nlp: Any) -> None:
    tagger = make_nlp("tagger", initialize=False).get_pipe("tagger")
    tagger.set_output(3)
    assert tagger.model.get_ref("softmax").get_dim("nO") == 3


def test_existing_tags_are_kept_unless_overwritten(make_nlp: Any, train: Any, data: Any) -> None:
    for overwrite in (False, True):
        nlp = make_nlp("tagger", overwrite=overwrite)
        train(nlp)
        text, gold = data[0]
        doc = nlp.make_doc(text)
        doc[1].tag_ = "MINE"
        doc = nlp.get_pipe("tagger")(doc)
        expected = list(gold["tags"])
        if not overwrite:
            expected[1] = "MINE"
        assert [token.tag_ for token in doc] == expected


def test_annotations_may_come_as_users_give_them(make_nlp: Any) -> None:
    nlp = make_nlp("tagger")
    tagger = nlp.get_pipe("tagger")
    doc = nlp.make_doc("two words")
    tagger.set_annotations(doc, [numpy.asarray([1, 3])])
    assert [token.tag_ for token in doc] == ["NOUN", "VERB"]
    empty = Doc(nlp.vocab, words=[])
    tagger.set_annotations([empty], tagger.predict([empty]))
    tagger.set_annotations([empty, doc], [numpy.zeros((0, 4)), numpy.asarray([0, 0])])
    with pytest.raises(ValueError, match="The Docs have 2 tokens, but there are 1 labels to set"):
        tagger.set_annotations([doc], [numpy.asarray([1])])


def test_missing_and_negative_tags(make_nlp: Any, make_examples: Any, train: Any) -> None:
    nlp = make_nlp("tagger")
    missing = [("I like", {"tags": ["", ""]})]
    losses: dict[str, float] = {}
    nlp.update(make_examples(nlp, missing), sgd=SGD(0.1), losses=losses)
    assert losses == {"tagger": 0.0}
    train(nlp, data=[("I like", {"tags": ["PRON", "!NOUN"]})])
    scores = nlp.get_pipe("tagger").model.begin_update([nlp.make_doc("I like")])[0][0]
    assert scores[0][2] > 0.9
    assert scores[1][1] < 0.05


def test_misaligned_tokens_have_no_gold(make_nlp: Any) -> None:
    nlp = make_nlp("tagger")
    predicted = Doc(nlp.vocab, words=["can", "not"], spaces=[False, False])
    example = Example(predicted, Doc(nlp.vocab, words=["cannot"], spaces=[False], tags=["VERB"]))
    assert nlp.get_pipe("tagger")._truths([example]) == [["VERB", "VERB"]]
    other = Doc(nlp.vocab, words=["can", "not"], spaces=[False, False], tags=["VERB", "ADJ"])
    whole = Example(Doc(nlp.vocab, words=["cannot"], spaces=[False]), other)
    assert nlp.get_pipe("tagger")._truths([whole]) == [[None]]


def test_an_unknown_gold_tag(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp("tagger")
    with pytest.raises(KeyError, match=r"have the label 'NOUNS', which the component does not have.*'NOUN'"):
        nlp.update(make_examples(nlp, [("a dog", {"tags": ["ADJ", "NOUNS"]})]))


def test_scores_that_are_not_numbers(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp("tagger")
    layer = nlp.get_pipe("tagger").model.get_ref("softmax")
    layer.set_param("W", layer.get_param("W") * numpy.nan)
    with pytest.raises(ValueError, match=r"scores of component 'tagger' are not numbers \(NaN\)"):
        nlp.update(make_examples(nlp))


def test_docs_without_tokens_are_no_work(make_nlp: Any) -> None:
    nlp = make_nlp("tagger")
    empty = Example(Doc(nlp.vocab, words=[]), Doc(nlp.vocab, words=[]))
    assert nlp.update([empty], sgd=SGD(0.1)) == {"tagger": 0.0}
    assert nlp.get_pipe("tagger").rehearse([empty]) == {"tagger": 0.0}


@pytest.mark.parametrize("shared", [False, True])
def test_rehearsal_keeps_what_was_known(make_nlp: Any, train: Any, make_examples: Any, data: Any, shared: bool) -> None:
    nlp = make_nlp("tagger", shared=shared)
    train(nlp)
    optimizer = nlp.resume_training(sgd=SGD(0.1))
    tagger = nlp.get_pipe("tagger")
    layer = tagger.model.get_ref("softmax")
    layer.set_param("W", layer.get_param("W") * 0.3)
    first = nlp.rehearse(make_examples(nlp), sgd=optimizer)["tagger"]
    for _ in range(30):
        last = nlp.rehearse(make_examples(nlp), sgd=optimizer)["tagger"]
    assert last < first / 3
    tagger.add_label("NEW")
    assert nlp.rehearse(make_examples(nlp), sgd=optimizer)["tagger"] >= 0
    assert [t.tag_ for t in nlp(data[0][0])] == data[0][1]["tags"]


def test_without_a_rehearsal_model_nothing_is_rehearsed(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp("tagger")
    assert nlp.get_pipe("tagger").rehearse(make_examples(nlp), sgd=SGD(0.1)) == {"tagger": 0.0}


@pytest.mark.parametrize("shared", [False, True])
def test_distillation_teaches_without_annotation(make_nlp: Any, train: Any, data: Any, shared: bool) -> None:
    teacher, student = make_nlp("tagger"), make_nlp("tagger", shared=shared)
    train(teacher)
    plain = [Example.from_dict(student.make_doc(text), {}) for text, _ in data]
    from thinc.api import Adam

    optimizer = Adam(0.02)
    for _ in range(60):
        student.distill(teacher, plain, sgd=optimizer, exclude=["tok2vec"] if shared else [])
    for text, gold in data:
        assert [token.tag_ for token in student(text)] == gold["tags"]
    assert teacher.get_pipe("tagger").model.get_ref("softmax").attrs["softmax_normalize"] is False


def test_replacing_the_listener_is_exact_also_after_saving(
    make_nlp: Any, train: Any, data: Any, tmp_path: Path
) -> None:
    nlp = make_nlp("tagger", shared=True)
    train(nlp)
    docs = [nlp.make_doc(text) for text, _ in data]
    before = nlp.get_pipe("tagger").model.predict(docs)
    nlp.replace_listeners("tok2vec", "tagger", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    nlp.to_disk(tmp_path / "own")
    for pipeline in (nlp, load(tmp_path / "own")):
        after = pipeline.get_pipe("tagger").model.predict([pipeline.make_doc(text) for text, _ in data])
        assert all(numpy.array_equal(a, b) for a, b in zip(after, before, strict=True))


def test_files_of_early_pipelines(make_nlp: Any, tmp_path: Path) -> None:
    nlp = make_nlp("tagger")
    tagger = nlp.get_pipe("tagger")
    tagger.to_disk(tmp_path / "tagger", exclude=["vocab"])
    cfg = json.loads((tmp_path / "tagger" / "cfg").read_text())
    assert cfg == {"label_smoothing": 0.0, "labels": list(LABELS), "neg_prefix": "!", "overwrite": False}
    (tmp_path / "tagger" / "cfg").write_text(json.dumps({"labels": list(LABELS)}))
    fresh = make_nlp("tagger", initialize=False).get_pipe("tagger")
    fresh.from_disk(tmp_path / "tagger", exclude=["vocab"])
    assert fresh.cfg == tagger.cfg
    doc = nlp.make_doc("I like green eggs")
    assert (fresh.predict([doc])[0] == tagger.predict([doc])[0]).all()
    assert [t.tag_ for t in fresh(nlp.make_doc("I like"))] == [t.tag_ for t in tagger(nlp.make_doc("I like"))]


def test_scoring(make_nlp: Any, train: Any, make_examples: Any) -> None:
    nlp = make_nlp("tagger")
    train(nlp)
    examples = make_examples(nlp)
    for example in examples:
        nlp.get_pipe("tagger")(example.predicted)
    assert nlp.get_pipe("tagger").score(examples)["tag_acc"] == 1.0
    assert tagger_score(examples)["tag_acc"] == 1.0
    nlp.get_pipe("tagger").scorer = None
    assert nlp.get_pipe("tagger").score(examples) == {}
