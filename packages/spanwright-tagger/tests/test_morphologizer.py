"""The component morphologizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from spanwright import blank
from spanwright.tokens import Doc, Example
from spanwright_tagger.components.morphologizer import DEFAULT_MORPH_MODEL, Morphologizer, morphologizer_score

LABELS = (
    "Number=Sing|POS=PRON",
    "POS=VERB|Tense=Pres",
    "POS=ADJ",
    "Number=Plur|POS=NOUN",
    "Mood=Imp|POS=VERB",
    "Number=Sing|POS=NOUN",
)


def test_defaults() -> None:
    nlp = blank("xx")
    pipe = nlp.add_pipe("morphologizer")
    assert type(pipe) is Morphologizer
    config = nlp.get_pipe_config("morphologizer")
    tok2vec = DEFAULT_MORPH_MODEL["tok2vec"]
    filled = {**tok2vec, "embed": {**tok2vec["embed"], "feature": "LOWER"}}
    assert config["model"] == {**DEFAULT_MORPH_MODEL, "tok2vec": filled, "nO": None, "normalize": False}
    assert {key: config[key] for key in ("overwrite", "extend", "label_smoothing", "scorer")} == {
        "overwrite": True,
        "extend": False,
        "label_smoothing": 0.0,
        "scorer": {"@scorers": "spacy.morphologizer_scorer.v1"},
    }
    assert pipe.cfg == {
        "extend": False, "label_smoothing": 0.0, "labels_morph": {}, "labels_pos": {}, "overwrite": True,
    }  # fmt: skip
    meta = nlp.get_pipe_meta("morphologizer")
    assert meta.assigns == ["token.morph", "token.pos"]
    assert meta.default_score_weights == {"pos_acc": 0.5, "morph_acc": 0.5, "morph_per_feat": None}


@pytest.mark.parametrize("shared", [False, True])
def test_it_learns_what_it_is_shown(make_nlp: Any, train: Any, data: Any, make_examples: Any, shared: bool) -> None:
    nlp = make_nlp("morphologizer", shared=shared, label_smoothing=0.05)
    pipe = nlp.get_pipe("morphologizer")
    assert pipe.labels == LABELS  # in the order in which they appear
    assert pipe.cfg["labels_morph"]["POS=ADJ"] == ""
    assert pipe.cfg["labels_morph"]["POS=VERB|Tense=Pres"] == "Tense=Pres"
    assert pipe.cfg["labels_pos"] == dict(zip(LABELS, [95, 100, 84, 92, 100, 92], strict=True))
    train(nlp)
    for text, gold in data:
        doc = nlp(text)
        assert [token.pos_ for token in doc] == gold["pos"]
        assert [str(token.morph) for token in doc] == gold["morphs"]
        assert doc.has_annotation("MORPH")
    scores = nlp.evaluate(make_examples(nlp))
    assert (scores["pos_acc"], scores["morph_acc"]) == (1.0, 1.0)
    assert morphologizer_score([Example(doc, doc)])["pos_acc"] == 1.0


def test_labels_given(make_nlp: Any, make_examples: Any) -> None:
    data = make_nlp("morphologizer").get_pipe("morphologizer").label_data
    nlp = make_nlp("morphologizer", initialize=False)
    pipe = nlp.get_pipe("morphologizer")
    pipe.initialize(lambda: make_examples(nlp), labels=json.loads(json.dumps(data)))
    assert pipe.label_data == data
    assert pipe.model.get_dim("nO") == len(LABELS)
    with pytest.raises(ValueError, match="Component 'morphologizer' has no labels"):
        pipe.initialize(lambda: make_examples(nlp), labels={"morph": {}, "pos": {}})


def test_tokens_without_annotation_give_no_label(make_nlp: Any) -> None:
    nlp = make_nlp("morphologizer", initialize=False)
    pipe = nlp.get_pipe("morphologizer")
    reference = nlp.make_doc("a b c")
    for token, pos, morph in zip(reference, ("NOUN", "", "ADJ"), ("", None, "Degree=Cmp"), strict=True):
        token.pos_ = pos
        if morph is not None:
            token.set_morph(morph)
    example = Example(nlp.make_doc("a b c"), reference)
    pipe.initialize(lambda: [example])
    assert pipe.labels == ("POS=NOUN", "Degree=Cmp|POS=ADJ")
    assert pipe._truths([example]) == [["POS=NOUN", None, "Degree=Cmp|POS=ADJ"]]
    other = Example.from_dict(nlp.make_doc("a b"), {"pos": ["VERB", "NOUN"], "morphs": ["", ""]})
    assert pipe._truths([other]) == [[None, "POS=NOUN"]]  # a label that is not known is missing


def test_features_alone_and_the_empty_analysis(make_nlp: Any) -> None:
    nlp = make_nlp("morphologizer", initialize=False)
    pipe = nlp.get_pipe("morphologizer")
    reference = Doc(nlp.vocab, words=["a", "b"])
    reference[0].set_morph("Number=Sing")
    reference[1].set_morph("")
    example = Example(Doc(nlp.vocab, words=["a", "b"]), reference)
    pipe.initialize(lambda: [example])
    assert pipe.labels == ("Number=Sing", "_")
    assert pipe.cfg["labels_pos"] == {"Number=Sing": 0, "_": 0}
    doc = Doc(nlp.vocab, words=["a", "b"])
    pipe.set_annotations([doc], [numpy.asarray([0, 1])])
    assert [(str(t.morph), t.has_morph(), t.pos_) for t in doc] == [("Number=Sing", True, ""), ("", True, "")]


def test_add_label(make_nlp: Any) -> None:
    nlp = make_nlp("morphologizer", initialize=False)
    pipe = nlp.get_pipe("morphologizer")
    assert pipe.add_label("POS=NOUN|Number=Sing") == 1
    assert pipe.labels == ("Number=Sing|POS=NOUN",)  # sorted as everywhere
    assert pipe.add_label("Number=Sing|POS=NOUN") == 0
    assert pipe.add_label("Number=Plur") == 1
    assert pipe.label_data["pos"] == {"Number=Sing|POS=NOUN": 92, "Number=Plur": 0}
    with pytest.raises(ValueError, match="'morphologizer' takes strings as labels, but got int"):
        pipe.add_label(3)
    with pytest.raises(ValueError, match=r"'NOUNS' is no coarse part of speech.*'NOUN'"):
        pipe.add_label("POS=NOUNS")


def test_a_label_added_to_trained_weights(make_nlp: Any, train: Any, data: Any) -> None:
    nlp = make_nlp("morphologizer")
    train(nlp)
    pipe = nlp.get_pipe("morphologizer")
    assert pipe.add_label("Foreign=Yes|POS=X") == 1
    assert pipe.model.get_dim("nO") == len(LABELS) + 1
    new = ("Oh la", {"pos": ["X", "X"], "morphs": ["Foreign=Yes", "Foreign=Yes"]})
    train(nlp, data=[new, *data])
    assert [token.pos_ for token in nlp("Oh la")] == ["X", "X"]


@pytest.mark.parametrize(
    ("overwrite", "extend", "morph", "pos"),
    [
        (True, False, "Number=Plur", "NOUN"),
        (False, False, "Gender=Fem|Number=Sing", "ADJ"),
        (True, True, "Gender=Fem|Number=Plur", "NOUN"),
        (False, True, "Gender=Fem|Number=Sing", "ADJ"),
    ],
)
def test_features_that_are_set_already(make_nlp: Any, overwrite: bool, extend: bool, morph: str, pos: str) -> None:
    nlp = make_nlp("morphologizer", overwrite=overwrite, extend=extend)
    pipe = nlp.get_pipe("morphologizer")
    doc = nlp.make_doc("one two")
    doc[0].set_morph("Number=Sing|Gender=Fem")
    doc[0].pos_ = "ADJ"
    plural = LABELS.index("Number=Plur|POS=NOUN")
    pipe.set_annotations([doc], [numpy.asarray([plural, plural])])
    assert (str(doc[0].morph), doc[0].pos_) == (morph, pos)
    assert (str(doc[1].morph), doc[1].pos_) == ("Number=Plur", "NOUN")


def test_files_of_early_pipelines(make_nlp: Any, tmp_path: Path) -> None:
    pipe = make_nlp("morphologizer").get_pipe("morphologizer")
    pipe.to_disk(tmp_path / "m", exclude=["vocab"])
    cfg = json.loads((tmp_path / "m" / "cfg").read_text())
    assert list(cfg) == ["extend", "label_smoothing", "labels_morph", "labels_pos", "overwrite"]
    (tmp_path / "m" / "cfg").write_text(json.dumps({key: cfg[key] for key in ("labels_morph", "labels_pos")}))
    fresh = make_nlp("morphologizer", initialize=False).get_pipe("morphologizer")
    assert fresh.from_disk(tmp_path / "m", exclude=["vocab"]).cfg == pipe.cfg
    assert fresh.from_bytes(pipe.to_bytes()).labels == LABELS
