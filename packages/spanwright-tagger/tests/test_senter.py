"""The component senter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from spanwright import blank
from spanwright.tokens import Doc, Example
from spanwright_tagger.components.senter import DEFAULT_SENTER_MODEL, SentenceRecognizer, senter_score


def test_defaults() -> None:
    nlp = blank("xx")
    senter = nlp.add_pipe("senter")
    assert type(senter) is SentenceRecognizer
    config = nlp.get_pipe_config("senter")
    assert config["model"] == {**DEFAULT_SENTER_MODEL, "nO": None, "normalize": False}
    assert (config["overwrite"], config["scorer"]) == (False, {"@scorers": "spacy.senter_scorer.v1"})
    assert senter.cfg == {"overwrite": False}
    assert (senter.labels, senter.label_data, senter.hide_labels) == (("I", "S"), None, True)
    meta = nlp.get_pipe_meta("senter")
    assert meta.assigns == ["token.is_sent_start"]
    assert meta.default_score_weights == {"sents_f": 1.0, "sents_p": 0.0, "sents_r": 0.0}


@pytest.mark.parametrize("shared", [False, True])
def test_it_learns_what_it_is_shown(make_nlp: Any, train: Any, data: Any, make_examples: Any, shared: bool) -> None:
    nlp = make_nlp("senter", shared=shared)
    train(nlp)
    for text, gold in data:
        doc = nlp(text)
        assert [1 if token.is_sent_start else -1 for token in doc] == gold["sent_starts"]
        assert doc.has_annotation("SENT_START")
    assert len(list(doc.sents)) == 2
    assert nlp.evaluate(make_examples(nlp))["sents_f"] == 1.0
    scores = senter_score(make_examples(nlp))
    assert "sents_per_type" not in scores


def test_starts_that_are_set_already(make_nlp: Any) -> None:
    for overwrite, expected in ((False, [True, True, True]), (True, [True, False, True])):
        nlp = make_nlp("senter", overwrite=overwrite)
        doc = Doc(nlp.vocab, words=["a", "b", "c"])
        doc[1].is_sent_start = True
        nlp.get_pipe("senter").set_annotations([doc], [numpy.asarray([1, 0, 1])])
        assert [bool(token.is_sent_start) for token in doc] == expected


def test_gold_starts(make_nlp: Any) -> None:
    nlp = make_nlp("senter")
    reference = Doc(nlp.vocab, words=["a", "b", "c"], sent_starts=[True, None, False])
    example = Example(Doc(nlp.vocab, words=["a", "b", "c"]), reference)
    assert nlp.get_pipe("senter")._truths([example]) == [["S", "I", "I"]]
    other = Example(Doc(nlp.vocab, words=["ab", "c"], spaces=[True, False]), Doc(
        nlp.vocab, words=["a", "b", "c"], spaces=[False, True, False], sent_starts=[True, False, False]
    ))  # fmt: skip
    assert nlp.get_pipe("senter")._truths([other]) == [[None, "I"]]


def test_the_labels_are_fixed(make_nlp: Any) -> None:
    senter = make_nlp("senter").get_pipe("senter")
    with pytest.raises(NotImplementedError, match=r"'senter' has the labels \['I', 'S'\] and takes no others"):
        senter.add_label("X")
    assert not senter.is_resizable
    with pytest.raises(TypeError, match=r"SentenceRecognizer\.initialize takes a"):
        senter.initialize(list)


def test_files_of_early_pipelines(make_nlp: Any, tmp_path: Path) -> None:
    senter = make_nlp("senter").get_pipe("senter")
    senter.to_disk(tmp_path / "s", exclude=["vocab"])
    assert json.loads((tmp_path / "s" / "cfg").read_text()) == {"overwrite": False}
    for text in ("{\n\n}", ""):
        (tmp_path / "s" / "cfg").write_text(text)
        fresh = make_nlp("senter", initialize=False).get_pipe("senter")
        assert fresh.from_disk(tmp_path / "s", exclude=["vocab"]).cfg == {"overwrite": False}
