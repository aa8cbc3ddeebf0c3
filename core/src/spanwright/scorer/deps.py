"""Scores of a dependency parse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np

from .columns import MISSING_VALUES, column_of, lower_label, word_mask
from .prf import PRFScore


def score_deps(
    examples: Iterable[Any],
    attr: str,
    *,
    getter: Callable[[Any, str], Any] = getattr,
    head_attr: str = "head",
    head_getter: Callable[[Any, str], Any] = getattr,
    ignore_labels: Iterable[str] = (),
    missing_values: Collection[Any] = MISSING_VALUES,
    **cfg: Any,
) -> dict[str, Any]:
    """UAS, LAS and LAS per label; see `Scorer.score_deps`."""
    ignored = frozenset(ignore_labels)
    uas, las = PRFScore(), PRFScore()
    per_label: dict[Any, PRFScore] = {}
    # Kept across examples, as the peer does: a position that lacks gold in one Doc is passed over in later ones.
    missing: set[int] = set()
    for example in examples:
        labels = _labels(example.reference, attr, getter)
        heads = _heads(example.reference, head_attr, head_getter)
        missing.update(i for i, label in enumerate(labels) if label in missing_values)
        gold = {
            (i, heads[i], label)
            for i, label in enumerate(labels)
            if label not in missing_values and label not in ignored
        }
        pred, n_unaligned = _predicted(example, (attr, getter), (head_attr, head_getter), ignored, missing)
        uas.count(fp=n_unaligned)
        las.count(fp=n_unaligned)
        las.score_set(pred, gold)
        uas.score_set({arc[:2] for arc in pred}, {arc[:2] for arc in gold})
        _count_labels(per_label, pred, gold)
    found = bool(len(uas))
    return {
        f"{attr}_uas": uas.fscore if found else None,
        f"{attr}_las": las.fscore if found else None,
        f"{attr}_las_per_type": {k: per_label[k].to_dict() for k in sorted(per_label, key=str)} if found else None,
    }


def _count_labels(per_label: dict[Any, PRFScore], pred: set, gold: set) -> None:
    for kind, arcs, others in (("fp", pred, gold), ("fn", gold, pred)):
        for arc in arcs:
            score = per_label.setdefault(arc[2], PRFScore())
            if arc not in others:
                score.count(**{kind: 1})
            elif kind == "fp":
                score.count(tp=1)


def _predicted(
    example: Any,
    label_of: tuple[str, Callable[[Any, str], Any]],
    head_of: tuple[str, Callable[[Any, str], Any]],
    ignored: frozenset,
    missing: set[int],
) -> tuple[set[tuple[int, int, Any]], int]:
    """Predicted arcs (gold token, gold head, label), and how many have an end without a gold token of its own."""
    doc = example.predicted
    x2y = example.alignment.x2y
    gold_i = np.full(len(doc), -1, dtype="int64")
    single = x2y.lengths == 1
    gold_i[single] = x2y.data[x2y.starts[single]]
    aligned = gold_i.tolist()
    labels, heads = _labels(doc, *label_of), _heads(doc, *head_of)
    arcs, n_unaligned = set(), 0
    for i in np.flatnonzero(word_mask(doc)).tolist():
        token, head = aligned[i], aligned[heads[i]]
        if token in missing or labels[i] in ignored:
            continue
        if token < 0 or head < 0:
            n_unaligned += 1
        else:
            arcs.add((token, head, labels[i]))
    return arcs, n_unaligned


def _labels(doc: Any, attr: str, getter: Callable[[Any, str], Any]) -> list[Any]:
    if getter is lower_label and attr == "dep":
        ids = doc.to_array(["DEP"]).tolist()
        names = {key: doc.vocab.strings[key].lower() for key in set(ids)}
        return [names[key] for key in ids]
    column = column_of(attr, getter)
    if column is not None:
        return doc.to_array([column]).tolist()
    return [getter(token, attr) for token in doc]


def _heads(doc: Any, attr: str, getter: Callable[[Any, str], Any]) -> list[int]:
    if getter is getattr and attr == "head":
        relative = doc.to_array(["HEAD"]).astype("int64")
        # A token without a label has no arc: it is its own head.
        relative[doc.to_array(["DEP"]) == 0] = 0
        return (relative + np.arange(len(doc))).tolist()
    return [getter(token, attr).i for token in doc]
