"""The compiled greedy loop against its twin, by whatever vector unit and number of threads."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parser_twin import ARC_MOVES, BILUO_MOVES, ArcTwin, BiluoTwin, greedy
from strategies import arc_states, biluo_states, presets

from spanwright_parser._kernels.batch import lanes, pack
from spanwright_parser.transitions import PackedWeights
from spanwright_parser.transitions import parse as parse_docs

WIDTHS = [width for width in (4, 8, 16) if width <= lanes()]


def parse(states: Any, vectors: Any, weights: Any, n_threads: int = 1) -> None:
    """As the tested function does, of one matrix for all Docs."""
    parse_docs(states, np.split(vectors, np.cumsum(states.lengths)[:-1]), weights, n_threads)


def weights_of(
    rng: Any, n_features: int, n_moves: int, *, upper: bool, pieces: int = 2, n_in: int = 5, project: bool = False
) -> dict[str, Any]:
    """project: a linear layer comes first, which makes n_in of the 5 given numbers of a token."""
    hidden = 7 if upper else n_moves
    found = {
        "lower": rng.standard_normal((n_features, hidden, pieces, n_in)).astype("float32"),
        "bias": rng.standard_normal((hidden, pieces)).astype("float32"),
        "pad": rng.standard_normal((1, n_features, hidden, pieces)).astype("float32"),
        "upper": None,
        "upper_bias": None,
    }
    if upper:
        found["upper"] = rng.standard_normal((n_moves, hidden)).astype("float32")
        found["upper_bias"] = rng.standard_normal(n_moves).astype("float32")
    if project:
        found["project"] = rng.standard_normal((n_in, 5)).astype("float32")
        found["project_bias"] = rng.standard_normal(n_in).astype("float32")
    return found


@settings(max_examples=60)
@given(
    st.lists(presets, min_size=1, max_size=12), st.sampled_from([8, 13]), st.booleans(), st.integers(1, 3),
    st.sampled_from([0, 1, 4, 17]), st.integers(0, 2**32),
)  # fmt: skip
def test_parsing_is_the_twins(
    docs: list[list[int]], n_features: int, upper: bool, pieces: int, projected: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    weights = weights_of(
        rng, n_features, len(ARC_MOVES), upper=upper, pieces=pieces, n_in=projected or 5, project=projected > 0
    )
    vectors = rng.standard_normal((sum(map(len, docs)), 5)).astype("float32")
    twins = [ArcTwin.begin(preset) for preset in docs]
    greedy(twins, ARC_MOVES, vectors, weights)
    expected = [
        -1 if t.head(c) is None else t.head(c)
        for t, preset in zip(twins, docs, strict=True)
        for c in range(len(preset))
    ]
    for width in WIDTHS:
        states = arc_states(docs)
        parse(states, vectors, pack(**weights, unseen=(), width=width))
        assert states.final.all()
        assert states.heads.tolist() == expected


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=12), st.sampled_from([3, 6]), st.booleans(), st.integers(0, 2**32)
)
def test_recognising_is_the_twins(lengths: list[int], n_features: int, upper: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = weights_of(rng, n_features, len(BILUO_MOVES), upper=upper)
    vectors = rng.standard_normal((sum(lengths), 5)).astype("float32")
    docs = []
    for n in lengths:
        entities = [(0, "") if rng.random() < 0.8 else (2, "") if rng.random() < 0.5 else (3, "X") for _ in range(n)]
        docs.append((entities, (rng.random(n) < 0.2).astype(int).tolist(), (rng.random(n) < 0.1).tolist()))
    moves = greedy([BiluoTwin(*doc) for doc in docs], BILUO_MOVES, vectors, weights)
    for width in WIDTHS:
        states = biluo_states(docs)
        parse(states, vectors, pack(**weights, unseen=(), width=width))
        assert states.taken.tolist() == [move for made in moves for move in made]


@pytest.mark.parametrize("n_threads", [2, 3, 50])
def test_threads_change_nothing(n_threads: int) -> None:
    rng = np.random.default_rng(n_threads)
    docs = [[0] * int(n) for n in rng.integers(0, 60, 40)]
    weights = weights_of(rng, 8, len(ARC_MOVES), upper=True, project=True)
    vectors = rng.standard_normal((sum(map(len, docs)), 5)).astype("float32")
    one, several = arc_states(docs), arc_states(docs)
    packed = PackedWeights().get(**weights)
    parse(one, vectors, packed)
    parse(several, vectors, packed, n_threads)
    assert one.batch.arrays["columns"].tolist() == several.batch.arrays["columns"].tolist()


def test_one_by_one_or_in_a_batch_gives_the_same() -> None:
    rng = np.random.default_rng(0)
    docs = [[0] * int(n) for n in rng.integers(1, 200, 12)]
    weights = PackedWeights().get(**weights_of(rng, 13, len(ARC_MOVES), upper=True, n_in=9, project=True))
    vectors = rng.standard_normal((sum(map(len, docs)), 5)).astype("float32")
    together = arc_states(docs)
    parse(together, vectors, weights)
    found, row = [], 0
    for doc in docs:
        alone = arc_states([doc])
        parse(alone, vectors[row : row + len(doc)], weights)
        found += alone.heads.tolist()
        row += len(doc)
    assert together.heads.tolist() == found


@pytest.mark.parametrize("project", [False, True])
@pytest.mark.parametrize("bias", [-30.0, 30.0])
def test_words_far_behind_are_computed_again(bias: float, project: bool) -> None:
    # With many shifts in a row, the stack reaches further back than the window of tokens that is kept.
    rng = np.random.default_rng(1)
    docs = [[-1] * 700, [-1] * 333, [-1] * 130]
    weights = weights_of(rng, 13, len(ARC_MOVES), upper=True, project=project)
    weights["upper_bias"][0] += 4
    weights["upper_bias"][1] += bias / 10
    vectors = rng.standard_normal((sum(map(len, docs)), 5)).astype("float32")
    twins = [ArcTwin.begin(preset) for preset in docs]
    greedy(twins, ARC_MOVES, vectors, weights)
    states = arc_states(docs)
    parse(states, vectors, PackedWeights().get(**weights))
    heads = [{child: head for head, child, _ in twin.arcs} for twin in twins]
    expected = [heads[i].get(c, -1) for i in range(3) for c in range(len(docs[i]))]
    assert states.heads.tolist() == expected


def test_moves_that_were_never_seen_are_the_last_choice() -> None:
    rng = np.random.default_rng(2)
    weights = weights_of(rng, 3, len(BILUO_MOVES), upper=True)
    out = BILUO_MOVES.index((5, ""))
    free = [([(0, "")] * 20, [0] * 20, [False] * 20)]
    vectors = rng.standard_normal((20, 5)).astype("float32")
    states = biluo_states(free)
    parse(states, vectors, PackedWeights().get(**weights, unseen=set(range(len(BILUO_MOVES))) - {out}))
    assert states.taken.tolist() == [out] * 20
    # Where nothing else is possible, they are made.
    states = biluo_states([([(3, "X")] * 4, [0] * 4, [False] * 4)])
    unit = BILUO_MOVES.index((4, "X"))
    parse(states, vectors[:4], PackedWeights().get(**weights, unseen=[unit]))
    assert states.taken.tolist() == [unit] * 4


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38])
def test_scores_that_are_no_numbers_come_to_an_end(value: float) -> None:
    rng = np.random.default_rng(3)
    weights = weights_of(rng, 8, len(ARC_MOVES), upper=True)
    weights["upper"][:] = value
    states = arc_states([[0] * 30, [0] * 5])
    parse(states, rng.standard_normal((35, 5)).astype("float32"), PackedWeights().get(**weights))
    assert states.final.all()


def test_weights_are_packed_again_only_when_they_changed() -> None:
    weights = weights_of(np.random.default_rng(4), 8, len(ARC_MOVES), upper=True)
    packed = PackedWeights()
    first = packed.get(**weights)
    assert packed.get(**{name: array.copy() for name, array in weights.items()}) is first
    weights["upper"][0, 0] += 1
    second = packed.get(**weights)
    assert second is not first
    assert packed.get(**weights, unseen=[3]) is not second
    projecting = {"project": np.zeros((5, 2), dtype="float32"), "project_bias": np.zeros(5, dtype="float32")}
    third = packed.get(**weights, **projecting)
    assert third is not second
    assert packed.get(**weights, **projecting) is third


def test_threads_that_ask_for_different_weights_each_get_their_own() -> None:
    rng, packed = np.random.default_rng(6), PackedWeights()
    models = [(n_moves, weights_of(rng, 8, n_moves, upper=True)) for n_moves in (5, 9)]

    def ask(number: int) -> list[int]:
        n_moves, weights = models[number % 2]
        return [packed.get(**weights).n_moves - n_moves for _ in range(300)]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            wrong = [difference for differences in threads.map(ask, range(4)) for difference in differences]
    finally:
        sys.setswitchinterval(before)
    assert not any(wrong)


def test_weights_that_do_not_fit_are_refused() -> None:
    weights = weights_of(np.random.default_rng(5), 8, len(ARC_MOVES), upper=True)
    states = arc_states([[0, 0]])
    vectors = np.zeros((2, 5), dtype="float32")
    for changed, message in (
        ({"bias": weights["bias"].T}, "shapes do not fit"),
        ({"upper": weights["upper"][:, 1:]}, "upper layer's shapes do not fit"),
        ({"lower": weights["lower"][:7], "pad": weights["pad"][:, :7]}, "but not of 7"),
    ):
        with pytest.raises(ValueError, match=message):
            PackedWeights().get(**{**weights, **changed})
    fewer = {**weights, "upper": weights["upper"][1:], "upper_bias": weights["upper_bias"][1:]}
    with pytest.raises(ValueError, match="scores 10 moves, but the system has 11"):
        parse(states, vectors, PackedWeights().get(**fewer))
    with pytest.raises(ValueError, match=r"must have the shape \(2, 5\)"):
        parse(states, vectors[:, 1:], PackedWeights().get(**weights))
    with pytest.raises(ValueError, match="first layer's shapes do not fit"):
        PackedWeights().get(**weights, project=np.zeros((4, 3)), project_bias=np.zeros(4))
    packed = PackedWeights().get(**weights)
    with pytest.raises(ValueError, match="for each of 1 states, but found 2"):
        states.batch.greedy(packed, [vectors, vectors], 0, 1)
    with pytest.raises(ValueError, match="must be float32"):
        states.batch.greedy(packed, [vectors.astype("float64")], 0, 1)
    with pytest.raises(ValueError, match=r"must have the shape \(2, 5\), but found \(1, 5\)"):
        states.batch.greedy(packed, [vectors[:1]], 0, 1)
    with pytest.raises(ValueError, match="vectors of"):
        pack(**weights, unseen=(), width=32)
