"""Saved settings, scores and labels that make no sense: an error, and the component as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spanwright.errors import SpanwrightError
from spanwright.tokens import Doc, Example, Span
from spanwright_spancat.suggesters import ngram_suggester, ngram_suggester_v1

SPANCAT, SINGLE, FINDER = "spancat", "spancat_singlelabel", "span_finder"


@pytest.mark.parametrize(
    ("factory", "saved", "message"),
    [
        (SPANCAT, {"labels": [1, 2]}, r"must be distinct strings: \[1, 2\]"),
        (SINGLE, {"labels": ["A", "A"]}, "must be distinct strings"),
        (SPANCAT, {"labels": ["A", "B", "C"]}, "and its saved model has 2 outputs"),
        (SINGLE, {"labels": ["A", "B", "C"]}, "and its saved model has 3 outputs"),
        (SINGLE, {"labels": ["A"]}, "have 2 labels, and the saved"),
        (SPANCAT, {"threshold": "x"}, "threshold of component 'spancat' must be from 0 to 1; got x"),
        (SPANCAT, {"max_positive": 1.5}, "max_positive of component 'spancat' is a number of labels.*got 1.5"),
        (SPANCAT, {"spans_key": None}, "spans_key of component 'spancat' must be a text; got None"),
        (SINGLE, {"negative_weight": "x"}, "is a factor, 0 or more; got x"),
        (FINDER, {"threshold": None}, "threshold of component 'span_finder' must be from 0 to 1; got None"),
        (FINDER, {"max_length": "x"}, "max_length of component 'span_finder' is a number of tokens"),
        (FINDER, {"spans_key": 5}, "spans_key of component 'span_finder' must be a text"),
    ],
)
def test_saved_settings_that_make_no_sense(make_nlp: Any, factory: str, saved: dict[str, Any], message: str) -> None:
    pipe, other = (make_nlp(factory).get_pipe(factory) for _ in range(2))
    before, weights = dict(other.cfg), other.model.to_bytes()
    pipe.cfg.update(saved)
    with pytest.raises(ValueError, match=message) as info:
        other.from_bytes(pipe.to_bytes())
    assert isinstance(info.value, SpanwrightError)
    assert other.cfg == before
    assert other.model.to_bytes() == weights


def test_scores_of_another_width(make_nlp: Any) -> None:
    nlp = make_nlp()
    doc = nlp.make_doc("two words")
    candidates = ngram_suggester([doc], [1])
    for columns in (1, 5):
        with pytest.raises(ValueError, match=f"has 2 outputs, but the scores have the shape .2, {columns}."):
            nlp.get_pipe("spancat").set_annotations([doc], (candidates, np.ones((2, columns), dtype="float32")))
    for scores in (np.ones((2, 1)), np.ones((2,))):
        with pytest.raises(ValueError, match="The Docs have 2 tokens.*each token has two"):
            make_nlp("span_finder").get_pipe("span_finder").set_annotations([doc], scores)


def test_no_labels_and_one_label_each(make_nlp: Any) -> None:
    nlp = make_nlp(initialize=False, max_positive=1)
    doc = Doc(nlp.vocab, words=["a"])
    doc.spans["sc"] = [doc[0:1]]
    pipe = nlp.get_pipe("spancat")
    pipe.set_annotations([doc], (ngram_suggester([doc], [5]), np.zeros((0, 0), dtype="float32")))
    assert len(doc.spans["sc"]) == 0


@pytest.mark.parametrize("labels", ["AB", 5])
def test_labels_that_are_no_list(make_nlp: Any, make_examples: Any, labels: Any) -> None:
    nlp = make_nlp(initialize=False)
    pipe = nlp.get_pipe("spancat")
    with pytest.raises(ValueError, match=f"labels must be a list of strings, but got {labels!r}"):
        pipe.initialize(lambda: make_examples(nlp), labels=labels)
    assert pipe.labels == ()


def test_lengths_above_all_numbers(make_nlp: Any) -> None:
    nlp = make_nlp("span_finder", max_length=10**30, threshold=0.0)
    doc = nlp("a b")
    assert len(doc.spans["sc"]) == 3
    nlp = make_nlp("span_finder", max_length=None, min_length=10**30, threshold=0.0)
    doc = nlp("a b")
    assert len(doc.spans["sc"]) == 0


def test_a_strange_label_that_the_suggester_misses_is_no_hindrance(make_nlp: Any) -> None:
    nlp = make_nlp()
    nlp.get_pipe("spancat").suggester = ngram_suggester_v1([4])
    gold = nlp.make_doc("a b c d")
    gold.spans["sc"] = [Span(gold, 0, 1, label="STRANGE")]
    assert nlp.update([Example(nlp.make_doc("a b c d"), gold)])["spancat"] > 0
    gold.spans["sc"] = [Span(gold, 0, 4, label="STRANGE")]
    with pytest.raises(KeyError, match="the label 'STRANGE', which component 'spancat' does not have"):
        nlp.update([Example(nlp.make_doc("a b c d"), gold)])


@pytest.mark.parametrize("overlap", [True, False])
def test_scores_that_are_no_numbers_set_no_span(make_nlp: Any, overlap: bool) -> None:
    nlp = make_nlp("spancat_singlelabel", allow_overlap=overlap)
    doc = nlp.make_doc("two words")
    scores = np.full((2, 3), 0.5, dtype="float32")
    scores[1] = np.nan
    nlp.get_pipe("spancat_singlelabel").set_annotations([doc], (ngram_suggester([doc], [1]), scores))
    assert [(span.start, span.end) for span in doc.spans["sc"]] == [(0, 1)]
    assert doc.spans["sc"].attrs["scores"].tolist() == [[0.5]]
