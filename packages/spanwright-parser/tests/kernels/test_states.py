"""States in columns against states as objects, and against arrays that are no states."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parser_twin import ARC_MOVES, BILUO_MOVES, ArcTwin, BiluoTwin
from strategies import (
    ARC_ACTIONS,
    ARC_LABELS,
    BILUO_ACTIONS,
    BILUO_LABELS,
    arc_states,
    biluo_states,
    flag_lists,
    givens,
    mended,
    presets,
)

from spanwright.errors import InvalidValueError
from spanwright_parser._kernels import batch as batch_module
from spanwright_parser._kernels.batch import arc_batch, arc_gold, biluo_batch, biluo_gold
from spanwright_parser.transitions.gold import GoldBatch
from spanwright_parser.transitions.states import ArcStates, BiluoStates, States


def walk(states: States, twins: list[Any], moves: list[tuple[int, str]], features: tuple[int, ...], seed: int) -> int:
    """Random valid moves to the end, compared at each step; returns the number of steps."""
    rng = np.random.default_rng(seed)
    rows_before = states.cursors[:, 1]
    steps = 0
    while len(states.active):
        rows = states.active
        assert rows.tolist() == [i for i, twin in enumerate(twins) if not twin.final]
        expected = np.array([[twins[row].valid(move) for move in moves] for row in rows])
        valid = states.valid(rows)
        assert (valid == expected).all()
        for n in features:
            wanted = [[t if t < 0 else t + rows_before[row] for t in twins[row].features(n)] for row in rows]
            assert states.features(n, rows).tolist() == wanted
        if not valid.any(axis=1).all():
            return steps
        chosen = [int(rng.choice(np.flatnonzero(row))) for row in valid]
        states.advance(chosen, rows)
        for row, move in zip(rows, chosen, strict=True):
            twins[row].advance(moves[move])
        steps += 1
    assert all(twin.final for twin in twins)
    return steps


@given(st.lists(presets, min_size=1, max_size=4), st.integers(0, 2**32))
def test_parsers_walk_like_the_twin(docs: list[list[int]], seed: int) -> None:
    states = arc_states(docs)
    twins = [ArcTwin.begin(preset) for preset in docs]
    # Every word is shifted and reduced, may go back once for each arc to its left, and have one break.
    assert walk(states, twins, ARC_MOVES, (8, 13), seed) <= 6 * max(map(len, docs)) + 6
    for i, twin in enumerate(twins):
        part = states._stretch(i)
        assert states.heads[part].tolist() == [
            -1 if twin.head(c) is None else twin.head(c) for c in range(len(docs[i]))
        ]


@given(st.lists(presets, min_size=1, max_size=4), st.integers(0, 2**32))
def test_whatever_a_parser_does_gives_projective_trees(docs: list[list[int]], seed: int) -> None:
    states = arc_states(docs)
    walk(states, [ArcTwin.begin(preset) for preset in docs], ARC_MOVES, (), seed)
    for i in range(states.n):
        heads = states.heads[states._stretch(i)].tolist()
        for child, head in enumerate(heads):
            above, steps = child, 0
            while heads[above] >= 0:
                above, steps = heads[above], steps + 1
                assert steps <= len(heads)
            if head < 0:
                continue
            for between in range(min(child, head) + 1, max(child, head)):
                while between not in (child, head) and heads[between] >= 0:
                    between = heads[between]
                # What lies below an arc hangs below it, or was left without a head.
                assert between in (child, head) or heads[between] < 0


@given(st.lists(st.tuples(givens, flag_lists, flag_lists), min_size=1, max_size=4), st.integers(0, 2**32))
def test_recognisers_walk_like_the_twin(docs: list[Any], seed: int) -> None:
    cases = []
    for entities, starts, space in docs:
        entities = mended(entities)
        cases.append((entities, [int(s) for s in starts[: len(entities)]], space[: len(entities)]))
    states = biluo_states(cases)
    twins = [BiluoTwin(*case) for case in cases]
    assert walk(states, twins, BILUO_MOVES, (3, 6), seed) <= max(len(case[0]) for case in cases)


@given(st.lists(st.tuples(flag_lists, flag_lists), min_size=1, max_size=4), st.integers(0, 2**32))
def test_whatever_a_recogniser_does_gives_entities(docs: list[Any], seed: int) -> None:
    cases = [([(0, "")] * 12, [int(s) for s in starts], space) for starts, space in docs]
    states, twins = biluo_states(cases), [BiluoTwin(*case) for case in cases]
    walk(states, twins, BILUO_MOVES, (), seed)
    for twin in twins:
        assert twin.open is None
        covered = [i for start, end, _ in twin.ents for i in range(start, end)]
        assert covered == sorted(set(covered))
        for start, end, _ in twin.ents:
            assert not twin.space[start] and not any(twin.starts[start + 1 : end])


@given(st.lists(presets, min_size=1, max_size=3), st.integers(0, 2**32))
def test_following_scores_is_the_first_best_valid_move(docs: list[list[int]], seed: int) -> None:
    states, twins = arc_states(docs), [ArcTwin.begin(preset) for preset in docs]
    rng = np.random.default_rng(seed)
    while len(states.active):
        rows = states.active
        scores = rng.integers(0, 3, (len(rows), len(ARC_MOVES))).astype("float32")
        expected = []
        for row, score in zip(rows, scores, strict=True):
            valid = [i for i, move in enumerate(ARC_MOVES) if twins[row].valid(move)]
            expected.append(max(valid, key=lambda i: score[i]))
            twins[row].advance(ARC_MOVES[expected[-1]])
        assert states.follow(scores, rows).tolist() == expected


def test_copies_go_their_own_way() -> None:
    states = arc_states([[0, 0, 0], [0, 0]])
    states.advance([0, 0])
    copies = states.take([1, 0, 0])
    copies.advance([0], [1])
    assert [copies.stack(i).tolist() for i in range(3)] == [[0], [0, 1], [0]]
    assert [states.stack(i).tolist() for i in range(2)] == [[0], [0]]
    assert copies.features(8)[:, 0].tolist() == [4, 2, 1]
    together = copies.join([states])
    assert [together.buffer(i).tolist() for i in range(5)] == [[1], [2], [1, 2], [1, 2], [1]]
    assert together.features(8).tolist() == [*copies.features(8).tolist(), *states.features(8).tolist()]


def test_moves_that_are_not_possible_are_refused_and_nothing_is_done() -> None:
    states = arc_states([[0, 0, 0], [0, 0]])
    with pytest.raises(InvalidValueError, match=r"Move 1 is not possible in state 1\."):
        states.advance([0, 1])
    assert states.stack(0).tolist() == []
    for bad in (-1, len(ARC_MOVES)):
        with pytest.raises(InvalidValueError, match="is not possible"):
            states.advance([bad, 0])
    with pytest.raises(InvalidValueError, match="is not possible after the moves before it"):
        states.replay([np.array([0, 1, 1]), np.array([0])])
    with pytest.raises(ValueError, match="must be a move for each of 2 states, but there are 1"):
        states.advance([0])
    with pytest.raises(IndexError, match="no state 2 in a batch of 2"):
        states.valid([2])
    with pytest.raises(ValueError, match="but not of 7"):
        states.features(7)
    with pytest.raises(ValueError, match=r"must have the shape \(2, 11\)"):
        states.follow(np.zeros((2, 3)))
    with pytest.raises(InvalidValueError, match="There are 2 states, but"):
        states.take([5])


def test_a_state_that_is_given_twice_makes_no_move_that_is_not_possible() -> None:
    states = arc_states([[0]])
    with pytest.raises(InvalidValueError, match=r"Move 0 is not possible in state 0\."):
        states.advance([0, 0], [0, 0])
    assert states.stack(0).tolist() == [0]
    entities = biluo_states([([(0, "")], [0], [False])])
    out = BILUO_MOVES.index((5, ""))
    with pytest.raises(InvalidValueError, match="is not possible in state 0"):
        entities.advance([out, out], [0, 0])
    assert entities.taken.tolist() == [out]


def test_gold_trees_of_docs_of_other_lengths_are_refused() -> None:
    heads, zeros = np.array([0, 4, 4, 4, 4, 4], dtype="int32"), np.zeros(6, dtype="int32")
    flags, ends = np.zeros(6, dtype="uint8"), np.full(6, 9, dtype="int32")
    gold = GoldBatch(arc_gold(heads, zeros, flags, ends, np.array([1, 5], dtype="int32")))
    assert arc_states([[0], [0] * 5]).costs(gold).shape == (2, len(ARC_MOVES))
    states = arc_states([[0] * 5, [0]])
    for ask in (states.costs, states.oracle, lambda gold: states.gradient(gold, np.zeros((2, len(ARC_MOVES))))):
        with pytest.raises(ValueError, match=r"gold annotation is of other Docs than that of state 0\."):
            ask(gold)


def test_states_are_finished_as_they_are() -> None:
    states = arc_states([[0, 0, 0]])
    states.advance([0])
    states.finish()
    assert states.final.tolist() == [True] and not states.valid().any()
    entities = biluo_states([([(0, "")] * 3, [0] * 3, [False] * 3)])
    entities.advance([0])
    entities.finish()
    assert entities.final.tolist() == [True]


def test_without_any_move_states_come_to_their_ends() -> None:
    none = np.zeros(0, dtype="int32")
    states = ArcStates.begin(np.array([2], dtype="int32"), np.zeros(2, dtype="int8"), (none, none, -1))
    assert states.valid().shape == (1, 0)
    only_last = biluo_states([([(0, "")] * 2, [0] * 2, [False] * 2)])
    batch = only_last.batch.arrays
    stuck = BiluoStates(
        biluo_batch(
            only_last.cursors, only_last.taken, batch["iob"], batch["types"], batch["starts"], batch["space"],
            np.array([3], dtype="int32"), np.array([1], dtype="int32"),
        )
    )  # fmt: skip
    assert stuck.follow(np.zeros((1, 1))).tolist() == [-1]
    assert stuck.final.tolist() == [True]


# Arrays from elsewhere

small = st.integers(-3, 5)


@settings(max_examples=300)
@given(
    st.lists(st.lists(small, min_size=6, max_size=6), min_size=1, max_size=3),
    st.lists(st.lists(small, min_size=6, max_size=6), min_size=6, max_size=6),
    st.integers(0, 2**32),
)
def test_arbitrary_arrays_are_states_or_an_error(cursors: list[list[int]], columns: list[list[int]], seed: int) -> None:
    try:
        batch = arc_batch(
            np.array(cursors, dtype="int32"), np.array(columns, dtype="int32"), np.zeros(6, dtype="uint8"),
            np.zeros(6, dtype="int8"), ARC_ACTIONS, ARC_LABELS, -1,
        )  # fmt: skip
    except ValueError as error:
        assert str(error)
    else:
        run_to_the_end(ArcStates(batch), (8, 13), seed)


@settings(max_examples=300)
@given(
    st.lists(st.lists(small, min_size=6, max_size=6), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
    st.integers(0, 2**32),
)
def test_arbitrary_entity_arrays_are_states_or_an_error(cursors: list[list[int]], iob: list[int], seed: int) -> None:
    try:
        batch = biluo_batch(
            np.array(cursors, dtype="int32"), np.zeros(6, dtype="int32"), np.array(iob, dtype="uint8"),
            np.ones(6, dtype="int32"), np.zeros(6, dtype="int8"), np.zeros(6, dtype="uint8"), BILUO_ACTIONS,
            BILUO_LABELS,
        )  # fmt: skip
    except ValueError as error:
        assert str(error)
    else:
        run_to_the_end(BiluoStates(batch), (3, 6), seed)


def run_to_the_end(states: States, features: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    gold = some_gold(states, rng)
    for _ in range(100):
        rows = states.active
        if not len(rows):
            break
        for n in features:
            assert states.features(n, rows).max(initial=-1) < states.n_tokens
        try:
            assert not np.isnan(states.costs(gold, rows)).any()
            states.gradient(gold, np.zeros((len(rows), states.batch.n_moves)), rows)
        except ValueError as error:
            assert "gold annotation is of other Docs" in str(error)
        states.follow(rng.random((len(rows), states.batch.n_moves)), rows)


def some_gold(states: States, rng: Any) -> GoldBatch:
    """Gold annotation of six tokens in Docs of some lengths."""
    if not states.batch.is_arc:
        wrong_at = np.sort(rng.integers(0, 4, 7)).astype("int32")
        wrong = rng.integers(-2, 9, (3, 2)).astype("int32")
        return GoldBatch(biluo_gold(*rng.integers(-2, 9, (2, 6)).astype("int32"), wrong_at, wrong))
    ends = np.unique([*rng.integers(0, 6, int(rng.integers(3))), 6])
    lengths = np.diff(ends, prepend=0).astype("int32")
    heads = np.concatenate([rng.integers(0, n, n) for n in lengths]).astype("int32")
    others = rng.integers(-2, 9, (2, 6)).astype("int32")
    return GoldBatch(arc_gold(heads, others[0], rng.integers(0, 8, 6).astype("uint8"), others[1], lengths))


def test_columns_that_lead_astray_are_named() -> None:
    def batch(cursor: list[int], **changes: Any) -> Any:
        columns = np.full((6, 3), -1, dtype="int32")
        columns[0], columns[2] = [0, 1, 2], 0
        for name, values in changes.items():
            columns[["pile", "head", "label", "left", "right", "sibling"].index(name)] = values
        return arc_batch(
            np.array([cursor], dtype="int32"), columns, np.zeros(3, dtype="uint8"), np.zeros(3, dtype="int8"),
            ARC_ACTIONS, ARC_LABELS, -1,
        )  # fmt: skip

    assert batch([3, 0, 0, 2, 0, 2]).n_states == 1
    for cursor, changes, message in (
        ([4, 0, 0, 0, 0, 0], {}, "lies outside of its columns"),
        ([3, 0, 0, 2, 0, 1], {}, "do not fit a Doc of 3 tokens"),
        ([3, 0, 0, 2, 0, 2], {"pile": [1, 0, 2]}, "do not rise"),
        ([3, 0, 0, 2, 0, 2], {"head": [5, 0, 0]}, "a head lies outside"),
        ([3, 0, 0, 2, 0, 2], {"left": [1, 0, 0]}, "on the wrong side"),
        ([3, 0, 0, 2, 0, 2], {"sibling": [0, -1, -1]}, "a sibling lies outside"),
    ):
        with pytest.raises(ValueError, match=message):
            batch(cursor, **changes)


def test_the_kernels_under_test_are_those_that_were_asked_for() -> None:
    # `make sanitize` compiles them anew, and must not test others.
    wanted = os.environ.get("SPANWRIGHT_EXPECT_KERNELS", "")
    assert batch_module.__file__.startswith(wanted)
