"""The component span_finder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import Adam, Model

from spanwright import blank
from spanwright.tokens import Doc, Example, Span
from spanwright_spancat.components.span_finder import SpanFinder, span_finder_score

NLP = blank("xx")


def bounds(doc: Any, key: str = "sc") -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in doc.spans[key]]


def test_defaults() -> None:
    nlp = blank("xx")
    finder = nlp.add_pipe("span_finder")
    assert type(finder) is SpanFinder
    assert finder.cfg == {"min_length": None, "max_length": 25, "threshold": 0.5, "spans_key": "sc"}
    assert finder.key == "sc"
    assert finder.labels == ()


@pytest.mark.parametrize("shared", [False, True])
def test_it_learns_what_it_is_shown(make_nlp: Any, train: Any, make_examples: Any, shared: bool) -> None:
    nlp = make_nlp("span_finder", shared=shared, max_length=4)
    data = [("Ada Lovelace lived in old London", [(0, 2, "A"), (4, 6, "B")]), ("nobody lived there", [])]
    assert train(nlp, data=data)["span_finder"] < 0.1
    assert [bounds(nlp(text)) for text, _ in data] == [[(0, 2), (4, 6)], []]
    assert nlp.evaluate(make_examples(nlp, data))["spans_sc_f"] == 1.0
    assert span_finder_score(make_examples(nlp, data), spans_key="sc")["spans_sc_f"] == 0.0
    assert [bounds(doc) for doc in nlp.pipe(["", data[0][0]])] == [[], [(0, 2), (4, 6)]]
    assert bounds(nlp("")) == []


def spans_twin(scores: Any, threshold: float, least: int | None, most: int | None) -> list[tuple[int, int]]:
    starts = [i for i, (start, _) in enumerate(scores) if start >= threshold]
    ends = [i + 1 for i, (_, end) in enumerate(scores) if end >= threshold]
    lengths = range(least or 1, (most or len(scores)) + 1)
    return [(start, end) for start in starts for end in ends if end - start in lengths]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=12), max_size=4),
    st.floats(0, 1),
    st.one_of(st.none(), st.integers(1, 4)),
    st.one_of(st.none(), st.integers(4, 8)),
)
def test_spans_from_scores(docs: list[Any], threshold: float, least: int | None, most: int | None) -> None:
    model: Model = Model("none", lambda *args: None)
    finder = SpanFinder(NLP, model, threshold=threshold, min_length=least, max_length=most)
    made = [Doc(NLP.vocab, words=["word"] * len(scores)) for scores in docs]
    finder.set_annotations(made, np.asarray([row for scores in docs for row in scores]).reshape((-1, 2)))
    assert [bounds(doc) for doc in made] == [spans_twin(scores, threshold, least, most) for scores in docs]


def test_the_edges_of_gold_spans(make_nlp: Any) -> None:
    """A token that only begins or ends within a gold span says nothing about that edge."""
    nlp = make_nlp("span_finder")
    predicted = Doc(nlp.vocab, words=["old", "London-born", "people"])
    gold = Doc(nlp.vocab, words=["old", "London", "-", "born", "people"], spaces=[True, False, False, True, True])
    assert predicted.text == gold.text
    gold.spans["sc"] = [Span(gold, 0, 2, label="PLACE"), Span(gold, 3, 5, label="PEOPLE")]
    truths, masks = nlp.get_pipe("span_finder")._truths([Example(predicted, gold)])
    assert truths.tolist() == [[1, 0], [0, 0], [0, 1]]
    assert masks.tolist() == [[1, 1], [0, 0], [1, 1]]
    other = Example(Doc(nlp.vocab, words=["a"]), Doc(nlp.vocab, words=["b"]))
    with pytest.raises(ValueError, match=r"both sides of an Example must have the same text; found 'a ' and 'b '"):
        nlp.get_pipe("span_finder")._truths([other])


def test_distillation(make_nlp: Any, train: Any, data: Any) -> None:
    teacher, student = make_nlp("span_finder"), make_nlp("span_finder")
    train(teacher)
    plain = [Example.from_dict(student.make_doc(text), {}) for text, _ in data]
    optimizer = Adam(0.02)
    for _ in range(60):
        student.distill(teacher, plain, sgd=optimizer)
    for text, _ in data:
        assert bounds(student(text)) == bounds(teacher(text))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"threshold": 1.5}, r"threshold of component 'span_finder' must be from 0 to 1; got 1\.5"),
        ({"threshold": -0.1}, "must be from 0 to 1"),
        ({"max_length": 0}, "max_length of component 'span_finder' is a number of tokens, at least 1.*got 0"),
        ({"min_length": -3}, "min_length of component 'span_finder' is a number of tokens, at least 1.*got -3"),
        ({"min_length": 5, "max_length": 4}, r"min_length \(5\) is larger than max_length \(4\)"),
    ],
)
def test_settings_that_make_no_sense(make_nlp: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_nlp("span_finder", **settings)


def test_bad_input(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp("span_finder")
    finder = nlp.get_pipe("span_finder")
    with pytest.raises(ValueError, match="The Docs have 2 tokens, but there are 1 scores"):
        finder.set_annotations([nlp.make_doc("a b")], np.zeros((1, 2), dtype="float32"))
    for wrong in (None, list, lambda: None, lambda: [1], []):
        with pytest.raises(TypeError, match=r"SpanFinder\.initialize (takes|needs) a"):
            finder.initialize(wrong)
    examples = make_examples(nlp)
    tokens = sum(len(example.predicted) for example in examples)
    with pytest.raises(ValueError, match=r"scores of component 'span_finder' are not numbers \(NaN\)"):
        finder.get_loss(examples, np.full((tokens, 2), np.nan, dtype="float32"))
