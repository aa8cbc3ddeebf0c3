"""What moves cost, against trying everything, and the oracle's sequences against the trees they come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from parser_twin import ArcTwin, BiluoTwin, least_loss
from strategies import BILUO_ACTIONS, BILUO_LABELS, BILUO_TABLE, biluo_states, projective_trees, trees

from spanwright.tokens import Doc, Example
from spanwright.vocab import Vocab
from spanwright_parser._kernels.batch import arc_gold, biluo_gold
from spanwright_parser.transitions import ArcEager, Biluo
from spanwright_parser.transitions.gold import GoldBatch
from spanwright_parser.transitions.states import ArcStates
from spanwright_tokens.tokens.nonproj import deprojectivize, is_nonproj_tree, projectivize

MOVES = [(0, ""), (1, ""), (2, "a"), (3, "a"), (4, "ROOT")]
NO_LABELS = (np.array([0, 1, 2, 3, 4], dtype="int32"), np.array([0, 0, 1, 1, 2], dtype="int32"), -1)
VOCAB = Vocab()


def sentences(heads: list[int]) -> list[bool]:
    """Where sentences start: with the first token of each tree."""

    def root(token: int) -> int:
        return token if heads[token] == token else root(heads[token])

    return [i == 0 or root(i) != root(i - 1) for i in range(len(heads))]


def tree_gold(heads: list[int]) -> GoldBatch:
    n = len(heads)
    labels = np.array([2 if head == i else 1 for i, head in enumerate(heads)], dtype="int32")
    flags = np.array([2 * starts for starts in sentences(heads)], dtype="uint8")
    lengths = np.array([n], dtype="int32")
    return GoldBatch(arc_gold(np.array(heads, dtype="int32"), labels, flags, np.full(n, n, dtype="int32"), lengths))


def begin(n: int) -> ArcStates:
    return ArcStates.begin(np.array([n], dtype="int32"), np.zeros(n, dtype="int8"), NO_LABELS)


@settings(max_examples=25, deadline=None)
@given(projective_trees(max_size=3), st.integers(0, 2**32))
def test_moves_that_cost_nothing_lose_nothing(heads: list[int], seed: int) -> None:
    # Trying everything takes ten times as long for each word more.
    heads = heads[:5] if all(head < 5 for head in heads[:5]) else [0]
    rng = np.random.default_rng(seed)
    states, gold, twin = begin(len(heads)), tree_gold(heads), ArcTwin.begin([0] * len(heads))
    named = [(head, "a") for head in heads]
    memo: dict[Any, int] = {}
    while not twin.final:
        costs, valid = states.costs(gold)[0], states.valid()[0]
        base = least_loss(twin, MOVES, named, memo)
        assert base == 0
        for i, move in enumerate(MOVES):
            if not valid[i]:
                assert costs[i] == 9000
                continue
            after = twin.copy()
            after.advance(move)
            loss = least_loss(after, MOVES, named, memo) - base
            if costs[i] <= 0:
                assert loss == 0
            if move[0] == 2:
                # A left arc cannot be undone, so that its cost is exact.
                assert costs[i] == loss
        chosen = int(rng.choice(np.flatnonzero(costs <= 0)))
        states.advance([chosen])
        twin.advance(MOVES[chosen])
    assert states.heads.tolist() == [-1 if head == i else head for i, head in enumerate(heads)]


def by_definition(twin: ArcTwin, heads: list[int], move: tuple[int, str]) -> int:
    """The gold arcs that a move cuts off, counted one by one, by what may still be connected with what."""
    starts = sentences(heads)
    top, first = (twin.stack or [None])[-1], (twin.buffer or [None])[0]
    open_buffer = []
    for token in twin.buffer:
        if token in twin.starts:
            break
        open_buffer.append(token)
    below = twin.stack

    def arcs(ones: list[int], others: list[int]) -> int:
        return sum((heads[a] == b) + (heads[b] == a) for a in ones for b in others if a != b)

    can_break = twin.valid((4, "ROOT"))
    push = arcs([first], below) + (can_break and starts[twin.buffer[1]]) if first is not None else 0
    pop = arcs([top], open_buffer) if top is not None else 0
    headless = top is not None and twin.head(top) is None
    saved = arcs([top], below) if headless else 0
    if move[0] == 0:
        return push
    if move[0] == 1:
        return 0 if first in twin.starts else pop - saved
    if move[0] == 2:
        lost = saved if headless else int(len(below) > 1 and heads[top] == below[-2])
        return pop + lost - (heads[top] == first)
    if move[0] == 3:
        if heads[first] == top:
            return push - 1
        return push + (heads[first] != first and heads[first] in open_buffer and first not in twin.returned)
    lost = arcs(below, open_buffer) - arcs(below, [first])
    return lost + (not starts[twin.buffer[1]])


@settings(max_examples=150)
@given(projective_trees(max_size=5), st.integers(0, 2**32))
def test_costs_are_the_arcs_that_are_cut_off(heads: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    states, gold, twin = begin(len(heads)), tree_gold(heads), ArcTwin.begin([0] * len(heads))
    while not twin.final:
        costs, valid = states.costs(gold)[0], states.valid()[0]
        expected = [by_definition(twin, heads, move) if ok else 9000 for move, ok in zip(MOVES, valid, strict=True)]
        assert costs.tolist() == expected
        chosen = int(rng.choice(np.flatnonzero(valid)))
        states.advance([chosen])
        twin.advance(MOVES[chosen])


def biluo_tags(n: int, ents: list[tuple[int, int, str]]) -> list[tuple[int, str]]:
    found = [(5, "")] * n
    for start, end, label in ents:
        if end - start == 1:
            found[start] = (4, label)
        else:
            found[start:end] = [(1, label), *[(2, label)] * (end - start - 2), (3, label)]
    return found


@st.composite
def entity_sets(draw: Any, n: int = 6) -> list[tuple[int, int, str]]:
    ents, at = [], 0
    while at < n:
        at += draw(st.integers(0, 2))
        end = at + draw(st.integers(1, 3))
        if end > n:
            break
        ents.append((at, end, draw(st.sampled_from(["X", "Y"]))))
        at = end
    return ents


def fewest_errors(twin: BiluoTwin, moves: list[tuple[int, str]], gold: set[Any], memo: dict[Any, int]) -> int:
    """By trying everything: entities missed or made up, from here on."""
    key = (twin.at, twin.open, tuple(twin.ents))
    if key not in memo:
        if twin.final:
            memo[key] = len(gold ^ set(twin.ents))
        else:
            after = []
            for move in moves:
                if twin.valid(move):
                    other = twin.copy()
                    other.advance(move)
                    after.append(fewest_errors(other, moves, gold, memo))
            memo[key] = min(after)
    return memo[key]


MOVES_BILUO = list(zip(BILUO_ACTIONS.tolist(), [BILUO_TABLE[i] for i in BILUO_LABELS], strict=True))


@settings(max_examples=40, deadline=None)
@given(entity_sets(n=5), st.integers(0, 2**32))
def test_entity_moves_that_cost_nothing_are_those_that_lose_nothing(ents: list[Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 5
    case = ([(0, "")] * n, [0] * n, [False] * n)
    states, twin = biluo_states([case]), BiluoTwin(*case)
    tags = biluo_tags(n, ents)
    gold = GoldBatch(
        biluo_gold(
            np.array([action for action, _ in tags], dtype="int32"),
            np.array([BILUO_TABLE.index(label) for _, label in tags], dtype="int32"),
            np.zeros(n + 1, dtype="int32"), np.zeros((0, 2), dtype="int32"),
        )
    )  # fmt: skip
    memo: dict[Any, int] = {}
    while not twin.final:
        costs = states.costs(gold)[0]
        best = fewest_errors(twin, MOVES_BILUO, set(ents), memo)
        assert best == 0
        for move, cost in zip(MOVES_BILUO, costs, strict=True):
            if not twin.valid(move):
                assert cost == 9000
                continue
            after = twin.copy()
            after.advance(move)
            assert (cost <= 0) == (fewest_errors(after, MOVES_BILUO, set(ents), memo) == 0)
        chosen = int(rng.choice(np.flatnonzero(costs <= 0)))
        states.advance([chosen])
        twin.advance(MOVES_BILUO[chosen])
    assert set(twin.ents) == set(ents)


# Oracles


def parsed_doc(heads: list[int], deps: list[str]) -> Doc:
    return Doc(VOCAB, words=[f"w{i}" for i in range(len(heads))], heads=heads, deps=deps)


def bare(doc: Doc) -> Doc:
    return Doc(doc.vocab, words=[token.text for token in doc], spaces=[bool(token.whitespace_) for token in doc])


@settings(max_examples=100)
@given(projective_trees())
def test_the_oracle_rebuilds_every_projective_tree(heads: list[int]) -> None:
    deps = ["ROOT" if head == i else f"d{(i - head) % 3}" for i, head in enumerate(heads)]
    example = Example(bare(doc := parsed_doc(heads, deps)), doc)
    system = ArcEager(VOCAB.strings)
    system.initialize_actions(system.get_actions(examples=[example]))
    states = system.start([example.predicted])
    states.replay(system.oracle([example]))
    assert states.final.all()
    system.set_annotations([example.predicted], states)
    assert [token.head.i for token in example.predicted] == heads
    assert [token.dep_ for token in example.predicted] == deps
    assert [token.is_sent_start for token in example.predicted] == [token.is_sent_start for token in doc]


def can_come_back(heads: list[int], lifted: list[int]) -> bool:
    """Whether labels tell where lifted arcs came from.

    They do if the way down from the present head to the former one leads over words that were not lifted themselves:
    those have other labels, and may be elsewhere.
    """
    for token, head in enumerate(heads):
        if lifted[token] == head:
            continue
        at = head
        while at != lifted[token]:
            if lifted[at] != heads[at] or lifted[at] == at:
                return False
            at = lifted[at]
    return True


@settings(max_examples=100)
@given(trees())
def test_a_tree_with_crossing_arcs_is_rebuilt_lifted(heads: list[int]) -> None:
    # Labels tell each word's head apart, so that a lifted arc finds its way back.
    deps = ["ROOT" if head == i else f"d{i}" for i, head in enumerate(heads)]
    lifted, _ = projectivize(heads, deps)
    assert not is_nonproj_tree(lifted)
    example = Example(bare(doc := parsed_doc(heads, deps)), doc)
    system = ArcEager(VOCAB.strings)
    system.initialize_actions(system.get_actions(examples=[example]))
    states = system.start([example.predicted])
    states.replay(system.oracle([example]))
    own = [-1 if head == i else head for i, head in enumerate(lifted)]
    assert states.heads.tolist() == own
    system.set_annotations([example.predicted], states)
    if can_come_back(heads, lifted):
        assert [token.head.i for token in example.predicted] == heads
        assert [token.dep_ for token in example.predicted] == deps


@settings(max_examples=100)
@given(trees())
def test_lifting_and_bringing_back_are_inverse(heads: list[int]) -> None:
    deps = ["ROOT" if head == i else f"d{i}" for i, head in enumerate(heads)]
    lifted, decorated = projectivize(heads, deps)
    doc = Doc(VOCAB, words=["w"] * len(heads), heads=lifted, deps=decorated)
    deprojectivize(doc)
    assume(can_come_back(heads, lifted))
    assert [token.head.i for token in doc] == heads
    assert [token.dep_ for token in doc] == deps


@settings(max_examples=100)
@given(entity_sets(n=8))
def test_the_oracle_rebuilds_every_set_of_entities(ents: list[tuple[int, int, str]]) -> None:
    doc = Doc(VOCAB, words=[f"w{i}" for i in range(8)])
    doc.set_ents([doc.char_span(doc[s].idx, doc[e - 1].idx + len(doc[e - 1]), label=label) for s, e, label in ents])
    example = Example(bare(doc), doc)
    system = Biluo(VOCAB.strings)
    system.initialize_actions(system.get_actions(examples=[example], entity_types=["X", "Y"]))
    states = system.start([example.predicted])
    states.replay(system.oracle([example]))
    assert states.final.all()
    assert system.entities(states) == [ents]
    system.set_annotations([example.predicted], states)
    assert [(ent.start, ent.end, ent.label_) for ent in example.predicted.ents] == ents
    assert [token.ent_iob_ for token in example.predicted] == [token.ent_iob_ for token in doc]


# The loss


@given(st.integers(0, 2**32))
def test_the_gradient_of_the_loss(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heads = [1, 1, 1, 4, 4]
    states, gold = begin(5), tree_gold(heads)
    states.advance([0])
    scores = rng.standard_normal((1, 5)).astype("float32")
    costs = states.costs(gold)[0]
    found, seen, impossible = states.gradient(gold, scores)
    is_gold = costs <= costs.min()
    exp = np.exp(scores[0].astype("float64") - scores.max())
    expected = exp / exp.sum() - np.where(is_gold, exp / exp[is_gold].sum(), 0)
    assert found[0] == pytest.approx(expected, abs=1e-6)
    assert seen.tolist() == (costs <= 0).tolist()
    assert impossible == 0
