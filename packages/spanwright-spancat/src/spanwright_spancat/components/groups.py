"""From scores of candidates to span groups: thresholds, the best labels, spans without overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spanwright.tokens import Doc, Span, SpanGroup

from .._kernels.spans import without_overlap


class Choice(NamedTuple):
    """What is chosen of the candidates of a batch: rows, columns and their scores, Doc by Doc."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    scores: NDArray[Any]


def choose_many(
    scores: NDArray[np.float32], *, threshold: float | None, max_positive: int | None, negative: int | None
) -> Choice:
    """All labels of each candidate that reach a threshold.

    scores: *Shape:* (candidates, labels).
    threshold: The least score; None: any.
    max_positive: Most labels of one candidate, the best; None: any number.
    negative: Column that stands for "no label", and is never chosen; None: none.
    """
    # A score that is no number (NaN) reaches no threshold, not even none.
    keeps = scores >= (-np.inf if threshold is None else threshold)
    if negative is not None:
        keeps[:, negative] = False
    if max_positive is not None and max_positive < scores.shape[1]:
        # Only where there are too many is there anything to rank.
        full = np.flatnonzero(keeps.sum(axis=1) > max_positive)
        ranked = scores[full] * -1
        if negative is not None:
            ranked[:, negative] = np.inf
        keeps[full[:, None], ranked.argsort()[:, max_positive:]] = False
    rows, columns = keeps.nonzero()
    return Choice(rows, columns, scores[rows, columns])


def choose_one(
    scores: NDArray[np.float32],
    bounds: NDArray[np.int32],
    edges: NDArray[np.int64],
    docs: Sequence[Doc],
    *,
    threshold: float | None,
    negative: int | None,
    allow_overlap: bool,
) -> Choice:
    """The best label of each candidate, if that is not "no label".

    scores: *Shape:* (candidates, labels).
    bounds: Start and end of the candidates. *Shape:* (candidates, 2).
    edges: Where the candidates of each Doc begin, and the end of the last. *Shape:* (docs + 1,).
    threshold, negative: As for `choose_many`.
    allow_overlap: If false, spans come from the highest score to the lowest, and one that shares a token with one
        before it is left out.
    """
    columns = scores.argmax(axis=1)
    best = scores[np.arange(len(scores)), columns]
    keeps = best >= (-np.inf if threshold is None else threshold)
    if negative is not None:
        keeps &= columns != negative
    if allow_overlap:
        rows = keeps.nonzero()[0]
        return Choice(rows, columns[rows], best[rows, None])
    kept = []
    for number, doc in enumerate(docs):
        first, stop = int(edges[number]), int(edges[number + 1])
        order = first + (best[first:stop] * -1).argsort()
        order = order[keeps[order]]
        starts, ends = np.ascontiguousarray(bounds[order].T, dtype="int32")
        kept.append(order[without_overlap(starts, ends, len(doc))])
    rows = np.concatenate(kept) if kept else np.zeros((0,), dtype="int64")
    return Choice(rows, columns[rows], best[rows, None])


def set_groups(
    docs: Sequence[Doc],
    key: str,
    choice: Choice,
    bounds: NDArray[np.int32],
    edges: NDArray[np.int64],
    labels: Sequence[str],
) -> None:
    """Put a span group on each Doc, with the scores of its spans in `attrs["scores"]`.

    key: Of the group in `doc.spans`. labels: The label of each column.
    """
    by_doc = np.zeros(len(docs) + 1, dtype="int64")
    # The rows of a Doc stand together, though not in order where the best come first.
    numbers = np.searchsorted(edges, choice.rows, side="right") - 1
    by_doc[1:] = np.cumsum(np.bincount(numbers, minlength=len(docs)))
    spans: Any = bounds[choice.rows].reshape((-1, 2)).tolist()
    columns = choice.columns.tolist()
    for number, doc in enumerate(docs):
        group = SpanGroup(doc, name=key)
        if edges[number + 1] > edges[number]:
            part = slice(int(by_doc[number]), int(by_doc[number + 1]))
            for (start, end), column in zip(spans[part], columns[part], strict=True):
                group.append(Span(doc, start, end, label=labels[column]))
            group.attrs["scores"] = choice.scores[part].copy()
        doc.spans[key] = group
