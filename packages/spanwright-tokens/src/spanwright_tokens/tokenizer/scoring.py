"""How well tokens agree with gold tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def _places(doc: Any) -> set[tuple[int, int]]:
    return {(token.idx, token.idx + len(token)) for token in doc if not token.text.isspace()}


def score_tokenization(examples: Iterable[Any]) -> dict[str, float | None]:
    """Compare the tokens of predicted Docs with those of their references.

    examples: Examples; those whose reference does not know its spaces are passed over.
    Returns `token_acc`, the share of predicted tokens that align with one gold token, and precision, recall and F of
    their places in the text (`token_p`, `token_r`, `token_f`). Whitespace does not count. All are None if nothing was
    compared.
    """
    right = wrong = hits = n_predicted = n_gold = 0
    for example in examples:
        if example.reference.has_unknown_spaces:
            continue
        lengths = example.alignment.x2y.lengths
        for token in example.predicted:
            if not token.text.isspace():
                right += int(lengths[token.i] == 1)
                wrong += int(lengths[token.i] != 1)
        predicted, gold = _places(example.predicted), _places(example.reference)
        hits += len(predicted & gold)
        n_predicted += len(predicted)
        n_gold += len(gold)
    if right + wrong == 0:
        return {"token_acc": None, "token_p": None, "token_r": None, "token_f": None}
    tiny = 1e-100
    precision, recall = hits / (n_predicted + tiny), hits / (n_gold + tiny)
    return {
        "token_acc": right / (right + wrong),
        "token_p": precision,
        "token_r": recall,
        "token_f": 2 * precision * recall / (precision + recall + tiny),
    }
