"""Scores of the tokenization and of what is annotated on single tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np

from .columns import MISSING_VALUES, missing_mask, one_to_one, values_of, word_mask
from .prf import PRFScore, total

EMPTY_MORPH = "_"


def score_tokenization(examples: Iterable[Any], **cfg: Any) -> dict[str, float | None]:
    """Accuracy and P/R/F of token boundaries; see `Scorer.score_tokenization`."""
    from spanwright_tokens.tokens.alignment import token_bounds

    accuracy, boundaries = PRFScore(), PRFScore()
    for example in examples:
        gold, pred = example.reference, example.predicted
        # Without the spaces of the text the offsets of the gold tokens mean nothing.
        if gold.has_unknown_spaces:
            continue
        words = word_mask(pred)
        n_right = int((example.alignment.x2y.lengths[words] == 1).sum())
        accuracy.count(tp=n_right, fp=int(words.sum()) - n_right)
        bounds = []
        for doc, mask in ((pred, words), (gold, word_mask(gold))):
            starts, ends = token_bounds(doc)
            bounds.append(set(zip(starts[mask].tolist(), ends[mask].tolist(), strict=True)))
        boundaries.score_set(*bounds)
    if not len(accuracy):
        return dict.fromkeys(("token_acc", "token_p", "token_r", "token_f"))
    return {
        "token_acc": accuracy.precision,
        "token_p": boundaries.precision,
        "token_r": boundaries.recall,
        "token_f": boundaries.fscore,
    }


def score_token_attr(
    examples: Iterable[Any],
    attr: str,
    *,
    getter: Callable[[Any, str], Any] = getattr,
    missing_values: Collection[Any] = MISSING_VALUES,
    **cfg: Any,
) -> dict[str, float | None]:
    """Accuracy of a token attribute; see `Scorer.score_token_attr`."""
    score = PRFScore()
    for example in examples:
        gold = values_of(example.reference, attr, getter)
        pred = values_of(example.predicted, attr, getter)
        missing = missing_mask(gold, missing_values)
        pred_i, gold_i = one_to_one(example)
        known = ~missing[gold_i]
        pred_i, gold_i = pred_i[known], gold_i[known]
        if isinstance(gold, np.ndarray) and isinstance(pred, np.ndarray):
            n_right, n_pred = _count_equal(gold_i, pred[pred_i], gold)
        else:
            # Several predicted tokens may share a gold token: equal answers count once.
            answers = {(g, pred[p]) for p, g in zip(pred_i.tolist(), gold_i.tolist(), strict=True)}
            n_right, n_pred = sum(value == gold[g] for g, value in answers), len(answers)
        score.count(n_right, n_pred - n_right, int((~missing).sum()) - n_right)
    return {f"{attr}_acc": score.fscore if len(score) else None}


def _count_equal(gold_i: np.ndarray, answers: np.ndarray, gold: np.ndarray) -> tuple[int, int]:
    # gold_i ascends, so the answers for one gold token are neighbours.
    if len(gold_i) and not (np.diff(gold_i) > 0).all():
        pairs = np.unique(np.stack([gold_i.astype("uint64"), answers], axis=1), axis=0)
        gold_i, answers = pairs[:, 0].astype("int64"), pairs[:, 1]
    return int((answers == gold[gold_i]).sum()), len(gold_i)


def score_token_attr_per_feat(
    examples: Iterable[Any],
    attr: str,
    *,
    getter: Callable[[Any, str], Any] = getattr,
    missing_values: Collection[Any] = MISSING_VALUES,
    **cfg: Any,
) -> dict[str, Any]:
    """P/R/F of a token attribute per feature; see `Scorer.score_token_attr_per_feat`."""
    analyses: dict[Any, frozenset[str]] = {}
    pairs: Counter[tuple[Any, frozenset]] = Counter()
    for example in examples:
        strings = example.reference.vocab.strings
        gold = _as_list(values_of(example.reference, attr, getter))
        pred = _as_list(values_of(example.predicted, attr, getter))
        for value in {*gold, *pred} - analyses.keys():
            analyses[value] = _features(value, strings, missing_values)
        answers: dict[int, set] = {i: set() for i, value in enumerate(gold) if analyses[value]}
        pred_i, gold_i = one_to_one(example)
        for p, g in zip(pred_i.tolist(), gold_i.tolist(), strict=True):
            if g in answers:
                answers[g].add(pred[p])
        pairs.update((gold[g], frozenset(values)) for g, values in answers.items())
    per_feat: dict[str, PRFScore] = {}
    for (gold_value, pred_values), n in pairs.items():
        gold_feats = analyses[gold_value]
        pred_feats = frozenset().union(*(analyses[value] for value in pred_values))
        for feat in gold_feats | pred_feats:
            score = per_feat.setdefault(feat.partition("=")[0], PRFScore())
            in_gold, in_pred = feat in gold_feats, feat in pred_feats
            score.count(n * (in_gold and in_pred), n * (not in_gold), n * (not in_pred))
    micro = total(per_feat.values())
    found = bool(len(micro))
    return {
        f"{attr}_micro_p": micro.precision if found else None,
        f"{attr}_micro_r": micro.recall if found else None,
        f"{attr}_micro_f": micro.fscore if found else None,
        f"{attr}_per_feat": {k: per_feat[k].to_dict() for k in sorted(per_feat)} if found else None,
    }


def _as_list(values: np.ndarray | list[Any]) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else values


def _features(value: Any, strings: Any, missing_values: Collection[Any]) -> frozenset[str]:
    """The `Feat=Val` items of an analysis; none if it is missing or empty."""
    if value in missing_values:
        return frozenset()
    text = strings[value]
    return frozenset() if text == EMPTY_MORPH else frozenset(text.split("|"))
