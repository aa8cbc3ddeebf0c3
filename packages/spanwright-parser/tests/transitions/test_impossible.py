"""Gold annotation that goes against what predicted Docs say already is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import projective_trees

from spanwright.tokens import Doc, Example, Span
from spanwright.vocab import Vocab
from spanwright_parser.transitions import ArcEager, Biluo

VOCAB = Vocab()
BILUO = Biluo(VOCAB.strings, Biluo.get_actions(entity_types=["A", "B"]))
ARCS = ArcEager(VOCAB.strings, ArcEager.get_actions(left_labels=["x"], right_labels=["x"]))


def example(words: list[str], ents: tuple[tuple[int, int, str], ...] = (), **annotation: Any) -> Example:
    reference = Doc(VOCAB, words=words, **annotation)
    if ents:
        reference.ents = [Span(reference, *ent) for ent in ents]
    return Example(Doc(VOCAB, words=words), reference)


# Entities, blocked tokens and spaces of a Doc, its sentence starts, and the gold entity.
NER_CASES: dict[str, tuple[Any, int]] = {
    "nothing there": (lambda doc: None, 0),
    "the same entity": (lambda doc: doc.set_ents([Span(doc, 1, 4, "A")]), 0),
    "the same entity, and a sentence starts in it": (lambda doc: _both(doc), 0),
    "another label": (lambda doc: doc.set_ents([Span(doc, 1, 4, "B")]), 1),
    "a shorter entity": (lambda doc: doc.set_ents([Span(doc, 1, 3, "A")]), 1),
    "a longer entity": (lambda doc: doc.set_ents([Span(doc, 1, 5, "A")]), 1),
    "two of its kind": (lambda doc: doc.set_ents([Span(doc, 1, 3, "A"), Span(doc, 3, 4, "A")]), 1),
    "one that crosses it from the left": (lambda doc: doc.set_ents([Span(doc, 0, 2, "A")]), 1),
    "one that crosses it from the right": (lambda doc: doc.set_ents([Span(doc, 3, 5, "A")]), 1),
    "one inside": (lambda doc: doc.set_ents([Span(doc, 2, 3, "B")]), 1),
    "neighbours": (lambda doc: doc.set_ents([Span(doc, 0, 1, "A"), Span(doc, 4, 5, "A")]), 0),
    "outside": (lambda doc: doc.set_ents([], outside=[doc[1:3]], default="unmodified"), 0),
    "a blocked token": (lambda doc: doc.set_ents([], blocked=[doc[2:3]], default="unmodified"), 1),
    "a blocked neighbour": (lambda doc: doc.set_ents([], blocked=[doc[4:5]], default="unmodified"), 0),
    "a sentence that starts in it": (lambda doc: _start(doc, 2), 1),
    "a sentence that starts with it": (lambda doc: _start(doc, 1), 0),
    "a sentence that starts after it": (lambda doc: _start(doc, 4), 0),
}


def _start(doc: Doc, token: int) -> None:
    doc[token].is_sent_start = True


def _both(doc: Doc) -> None:
    doc.set_ents([Span(doc, 1, 4, "A")])
    _start(doc, 2)


@pytest.mark.parametrize("case", NER_CASES)
def test_entities_that_go_against_what_is_there(case: str) -> None:
    change, count = NER_CASES[case]
    one = example(list("abcde"), ((1, 4, "A"),))
    change(one.predicted)
    assert BILUO.gold([one]).impossible == count


def test_entities_that_start_with_a_space() -> None:
    one = example(["a", " ", "b", "\n"], ((1, 3, "A"),))
    assert BILUO.gold([one]).impossible == 1
    one.predicted.ents = [Span(one.predicted, 1, 3, "A")]
    assert BILUO.gold([one]).impossible == 0


@given(st.data())
def test_entities_that_are_counted_are_those_that_moves_cannot_make(data: Any) -> None:
    n = data.draw(st.integers(1, 6))
    words = data.draw(st.lists(st.sampled_from(["a", "b", " "]), min_size=n, max_size=n))
    first = data.draw(st.integers(0, n - 1))
    last = data.draw(st.integers(first + 1, n))
    one = example(words, ((first, last, "A"),))
    doc = one.predicted
    _draw_presets(data, doc)
    wanted = np.zeros((n, BILUO.n_moves), dtype="float32")
    wanted[:, BILUO.position(5, "")] = 1
    for token in range(first, last):
        action = 4 if last == first + 1 else 1 if token == first else 3 if token == last - 1 else 2
        wanted[token, BILUO.position(action, "A")] = 2
    states = BILUO.start([doc])
    while len(states.active):
        states.follow(wanted[states.first_buffered()])
    made = (first, last, "A") in BILUO.entities(states)[0]
    assert BILUO.gold([one]).impossible == (not made)


def _draw_presets(data: Any, doc: Doc) -> None:
    parts: dict[str, list[Span]] = {"entities": [], "blocked": [], "missing": [], "outside": []}
    at = 0
    while at < len(doc):
        part = data.draw(st.sampled_from(["", *parts]))
        end = data.draw(st.integers(at + 1, len(doc))) if part else at + 1
        if part:
            parts[part].append(Span(doc, at, end, data.draw(st.sampled_from("AB")) if part == "entities" else ""))
        at = end
    doc.set_ents(**parts, default=data.draw(st.sampled_from(["outside", "missing", "unmodified"])))
    for token in doc[1:]:
        token.is_sent_start = data.draw(st.sampled_from([None, None, True, False]))


@pytest.mark.parametrize(
    ("starts", "count"),
    [
        ([None] * 5, 0),
        ([True, False, False, True, False], 0),
        ([None, True, None, None, None], 1),  # between 0 and 1
        ([None, None, True, None, None], 1),  # between 1 and 2
        ([None, None, None, None, True], 1),
        ([None, True, True, None, True], 3),
        ([None, None, None, False, None], 1),  # which starts a sentence
        ([False, None, True, False, None], 2),
    ],
)
def test_arcs_and_starts_that_go_against_what_is_there(starts: list[bool | None], count: int) -> None:
    one = example(list("abcde"), heads=[1, 1, 1, 3, 3], deps=["x", "ROOT", "x", "ROOT", "x"])
    for token, start in zip(one.predicted, starts, strict=True):
        token.is_sent_start = start
    assert ARCS.gold([one]).impossible == count


@given(projective_trees(max_size=5), st.data())
def test_trees_of_which_nothing_is_counted_are_reached(heads: list[int], data: Any) -> None:
    deps = ["ROOT" if head == i else "x" for i, head in enumerate(heads)]
    one = example(["a"] * len(heads), heads=heads, deps=deps)
    for token in one.predicted[1:]:
        token.is_sent_start = data.draw(st.sampled_from([None, None, None, None, True, False]))
    assume(not ARCS.gold([one]).impossible)
    states = ARCS.start([one.predicted])
    states.oracle(ARCS.gold([one]))
    ARCS.set_annotations([one.predicted], states)
    assert [token.head.i for token in one.predicted] == heads


def test_a_long_doc_whose_gold_annotation_cannot_be_begun_gives_no_states() -> None:
    one = example(["a"] * 5, ((0, 3, "A"),))
    one.predicted.ents = [Span(one.predicted, 0, 1, "B")]
    states, gold = BILUO.cut([one], 2)
    assert states.n == 0
    assert gold.impossible == 1
