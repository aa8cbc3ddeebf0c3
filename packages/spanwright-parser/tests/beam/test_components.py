"""beam_parser and beam_ner, their probabilities, and learning from beams."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from parser_kit import annotation, examples, pipeline, trained

from spanwright.errors import InvalidValueError
from spanwright.tokens import Span
from spanwright_parser.beam import set_best

BEAM = {"beam_width": 4, "beam_density": 0.0, "beam_update_prob": 1.0}
TEXTS = ["Ada Lovelace lived in London .", "She met Babbage there .", "", "London"]


@pytest.fixture(scope="module")
def nlp() -> Any:
    return trained("beam_parser", "beam_ner", config=BEAM, steps=60)


def test_learning_from_beams_finds_the_gold_annotation(nlp: Any) -> None:
    projective = [example for i, example in enumerate(examples(nlp)) if i < 2]
    scores = nlp.evaluate(projective)
    assert scores["ents_f"] > 0.8
    assert scores["dep_uas"] > 0.8


@pytest.mark.parametrize("name", ["beam_parser", "beam_ner"])
def test_a_beam_of_one_says_what_greedy_parsing_says(nlp: Any, name: str) -> None:
    pipe = nlp.get_pipe(name)
    docs, greedy = ([nlp.make_doc(text) for text in TEXTS] for _ in range(2))
    pipe.set_annotations(docs, pipe.beam_parse(docs, beam_width=1))
    pipe.set_annotations(greedy, pipe.greedy_parse(greedy))
    assert [annotation(doc) for doc in docs] == [annotation(doc) for doc in greedy]


def test_probabilities_add_up(nlp: Any) -> None:
    docs = [nlp.make_doc(text) for text in TEXTS]
    ner, parser = nlp.get_pipe("beam_ner"), nlp.get_pipe("beam_parser")
    beams = ner.beam_parse(docs, beam_width=4, beam_density=0.0)
    for beam, doc in zip(beams, docs, strict=True):
        assert len(beam) == beam.size == len(beam.probs) == len(beam.scores) == len(beam.histories) <= beam.width
        assert sum(beam.probs) == pytest.approx(1)
        assert beam.scores == sorted(beam.scores, reverse=True)
        assert beam.is_done
        assert (beam.score, beam.min_score) == (beam.scores[0], beam.scores[-1])
        assert {len(history) for history in beam.histories} == {len(doc)}
    for beam, scores in zip(beams, ner.scored_ents(beams), strict=True):
        assert all(0 <= prob <= 1 + 1e-9 for prob in scores.values())
        parses = ner.moves.get_beam_parses(beam)
        assert scores == {one: sum(p for p, ents in parses if one in ents) for _, ents in parses for one in ents}
    heads, labels = parser.scored_parses(parser.beam_parse(docs, beam_width=4))
    for doc, by_head, by_label in zip(docs, heads, labels, strict=True):
        for token in doc:
            assert sum(p for (child, _), p in by_head.items() if child == token.i) <= 1 + 1e-9
        assert sum(by_head.values()) == pytest.approx(sum(by_label.values()))


def test_an_update_changes_the_weights_and_says_its_loss() -> None:
    nlp = pipeline("beam_ner", config=BEAM)
    nlp.initialize(lambda: examples(nlp))
    pipe = nlp.get_pipe("beam_ner")
    losses: list[float] = []
    for _ in range(8):
        losses.append(nlp.update(examples(nlp))["beam_ner"])
    assert losses[0] > 0
    assert np.isfinite(losses).all()
    assert pipe.model.get_ref("upper").get_param("W").any()


def test_the_gradient_is_that_of_the_candidates_probabilities() -> None:
    """Against finite differences of the loss that the update descends: log of all candidates over the right ones."""
    from spanwright_parser.beam.learning import Violation, _learn
    from spanwright_parser.beam.search import Trace

    trace = Trace()
    # Two moves; four histories in two rows: 0-0, 0-1 (right), 1-0, 1-1.
    first = trace.add(np.array([-1, -1]), np.array([0, 0]), np.array([0, 1]))
    last = trace.add(first[[0, 0, 1, 1]], np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    scores = [np.array([[0.3, -0.2]]), np.array([[0.1, 0.5], [-0.4, 0.2]])]

    def totals() -> np.ndarray:
        a, b = scores
        return np.array([a[0, 0] + b[0, 0], a[0, 0] + b[0, 1], a[0, 1] + b[1, 0], a[0, 1] + b[1, 1]])

    def loss() -> float:
        found = totals()
        return float(np.log(np.exp(found).sum()) - found[1])

    order = [0, 2, 3, 1]
    violation = Violation(cost=1.0, delta=0.0, edges=last[order], scores=totals()[order], n_wrong=3)
    got: list[np.ndarray] = []
    value = _learn([violation, Violation()], trace, [got.append, got.append], [1, 2], 2)
    assert value == pytest.approx(sum(float(np.square(one).mean()) for one in got))
    for array, gradient in zip(scores, got, strict=True):
        for at in np.ndindex(array.shape):
            array[at] += 1e-4
            above = loss()
            array[at] -= 2e-4
            below = loss()
            array[at] += 1e-4
            assert gradient[at] == pytest.approx((above - below) / 2e-4, abs=1e-4)


def test_an_analysis_that_cannot_be_reached_teaches_without_failing() -> None:
    nlp = pipeline("beam_ner", config=BEAM)
    nlp.initialize(lambda: examples(nlp))
    batch = examples(nlp)
    # The predicted Doc has an entity that the gold annotation crosses.
    doc = batch[0].predicted
    doc.set_ents([Span(doc, 1, 3, label="PER")], default="unmodified")
    assert np.isfinite(nlp.update(batch)["beam_ner"])


def test_the_number_of_beams_must_be_that_of_the_docs(nlp: Any) -> None:
    pipe = nlp.get_pipe("beam_ner")
    docs = [nlp.make_doc("London")]
    with pytest.raises(InvalidValueError, match=r"There are 1 Docs, and the predictions are for 0\."):
        set_best(pipe.moves, docs, [])


def test_beams_of_several_searches_are_set_together(nlp: Any) -> None:
    pipe = nlp.get_pipe("beam_ner")
    docs, whole = ([nlp.make_doc(text) for text in TEXTS] for _ in range(2))
    beams = [beam for doc in docs for beam in pipe.beam_parse([doc], beam_width=4)]
    pipe.set_annotations(docs, beams)
    pipe.set_annotations(whole, pipe.beam_parse(whole, beam_width=4))
    assert [annotation(doc) for doc in docs] == [annotation(doc) for doc in whole]
