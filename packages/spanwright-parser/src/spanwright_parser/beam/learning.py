"""Learning from beams: the whole of an analysis is scored, against all others in the beam (global normalisation).

Two searches run side by side, one free, one held to moves that cost nothing. The update is made where the free one has
gone furthest wrong (maximum violation: Huang, Fayong and Guo 2012), with the gradient of a CRF over the candidates of
both (Andor et al. 2016; Zhou et al. 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers.scores import on_cpu
from .beam import softmax
from .search import Born, Search, Trace

if TYPE_CHECKING:
    from ..layers.steps import Steps
    from ..transitions import States, TransitionSystem


@dataclass
class Violation:
    """Where a Doc's free search has gone furthest wrong so far."""

    cost: float = 0.0
    delta: float = -1.0
    edges: Any = None  # histories: the free search's wrong ones, then the right ones
    scores: Any = None
    n_wrong: int = 0


def update_beam(
    system: TransitionSystem, states: States, gold: Any, steps: Steps, *, width: int, density: float = 0.0
) -> float:
    """Score the searches' states, and leave the gradients in `steps`.

    states: one for each Doc, with the gold annotation of the batch that they come from; they stay as they are.
    width, density: of the free search; the one held to the gold annotation keeps `width` candidates.

    Returns the loss: the sum, over the steps, of the scores' mean squared gradients, as published. A Doc whose gold
    annotation cannot be reached teaches as far as the moves that lead towards it.
    """
    free, held, trace = Search(states, width, density), Search(states, width), Trace()
    violations = [Violation() for _ in range(states.n)]
    backprops = []
    n_rows = []
    while True:
        ids, order = _features(free, held, steps.places)
        if not len(ids):
            break
        scores, backprop = steps.begin_update(ids)
        backprops.append(backprop)
        n_rows.append(len(ids))
        scores = on_cpu(scores)
        over = free.done & held.done
        born = [
            _advance(search, gold, scores, rows, hold=search is held)
            for search, rows in zip((free, held), order, strict=True)
        ]
        _add_moves(trace, (free, held), born, scores.shape[1])
        for doc in np.flatnonzero(~over & ~held.stuck & ~free.stuck):
            _check(violations[doc], free, held, int(doc))
    return _learn(violations, trace, backprops, n_rows, system.n_moves)


def _features(free: Search, held: Search, places: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """The feature tokens of all states, those of both searches once, and each search's rows of them."""
    docs, keys, ids, sizes = [], [], [], []
    for search in (free, held):
        doc, rank = search.open()
        edges = search.edges[doc, rank]
        docs.append(doc)
        # Before the first move, states are told apart by their Docs.
        keys.append(np.where(edges >= 0, edges, -1 - doc))
        ids.append(search.pool.features(places, search.states_of(doc, rank)))
        sizes.append(len(doc))
    _, first, inverse = np.unique(np.concatenate(keys), return_index=True, return_inverse=True)
    # By Doc, as published: dropout depends on the order.
    order = np.lexsort((first, np.concatenate(docs)[first]))
    place = np.empty(len(order), dtype="int64")
    place[order] = np.arange(len(order))
    rows = place[inverse.reshape(-1)]
    return np.concatenate(ids)[first[order]], [rows[: sizes[0]], rows[sizes[0] :]]


def _advance(search: Search, gold: Any, scores: np.ndarray, rows: np.ndarray, *, hold: bool) -> Born:
    docs, ranks = search.open()
    states = search.states_of(docs, ranks)
    valid, costs = search.pool.valid(states), search.pool.costs(gold, states)
    if hold and len(docs):
        least = np.minimum(np.where(valid, costs, 0).min(axis=1, keepdims=True), 0)
        valid = valid & (costs <= least)
    born = search.advance(docs, ranks, scores[rows], valid, costs)
    born.rows = rows[born.rows]  # of the scores of both searches
    return born


def _add_moves(trace: Trace, searches: tuple[Search, Search], born: list[Born], n_moves: int) -> None:
    """Give the same move of both searches one number."""
    rows, moves, before = (np.concatenate([getattr(one, name) for one in born]) for name in ("rows", "moves", "edges"))
    _, first, inverse = np.unique(rows.astype("int64") * n_moves + moves, return_index=True, return_inverse=True)
    numbers = trace.add(before[first], rows[first], moves[first])[inverse.reshape(-1)]
    start = 0
    for search, one in zip(searches, born, strict=True):
        search.edges[one.docs, one.ranks] = numbers[start : start + len(one.docs)]
        start += len(one.docs)


def _check(found: Violation, free: Search, held: Search, doc: int) -> None:
    delta = float(free.totals[doc, 0]) - float(held.totals[doc, 0])
    cost = float(free.losses[doc, 0])
    if cost <= 0 or (found.cost and delta <= found.delta):
        return
    n_free, n_held = free.sizes[doc], held.sizes[doc]
    edges, losses, totals = free.edges[doc, :n_free], free.losses[doc, :n_free], free.totals[doc, :n_free]
    wrong = losses > 0
    # A right candidate of the free search that the held one lacks counts, too.
    right = ~wrong & ~np.isin(edges, held.edges[doc, :n_held])
    exact = held.losses[doc, :n_held] == 0
    found.cost, found.delta, found.n_wrong = cost, delta, int(wrong.sum())
    found.edges = np.concatenate([edges[wrong], edges[right], held.edges[doc, :n_held][exact]])
    found.scores = np.concatenate([totals[wrong], totals[right], held.totals[doc, :n_held][exact]])


def _learn(violations: list[Violation], trace: Trace, backprops: list[Any], n_rows: list[int], n_moves: int) -> float:
    """Spread each candidate's gradient over the moves of its history, and give the steps their gradients."""
    edges, weights = [np.zeros(0, dtype="int64")], [np.zeros(0)]
    for violation in violations:
        if violation.edges is None or not violation.n_wrong:
            continue
        gradient = softmax(violation.scores)
        if violation.n_wrong < len(gradient):
            gradient[violation.n_wrong :] -= softmax(violation.scores[violation.n_wrong :])
        gradient *= violation.cost
        lengths = trace.lengths(violation.edges)
        # A shorter history was at its end while others went on, and scored its average in each of those steps.
        longest = lengths[gradient != 0].max(initial=0)
        weights.append(gradient + gradient / lengths * (longest - lengths))
        edges.append(violation.edges)
    left, weight = np.concatenate(edges), np.concatenate(weights)
    left, weight = left[weight != 0], weight[weight != 0]
    loss = 0.0
    gradients = []
    for number in range(int(trace.lengths(left).max(initial=0)) - 1, -1, -1):
        gradient = np.zeros((n_rows[number], n_moves), dtype="float32")
        here = left >= trace.firsts[number]
        at = left[here] - trace.firsts[number]
        np.add.at(gradient, (trace.rows[number][at], trace.moves[number][at]), weight[here])
        left[here] = trace.before[number][at]
        gradients.append(gradient)
        loss += float(np.square(gradient).mean())
    for backprop, gradient in zip(backprops, reversed(gradients), strict=False):
        backprop(gradient)
    return loss
