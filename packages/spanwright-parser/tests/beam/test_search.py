"""The step of beam search against its twin, and searches against greedy parsing and against all analyses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from beam_twin import step_of_doc
from strategies import arc_states, biluo_states, givens, mended, presets

from spanwright.errors import InvalidValueError
from spanwright_parser._kernels.beam import copy_flags, copy_stretches, step
from spanwright_parser.beam.search import Search, Trace

seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, width=st.integers(1, 5), density=st.sampled_from([0.0, 0.01, 0.5]), number=st.integers(0, 4))
def test_a_step_is_that_of_its_twin(seed: int, width: int, density: float, number: int) -> None:
    random = np.random.default_rng(seed)
    n_docs, n_moves = int(random.integers(1, 4)), int(random.integers(1, 5))
    sizes = random.integers(1, width + 1, n_docs).astype("int32")
    rows = np.full((n_docs, width), -1, dtype="int32")
    is_open = (np.arange(width) < sizes[:, None]) & (random.random((n_docs, width)) < 0.7)
    rows[is_open] = np.arange(is_open.sum())
    # Few values, so that there are ties
    scores = random.integers(-2, 3, (int(is_open.sum()), n_moves)).astype("float32")
    valid = random.random(scores.shape) < 0.7
    totals = random.integers(-3, 4, (n_docs, width)).astype("float32")
    done = random.random(n_docs) < 0.2
    where = np.array([random.permutation(width) + i * width for i in range(n_docs)], dtype="int32")
    before = where.copy()
    parents, moves, new_totals, new_sizes, copies = step(
        totals, rows, sizes, done.view("uint8"), scores, valid.view("uint8"), where, number, density
    )
    holds = {int(state): int(state) for state in before.ravel()}
    holds.update({int(target): holds[int(source)] for source, target in copies})
    assert not set(copies[:, 0]) & set(copies[:, 1])
    for i in range(n_docs):
        assert sorted(where[i]) == sorted(before[i])
        size = sizes[i]
        wanted = step_of_doc(totals[i, :size], rows[i, :size], scores, valid, width, number, density)
        if done[i] or not wanted:
            assert new_sizes[i] == (size if done[i] else 0)
            assert np.array_equal(where[i], before[i])
            assert np.array_equal(new_totals[i, :size], totals[i, :size])
            continue
        assert new_sizes[i] == len(wanted)
        found = list(zip(new_totals[i], parents[i].tolist(), moves[i].tolist(), strict=True))[: len(wanted)]
        assert found == wanted
        # Each continuation's place holds its parent's state.
        assert [holds[int(where[i, j])] for j in range(len(wanted))] == [before[i, parent] for _, parent, _ in wanted]


def start(kind: str, docs: list[Any]) -> Any:
    if kind == "arcs":
        return arc_states(docs)
    return biluo_states([(mended(one), [0] * len(one), [False] * len(one)) for one in docs])


def search_of(states: Any, width: int, weights: np.ndarray, density: float = 0.0) -> tuple[Search, Trace]:
    """Search with scores that depend on a state's features alone."""
    search, trace = Search(states, width, density), Trace()
    while True:
        docs, ranks = search.open()
        if not len(docs):
            return search, trace
        at = search.states_of(docs, ranks)
        born = search.advance(docs, ranks, score(search.pool, at, weights), search.pool.valid(at))
        search.edges[born.docs, born.ranks] = trace.add(born.edges, born.rows, born.moves)


def score(states: Any, rows: Any, weights: np.ndarray) -> np.ndarray:
    features = states.features(3, rows) if not states.batch.is_arc else states.features(8, rows)[:, :3]
    return weights[features + 1, np.arange(3)].sum(axis=1)


def n_moves(states: Any) -> int:
    return int(states.batch.n_moves)


docs_of = {"arcs": st.lists(presets, min_size=1, max_size=3), "entities": st.lists(givens, min_size=1, max_size=3)}


@pytest.mark.parametrize("kind", docs_of)
@settings(deadline=None, max_examples=60)
@given(data=st.data(), seed=seeds)
def test_a_beam_of_one_is_greedy(kind: str, data: Any, seed: int) -> None:
    docs = data.draw(docs_of[kind])
    states = start(kind, docs)
    weights = np.random.default_rng(seed).normal(size=(40, 3, n_moves(states))).astype("float32")
    search, trace = search_of(states, 1, weights)
    greedy = start(kind, docs)
    histories: list[list[int]] = [[] for _ in docs]
    rows = greedy.active
    while len(rows):
        for row, move in zip(rows, greedy.follow(score(greedy, rows, weights), rows), strict=True):
            histories[row] += [int(move)] if move >= 0 else []
        rows = greedy.active
    assert [trace.history(int(edge)) for edge in search.edges[:, 0]] == histories


@pytest.mark.parametrize("kind", docs_of)
@settings(deadline=None, max_examples=60)
@given(data=st.data(), seed=seeds, width=st.integers(2, 6))
def test_candidates_are_what_their_histories_lead_to(kind: str, data: Any, seed: int, width: int) -> None:
    """Places are shared and copied in part; a state replayed from its history has the same columns."""
    docs = data.draw(docs_of[kind])
    states = start(kind, docs)
    weights = np.random.default_rng(seed).normal(size=(40, 3, n_moves(states))).astype("float32")
    search, trace = search_of(states, width, weights)
    column = "heads" if kind == "arcs" else "taken"
    for number in range(len(docs)):
        histories = []
        for rank in range(search.sizes[number]):
            history = trace.history(int(search.edges[number, rank]))
            fresh = start(kind, docs).take([number])
            fresh.replay([np.array(history, dtype="int32")])
            place = int(search.where[number, rank])
            for name in (column, "arc_labels") if kind == "arcs" else (column,):
                assert np.array_equal(getattr(search.pool, name)[search.pool._stretch(place)], getattr(fresh, name))
            histories.append(tuple(history))
        assert len(set(histories)) == len(histories)
        totals = search.totals[number, : search.sizes[number]]
        assert (np.diff(totals) <= 0).all()


def test_a_wide_beam_finds_the_best_of_all_analyses() -> None:
    given_ = [(0, "")] * 4
    states = start("entities", [given_])
    weights = np.random.default_rng(5).normal(size=(40, 3, n_moves(states))).astype("float32")
    search, trace = search_of(states, 500, weights)
    best, stack = (-np.inf, []), [[]]
    while stack:
        history = stack.pop()
        state = start("entities", [given_])
        total = 0.0
        for move in history:
            total += float(score(state, None, weights)[0, move])
            state.advance([move])
        if state.final[0]:
            best = max(best, (total, history))
            continue
        stack += [[*history, int(move)] for move in np.flatnonzero(state.valid()[0])]
    assert trace.history(int(search.edges[0, 0])) == best[1]
    assert search.totals[0, 0] == pytest.approx(best[0], abs=1e-4)


def test_density_leaves_out_what_is_improbable() -> None:
    states = start("entities", [[(0, "")] * 6])
    weights = 6 * np.random.default_rng(1).normal(size=(40, 3, n_moves(states))).astype("float32")
    wide, _ = search_of(states, 16, weights)
    dense, _ = search_of(states, 16, weights, density=0.5)
    assert dense.sizes[0] < wide.sizes[0]
    assert dense.totals[0, 0] == wide.totals[0, 0]


def test_scores_that_are_no_numbers_come_to_an_end() -> None:
    states = start("arcs", [[0] * 6])
    search, _ = search_of(states, 4, np.full((40, 3, n_moves(states)), np.nan, dtype="float32"))
    assert search.done.all()


def test_widths_and_densities_that_make_no_sense() -> None:
    states = start("arcs", [[0, 0]])
    with pytest.raises(InvalidValueError, match=r"A beam needs a width of at least 1, but got 0\."):
        Search(states, 0)
    with pytest.raises(InvalidValueError, match=r"a part of the best probability, 0 to 1; got 2"):
        Search(states, 2, 2.0)


def test_kernels_refuse_what_does_not_fit() -> None:
    totals, rows = np.zeros((1, 2), "float32"), np.zeros((1, 2), "int32")
    sizes, done, where = np.ones(1, "int32"), np.zeros(1, "uint8"), np.zeros((1, 2), "int32")
    scores, valid = np.zeros((1, 3), "float32"), np.ones((1, 3), "uint8")
    with pytest.raises(ValueError, match="do not fit each other"):
        step(totals, rows, sizes, done, scores, valid[:, :2].copy(), where, 0, 0.0)
    with pytest.raises(ValueError, match="Doc 0 has 3 candidates in a beam of 2"):
        step(totals, rows, sizes * 3, done, scores, valid, where, 0, 0.0)
    with pytest.raises(ValueError, match="There are no scores for candidate 0 of Doc 0"):
        step(totals, rows + 1, sizes, done, scores, valid, where, 0, 0.0)
    columns, flags = np.zeros((2, 4), "int32"), np.zeros(4, "uint8")
    outside = np.array([3], "int64"), np.array([0], "int64"), np.array([2], "int64")
    with pytest.raises(IndexError, match="Stretch 0 lies outside of the columns"):
        copy_stretches(columns, *outside)
    with pytest.raises(IndexError, match="Stretch 0 lies outside of the column"):
        copy_flags(flags, *outside)
    with pytest.raises(ValueError, match="Each stretch needs"):
        copy_stretches(columns, outside[0], outside[1], np.zeros(0, "int64"))
    with pytest.raises(ValueError, match="Each stretch needs"):
        copy_flags(flags, outside[0], outside[1], np.zeros(0, "int64"))
