"""The loss of labels that exclude each other, for all tokens of a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
from thinc.types import Floats2d
from thinc.util import get_array_module

from spanwright.errors import InvalidValueError, MissingKeyError
from spanwright_tokens.errors import nearest


def cross_entropy(
    scores: Sequence[Floats2d],
    truths: Sequence[Sequence[str | None]],
    names: Sequence[str],
    *,
    neg_prefix: str | None = None,
    label_smoothing: float = 0.0,
) -> tuple[list[Floats2d], float]:
    """Categorical cross-entropy of softmax outputs, and its gradient with respect to the layer before the softmax.

    scores: One matrix of probabilities per Doc. *Shape:* (tokens, labels).
    truths: The gold label of each token; None where it is not known, which gives no gradient.
    names: The labels, in the order of the columns.
    neg_prefix: A gold label that starts with this says what the label is not: only that label's column learns.
    label_smoothing: Probability that is spread over the other labels, 0.0 to 0.1 as a rule.

    Returns one gradient per Doc, and the loss: the sum of the squared gradients, as spaCy reports it. Raises
    MissingKeyError (a KeyError) for an unknown label and InvalidValueError (a ValueError) for scores outside [0, 1].
    """
    xp = get_array_module(scores[0]) if scores else numpy
    guesses = xp.concatenate(list(scores)) if scores else xp.zeros((0, len(names)), dtype="f")
    if guesses.size and not (float(guesses.min()) >= 0 and float(guesses.max()) <= 1):
        raise InvalidValueError(
            f"The loss needs probabilities, but the scores lie between {float(guesses.min()):.3g} and "
            f"{float(guesses.max()):.3g}. The model must end in a softmax layer."
        )
    columns, negated = _columns(truths, names, neg_prefix)
    d_scores = guesses - _targets(xp, columns, guesses.shape[1], label_smoothing)
    d_scores[xp.asarray(columns < 0)] = 0
    if negated.any():
        # Only the excluded label's column learns, towards 0.
        rows = xp.asarray(numpy.flatnonzero(negated))
        excluded = guesses[rows, xp.asarray(columns[negated])]
        d_scores[rows] = 0
        d_scores[rows, xp.asarray(columns[negated])] = excluded
    loss = float((d_scores**2).sum())
    return split(d_scores, scores), loss


def difference(
    scores: Sequence[Floats2d], targets: Sequence[Floats2d], *, scale: float = 1.0
) -> tuple[list[Floats2d], float]:
    """The same loss against another model's probabilities: one gradient per Doc, and the loss.

    scale: Factor of the gradients.
    """
    gradients: list[Any] = [(guess - target) * scale for guess, target in zip(scores, targets, strict=True)]
    return gradients, sum(float((gradient**2).sum()) for gradient in gradients)


def split(flat: Any, like: Sequence[Any]) -> list[Any]:
    """Cut the rows of an array into views as long as the arrays of a batch."""
    pieces, start = [], 0
    for array in like:
        pieces.append(flat[start : start + len(array)])
        start += len(array)
    return pieces


def _columns(
    truths: Sequence[Sequence[str | None]], names: Sequence[str], neg_prefix: str | None
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The column of each token's gold label (-1: not known), and whether it is negated."""
    known: dict[str | None, tuple[int, bool]] = {None: (-1, False)}
    known.update((name, (column, False)) for column, name in enumerate(names))
    found = []
    for labels in truths:
        for label in labels:
            entry = known.get(label)
            if entry is None:
                entry = known[label] = _negated(str(label), known, names, neg_prefix)
            found.append(entry)
    table = numpy.asarray(found, dtype="int64").reshape(-1, 2)
    return table[:, 0], table[:, 1].astype(bool)


def _negated(
    label: str, known: dict[Any, tuple[int, bool]], names: Sequence[str], prefix: str | None
) -> tuple[int, bool]:
    if prefix and label.startswith(prefix) and label[len(prefix) :] in known:
        return known[label[len(prefix) :]][0], True
    raise MissingKeyError(
        f"The examples have the label {label!r}, which the component does not have.{nearest(label, list(names))} "
        f"Add it with add_label, or initialize the component with examples that have it."
    )


def _targets(xp: Any, columns: numpy.ndarray, width: int, smoothing: float) -> Any:
    if smoothing and width < 2:
        raise InvalidValueError(f"label_smoothing needs at least two labels, and there are {width}.")
    if smoothing and not 0.0 <= smoothing < (width - 1) / width:
        raise InvalidValueError(
            f"label_smoothing must be at least 0 and less than {(width - 1) / width:.3g} for {width} labels; "
            f"it is {smoothing}."
        )
    targets = xp.full((len(columns), width), smoothing / (width - 1) if smoothing else 0.0, dtype="f")
    targets[xp.arange(len(columns)), xp.asarray(columns)] = 1.0 - smoothing
    return targets
