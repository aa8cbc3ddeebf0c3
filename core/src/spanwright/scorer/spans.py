"""Scores of spans: sentences, span groups, entities and their links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

from .prf import PRFScore, macro, total


def score_spans(
    examples: Iterable[Any],
    attr: str,
    *,
    getter: Callable[[Any, str], Iterable[Any]] = getattr,
    has_annotation: Callable[[Any], bool] | None = None,
    labeled: bool = True,
    allow_overlap: bool = False,
    **cfg: Any,
) -> dict[str, Any]:
    """P/R/F of spans; see `Scorer.score_spans`."""
    score = PRFScore()
    per_label: dict[str, PRFScore] = {}
    for example in examples:
        if has_annotation is not None and not has_annotation(example.reference):
            continue
        gold = list(getter(example.reference, attr))
        pred: list[Any] = []
        if has_annotation is None or has_annotation(example.predicted):
            pred = list(getter(example.predicted, attr))
        for span in (*gold, *pred):
            per_label.setdefault(span.label_, PRFScore())
        aligned = example.get_aligned_spans_x2y(pred, allow_overlap)
        gold_keys = {(span.label_, span.start, span.end) for span in gold}
        pred_keys = {(span.label_, span.start, span.end) for span in aligned}
        if labeled:
            score.score_set(pred_keys, gold_keys)
            for key in pred_keys:
                right = key in gold_keys
                per_label[key[0]].count(tp=int(right), fp=int(not right))
            for key in gold_keys - pred_keys:
                per_label[key[0]].count(fn=1)
        else:
            score.score_set({key[1:] for key in pred_keys}, {key[1:] for key in gold_keys})
    return _results(attr, score, per_label if labeled else None)


def _results(attr: str, score: PRFScore, per_label: dict[str, PRFScore] | None) -> dict[str, Any]:
    found = bool(len(score))
    results: dict[str, Any] = {
        f"{attr}_p": score.precision if found else None,
        f"{attr}_r": score.recall if found else None,
        f"{attr}_f": score.fscore if found else None,
    }
    if per_label is not None:
        results[f"{attr}_per_type"] = {k: v.to_dict() for k, v in per_label.items()} if found else None
    return results


def get_ner_prf(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Precision, recall and F of entities, over all and per type.

    examples: Examples; those whose reference has no entity annotation are passed over, and so is a predicted
    entity over tokens whose gold annotation is missing.

    Returns `ents_p`, `ents_r`, `ents_f` and `ents_per_type`; all None if there is nothing to score.
    """
    per_type: defaultdict[str, PRFScore] = defaultdict(PRFScore)
    for example in examples:
        reference = example.reference
        if not reference.has_annotation("ENT_IOB"):
            continue
        x2y = example.alignment.x2y
        unknown = reference.to_array(["ENT_IOB"]) == 0
        gold = {(ent.label_, ent.start, ent.end) for ent in reference.ents}
        for ent in example.predicted.ents:
            score = per_type[ent.label_]
            tokens = x2y[ent.start : ent.end]
            if not len(tokens):
                continue
            start, end = int(tokens[0]), int(tokens[-1]) + 1
            if unknown[start:end].any():
                continue
            right = (ent.label_, start, end) in gold
            gold.discard((ent.label_, start, end))
            score.count(tp=int(right), fp=int(not right))
        for label, _, _ in gold:
            per_type[label].count(fn=1)
    return _results("ents", total(per_type.values()), per_type)


def score_links(examples: Iterable[Any], *, negative_labels: Collection[str], **cfg: Any) -> dict[str, Any]:
    """P/R/F of the knowledge-base ids of entities; see `Scorer.score_links`."""
    per_type: defaultdict[str, PRFScore] = defaultdict(PRFScore)
    for example in examples:
        gold_ents = {(ent.start_char, ent.end_char): ent for ent in example.reference.ents}
        for ent in example.predicted.ents:
            gold_ent = gold_ents.get((ent.start_char, ent.end_char))
            if gold_ent is not None:
                _count_link(per_type[gold_ent.label_], ent.kb_id_, gold_ent.kb_id_, negative_labels)
    micro = total(per_type.values())
    macro_p, macro_r, macro_f = macro(per_type.values())
    return {
        "nel_score": micro.fscore,
        "nel_score_desc": "micro F",
        "nel_micro_p": micro.precision,
        "nel_micro_r": micro.recall,
        "nel_micro_f": micro.fscore,
        "nel_macro_p": macro_p,
        "nel_macro_r": macro_r,
        "nel_macro_f": macro_f,
        "nel_f_per_type": {k: v.to_dict() for k, v in per_type.items()},
    }


def _count_link(score: PRFScore, pred: str, gold: str, negative: Collection[str]) -> None:
    if gold in negative and pred in negative:
        return
    if gold == pred:
        score.count(tp=1)
    else:
        # A wrong id is both a wrong link and a missed one.
        score.count(fp=int(pred not in negative), fn=int(gold not in negative))
