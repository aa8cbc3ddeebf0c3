"""Pictures measured in a real browser: nothing covers anything else, and right to left is right to left."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

import spanwright
from spanwright.tokens import Doc

Box = tuple[str, float, float, float, float]


def overlap(one: Box, other: Box, least: float = 1.0) -> bool:
    return (
        min(one[3], other[3]) - max(one[1], other[1]) > least and min(one[4], other[4]) - max(one[2], other[2]) > least
    )


def clash(boxes: list[Box]) -> list[tuple[str, str]]:
    return [(one[0], other[0]) for one, other in combinations(boxes, 2) if overlap(one, other)]


def random_tree(n: int, seed: int, lang: str = "en") -> Doc:
    """A projective tree over words of many lengths."""
    generator = random.Random(seed)
    heads = [0] * n

    def build(low: int, high: int, head: int | None) -> None:
        if low < high:
            root = generator.randrange(low, high)
            heads[root] = root if head is None else head
            build(low, root, root)
            build(root + 1, high, root)

    build(0, n, None)
    labels = ["det", "nsubj:pass", "amod", "prep", "punct", "compound:prt", "acl:relcl"]
    words = ["w" * generator.randrange(1, 14) for _ in range(n)]
    return Doc(
        spanwright.blank(lang).vocab,
        words=words,
        heads=heads,
        deps=[generator.choice(labels) for _ in words],
        pos=["NOUN"] * n,
    )


@pytest.mark.parametrize("options", [{}, {"compact": True}, {"add_lemma": True, "collapse_punct": False}])
def test_a_tree(tree: Doc, options: dict[str, Any], measured: Callable[..., Any]) -> None:
    check_tree(spanwright.render(tree, page=True, options=options), measured)


@pytest.mark.parametrize("compact", [False, True])
def test_a_long_sentence(compact: bool, measured: Callable[..., Any]) -> None:
    check_tree(spanwright.render(random_tree(60, 1), page=True, options={"compact": compact}), measured)


def check_tree(page: str, measured: Callable[..., Any]) -> None:
    boxes = measured(page, "svg", ".word", ".arc > .label", ".arrowhead", ".tag", ".lemma")
    words, labels, heads = boxes[".word"], boxes[".arc > .label"], boxes[".arrowhead"]
    assert len(labels) == len(heads) == len(words) - 1
    for kind in (words, labels, heads, boxes[".tag"], words + labels + boxes[".tag"] + boxes[".lemma"]):
        assert clash(kind) == []
    left, top, right, bottom = boxes["svg"][0][1:]
    for _, *box in words + labels + heads + boxes[".tag"]:
        assert left <= box[0] and box[2] <= right and top <= box[1] and box[3] <= bottom
    assert min(box[2] for box in words) >= max(box[4] for box in heads) - 1
    assert [box[1] for box in words] == sorted(box[1] for box in words)


def test_a_sentence_from_right_to_left(measured: Callable[..., Any]) -> None:
    doc = Doc(
        spanwright.blank("he").vocab,
        words=["הילד", "קרא", "ספר"],
        heads=[1, 1, 1],
        deps=["nsubj", "ROOT", "obj"],
    )
    boxes = measured(spanwright.render(doc, page=True), ".word", ".arrowhead")
    places = [box[1] for box in boxes[".word"]]
    assert places == sorted(places, reverse=True)
    middle = sum(boxes[".word"][0][1:4:2]) / 2  # the subject, at the right, has the arrow's head
    assert any(abs(sum(box[1:4:2]) / 2 - middle) < 12 for box in boxes[".arrowhead"])


TEXT = (
    "Welcome to the Bank of China in the old harbour of Hong Kong, where Dr. Mira Lindqvist of the University speaks. "
)


@pytest.mark.parametrize("width", [1200, 500])
def test_spans(width: int, measured: Callable[..., Any]) -> None:
    doc = spanwright.blank("en")(TEXT * 3)
    wanted = [
        ("Bank of China", "ORG"),
        ("China", "GPE"),
        ("the Bank of China in the old harbour of Hong Kong", "FACILITY"),
    ]
    wanted += [("Dr", "TITLE_OF_HONOUR"), ("Dr. Mira Lindqvist", "PERSON"), ("Hong Kong", "GPE")]
    doc.spans["sc"] = [
        span
        for text, label in wanted
        for at in range(len(doc.text))
        if doc.text.startswith(text, at) and (span := doc.char_span(at, at + len(text), label=label))
    ]
    assert len(doc.spans["sc"]) >= 12
    page = spanwright.render(doc, style="span", page=True)
    boxes = measured(page, ".token", ".bar", ".label", ".spans", width=width)
    assert clash(boxes[".label"]) == []
    assert clash(boxes[".token"]) == []
    # Bars of neighbouring words touch, so that a span is one line; those of different rows do not.
    assert all(abs(one[2] - other[2]) < 5 for one, other in combinations(boxes[".bar"], 2) if overlap(one, other, 3))
    _, left, top, right, bottom = boxes[".spans"][0]
    for _, *box in boxes[".label"]:
        assert left - 1 <= box[0] and box[2] <= right + 1 and top <= box[1] and box[3] <= bottom + 1


def test_entities(measured: Callable[..., Any]) -> None:
    nlp = spanwright.blank("en")
    doc = nlp("Mira Lindqvist sailed to Lagos, to Oslo and to a very small island in the north. " * 4)
    doc.set_ents(
        [
            doc.char_span(at, at + 5, label="GPE", kb_id="Q8673")
            for at in range(len(doc.text))
            if doc.text.startswith("Lagos", at)
        ]
    )
    boxes = measured(spanwright.render(doc, style="ent", page=True), "mark", ".label", "a", width=700)
    assert len(boxes["mark"]) == 4
    assert clash(boxes["mark"]) == []
    for mark, label, link in zip(boxes["mark"], boxes[".label"], boxes["a"], strict=True):
        assert mark[1] <= label[1] <= link[1] and link[3] <= mark[3]
        assert mark[0] == "LagosGPEQ8673"


def test_labels_from_right_to_left_stand_where_their_spans_begin(measured: Callable[..., Any]) -> None:
    doc = Doc(spanwright.blank("ar").vocab, words=["ذهب", "الولد", "الصغير", "إلى", "المدرسة"])
    doc.spans["sc"] = [doc[1:3], doc[4:5]]
    doc.spans["sc"] = [doc.char_span(span.start_char, span.end_char, label="PERSON") for span in doc.spans["sc"]]
    doc.ents = list(doc.spans["sc"])
    boxes = measured(spanwright.render(doc, style="span", page=True), ".token", ".label")
    for label, token in zip(boxes[".label"], (boxes[".token"][1], boxes[".token"][4]), strict=True):
        assert abs(label[3] - token[3]) < 1
    boxes = measured(spanwright.render(doc, style="ent", page=True), "mark", ".label")
    for mark, label in zip(boxes["mark"], boxes[".label"], strict=True):
        assert label[1] - mark[1] < mark[3] - label[3]  # at the left of the words
    # The gap between words and label, and not the padding, is what the label keeps from the words.
    assert "<bdi>PERSON</bdi>" in spanwright.render(doc, style="ent")
