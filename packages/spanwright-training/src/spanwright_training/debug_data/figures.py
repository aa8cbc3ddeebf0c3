"""Figures of a corpus, counted in one pass over its examples."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spanwright.tokens import Doc, Example, gather

NO_ENTITY, UNKNOWN = 2, 0  # values of ENT_IOB


@dataclass
class Figures:
    """What a corpus has. Tokens are those of the gold annotation.

    tags, morphs, deps: Label -> tokens; `*_missing`: tokens without, in Docs that have some.
    ents: Label -> entities; `ents_missing`: tokens of which it is not known whether they are in an entity.
    spans: Key -> label -> spans; `span_lengths`: key -> length -> spans.
    docs_with: Attribute -> Docs that have annotation of it.
    """

    docs: int = 0
    tokens: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    misaligned: int = 0
    white_space: int = 0
    docs_with: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    single_sentence_docs: int = 0
    longest: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    tagged_white_space: int = 0
    roots: Counter[str] = field(default_factory=Counter)
    nonprojective: int = 0
    ents: Counter[str] = field(default_factory=Counter)
    docs_with_ent: Counter[str] = field(default_factory=Counter)
    ents_missing: int = 0
    white_space_ents: int = 0
    crossing_ents: int = 0
    misaligned_ents: int = 0
    spans: dict[str, Counter[str]] = field(default_factory=dict)
    span_lengths: dict[str, Counter[int]] = field(default_factory=dict)
    docs_with_span: Counter[tuple[str, str]] = field(default_factory=Counter)
    cats: Counter[str] = field(default_factory=Counter)
    cats_true: Counter[str] = field(default_factory=Counter)
    cats_bad: int = 0
    docs_with_cats: int = 0
    docs_with_several_cats: int = 0
    docs_with_no_cat: int = 0

    @property
    def name_of_longest(self) -> str:
        return f"{self.longest:,} tokens"


TEXT_LABELS = ("TAG", "POS", "MORPH", "LEMMA", "DEP")


def count(examples: Iterable[Example]) -> Figures:
    """The figures of a corpus."""
    figures = Figures(labels={name: Counter() for name in TEXT_LABELS})
    for example in examples:
        doc = example.reference
        figures.docs += 1
        figures.tokens += len(doc)
        figures.longest = max(figures.longest, len(doc))
        figures.texts[doc.text] += 1
        words = [token.text for token in doc]
        figures.words.update(words)
        blank = np.array([not word.strip() for word in words], dtype=bool)
        figures.white_space += int(blank.sum())
        figures.misaligned += int((example.alignment.y2x.lengths[~blank] != 1).sum()) if len(doc) else 0
        _count_labels(figures, doc, blank)
        _count_sentences(figures, doc)
        _count_entities(figures, example, blank)
        _count_spans(figures, doc)
        _count_cats(figures, doc)
    return figures


def _count_labels(figures: Figures, doc: Doc, blank: Any) -> None:
    strings = doc.vocab.strings
    for name in TEXT_LABELS:
        if not doc.has_annotation(name):
            continue
        figures.docs_with[name] += 1
        ids, counts = np.unique(gather([doc], [name])[:, 0], return_counts=True)
        for label, number in zip(ids.tolist(), counts.tolist(), strict=True):
            if label:
                figures.labels[name][strings[label]] += number
            elif name != "MORPH":
                figures.missing[name] += number
    if doc.has_annotation("TAG"):
        figures.tagged_white_space += int((gather([doc], ["TAG"])[:, 0][blank] != 0).sum())


def _count_sentences(figures: Figures, doc: Doc) -> None:
    if not doc.has_annotation("SENT_START"):
        return
    figures.docs_with["SENT_START"] += 1
    starts = gather([doc], ["SENT_START"])[:, 0]
    bounds = [*(np.flatnonzero(starts == 1).tolist() or [0]), len(doc)]
    if bounds[0] != 0:
        bounds.insert(0, 0)
    figures.sentences += len(bounds) - 1
    figures.single_sentence_docs += len(bounds) == 2
    if doc.has_annotation("DEP") and doc.has_annotation("HEAD"):
        heads = gather([doc], ["HEAD"])[:, 0].astype("int64") + np.arange(len(doc))
        _count_trees(figures, doc, heads.tolist(), bounds)


def _count_trees(figures: Figures, doc: Doc, heads: list[int], bounds: list[int]) -> None:
    from spanwright_tokens.tokens.nonproj import is_nonproj_tree

    for i, head in enumerate(heads):
        if head == i:
            figures.roots[doc[i].dep_] += 1
    for start, stop in itertools.pairwise(bounds):
        inside = [head - start for head in heads[start:stop]]
        if all(0 <= head < stop - start for head in inside):
            figures.nonprojective += bool(is_nonproj_tree(inside))


def _count_entities(figures: Figures, example: Example, blank: Any) -> None:
    doc = example.reference
    if not doc.has_annotation("ENT_IOB"):
        return
    figures.docs_with["ENT_IOB"] += 1
    figures.ents_missing += int((gather([doc], ["ENT_IOB"])[:, 0] == UNKNOWN).sum())
    starts = gather([doc], ["SENT_START"])[:, 0] if doc.has_annotation("SENT_START") else np.zeros(len(doc))
    lengths = example.alignment.y2x.lengths
    for ent in doc.ents:
        figures.ents[ent.label_] += 1
        figures.white_space_ents += bool(blank[ent.start] or blank[ent.end - 1])
        figures.crossing_ents += bool((starts[ent.start + 1 : ent.end] == 1).any())
        figures.misaligned_ents += bool((lengths[ent.start : ent.end] == 0).any())
    figures.docs_with_ent.update({ent.label_ for ent in doc.ents})


def _count_spans(figures: Figures, doc: Doc) -> None:
    for key, group in doc.spans.items():
        labels = figures.spans.setdefault(key, Counter())
        lengths = figures.span_lengths.setdefault(key, Counter())
        for span in group:
            labels[span.label_] += 1
            lengths[len(span)] += 1
        figures.docs_with_span.update({(key, span.label_) for span in group})


def _count_cats(figures: Figures, doc: Doc) -> None:
    if not doc.cats:
        return
    figures.docs_with_cats += 1
    figures.cats.update(doc.cats.keys())
    true = [label for label, value in doc.cats.items() if value == 1]
    figures.cats_true.update(true)
    figures.cats_bad += sum(value not in (0, 1) for value in doc.cats.values())
    figures.docs_with_several_cats += len(true) > 1
    figures.docs_with_no_cat += not true
