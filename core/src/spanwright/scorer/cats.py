"""Scores of document labels (`doc.cats`), exclusive or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from spanwright_tokens.errors import MissingKeyError

from .prf import TINY, PRFScore, ROCAUCScore, macro, total


class UnknownLabelError(MissingKeyError):
    """A category that is annotated is not among the labels to score."""


class _Tally:
    """Counts per label while going through the examples."""

    def __init__(self, labels: Iterable[str]) -> None:
        self.prf = {label: PRFScore() for label in labels}
        self.auc = {label: ROCAUCScore() for label in self.prf}

    def add_auc(self, label: str, pred: float, gold: float | None, *, multi_label: bool) -> None:
        if not gold and not multi_label:
            gold = 0.0
        if gold is not None:
            self.auc[label].score_set(pred, gold)

    def add_threshold(self, label: str, pred: float, gold: float | None, threshold: float) -> None:
        # No gold value means "unknown": neither right nor wrong.
        if gold is None:
            return
        if pred >= threshold:
            self.prf[label].count(tp=int(gold > 0), fp=int(gold == 0))
        elif gold > 0:
            self.prf[label].count(fn=1)

    def add_best(self, pred: Mapping[str, float], gold: Mapping[str, float], threshold: float | None) -> None:
        """Count the highest-scoring labels of one document; with a threshold, a lower prediction is none."""
        pred_label = _best(pred)
        if pred_label is not None and threshold is not None and pred[pred_label] < threshold:
            pred_label = None
        gold_label = _best(gold)
        if gold_label is not None and not pred and gold[gold_label] <= 0:
            gold_label = None
        if pred_label == gold_label:
            if pred_label is not None:
                self.prf[pred_label].count(tp=1)
            return
        if gold_label is not None:
            self.prf[gold_label].count(fn=1)
        if pred_label is not None:
            self.prf[pred_label].count(fp=1)

    def results(self, attr: str, overall: tuple[float | None, str] | None, multi_label: bool) -> dict[str, Any]:
        micro = total(self.prf.values())
        macro_p, macro_r, macro_f = macro(self.prf.values())
        areas = {label: auc.score if auc.is_binary() else None for label, auc in self.auc.items()}
        # Labels without gold items of both classes stay in the divisor, or rare labels would lift the score.
        macro_auc = sum(area or 0.0 for area in areas.values()) / (len(self.prf) + TINY)
        if overall is None:
            overall = (macro_auc, "macro AUC") if multi_label else (macro_f, "macro F")
        return {
            f"{attr}_score": overall[0],
            f"{attr}_score_desc": overall[1],
            f"{attr}_micro_p": micro.precision,
            f"{attr}_micro_r": micro.recall,
            f"{attr}_micro_f": micro.fscore,
            f"{attr}_macro_p": macro_p,
            f"{attr}_macro_r": macro_r,
            f"{attr}_macro_f": macro_f,
            f"{attr}_macro_auc": macro_auc,
            f"{attr}_f_per_type": {label: prf.to_dict() for label, prf in self.prf.items()},
            f"{attr}_auc_per_type": areas,
        }

    def overall(self, labels: set[str], positive_label: str | None, multi_label: bool) -> tuple | None:
        """Score and description if one label is declared the positive one of two exclusive labels."""
        if multi_label or not positive_label or len(labels) != 2:
            return None
        if positive_label not in self.prf:
            raise UnknownLabelError(
                f"positive_label is {positive_label!r}, but the labels to score are {sorted(self.prf)}."
            )
        return self.prf[positive_label].fscore, f"F ({positive_label})"


def _best(cats: Mapping[str, float]) -> str | None:
    # The first of equals, in the order of annotation.
    return max(cats, key=lambda label: cats[label]) if cats else None


def score_cats(
    examples: Iterable[Any],
    attr: str,
    *,
    getter: Callable[[Any, str], Any] = getattr,
    labels: Iterable[str] = (),
    multi_label: bool = True,
    positive_label: str | None = None,
    threshold: float | None = None,
    thresholds: Mapping[str, float] | None = None,
    **cfg: Any,
) -> dict[str, Any]:
    """Scores of document labels; see `Scorer.score_cats`."""
    if not multi_label:
        threshold = 0.0
    elif threshold is None:
        threshold = 0.5
    tally = _Tally(labels)
    names = set(tally.prf)
    for example in examples:
        pred = {k: v for k, v in getter(example.predicted, attr).items() if k in names}
        gold = {k: v for k, v in getter(example.reference, attr).items() if k in names}
        for label in names:
            tally.add_auc(label, pred.get(label, 0.0), gold.get(label), multi_label=multi_label)
            if multi_label:
                own = thresholds.get(label, threshold) if thresholds else threshold
                tally.add_threshold(label, pred.get(label, 0.0), gold.get(label), own)
        if not multi_label:
            tally.add_best(pred, gold, None)
    return tally.results(attr, tally.overall(names, positive_label, multi_label), multi_label)


def score_cats_v1(
    examples: Iterable[Any],
    attr: str,
    *,
    getter: Callable[[Any, str], Any] = getattr,
    labels: Iterable[str] = (),
    multi_label: bool = True,
    positive_label: str | None = None,
    threshold: float | None = None,
    **cfg: Any,
) -> dict[str, Any]:
    """Scores of document labels as `spacy.textcat_scorer.v1` counts them.

    Differs from the present `score_cats` in two ways: a threshold is applied to exclusive labels too, and every
    category that is annotated counts, not only the component's own: one that is not among `labels` raises
    UnknownLabelError (a KeyError).
    """
    examples = list(examples)
    if threshold is None:
        threshold = 0.5 if multi_label else 0.0
    tally = _Tally(labels)
    names = set(tally.prf)
    for example in examples:
        pred = getter(example.predicted, attr)
        gold = getter(example.reference, attr)
        _require_known(names, pred, gold, multi_label=multi_label)
        for label in names:
            tally.add_auc(label, pred.get(label, 0.0), gold.get(label), multi_label=multi_label)
            if multi_label:
                tally.add_threshold(label, pred.get(label, 0.0), gold.get(label), threshold)
        if not multi_label:
            tally.add_best(pred, gold, threshold)
    return tally.results(attr, tally.overall(names, positive_label, multi_label), multi_label)


def _require_known(names: set[str], pred: Mapping[str, float], gold: Mapping[str, float], *, multi_label: bool) -> None:
    # Labels that may co-occur are looked up only where there is a gold value to compare with.
    if multi_label:
        used = {label for label, value in gold.items() if value is not None} if names else set()
    else:
        used = {*pred, *gold}
    unknown = sorted(used - names)
    if unknown:
        raise UnknownLabelError(
            f"textcat scorer v1: the Docs have categories {unknown} that are not among the component's labels "
            f"{sorted(names)}. Use spacy.textcat_scorer.v2 (or spacy.textcat_multilabel_scorer.v2), which "
            "scores a component on its own labels only."
        )
