"""Random Docs, presets and trees for property tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from parser_twin import ARC_MOVES, BILUO_MOVES

from spanwright_parser.transitions.states import ArcStates, BiluoStates


def numbered(moves: list[tuple[int, str]]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Actions, label numbers, and the table of labels with the empty one first."""
    table = sorted({label for _, label in moves} | {""})
    actions = np.array([action for action, _ in moves], dtype="int32")
    return actions, np.array([table.index(label) for _, label in moves], dtype="int32"), table


ARC_ACTIONS, ARC_LABELS, ARC_TABLE = numbered(ARC_MOVES)
BILUO_ACTIONS, BILUO_LABELS, BILUO_TABLE = numbered(BILUO_MOVES)

presets = st.lists(st.sampled_from([0, 0, 0, 0, 1, -1]), max_size=12)
flag_lists = st.lists(st.booleans(), min_size=12, max_size=12)
# Per token what a Doc may say of entities: (iob, label).
givens = st.lists(
    st.sampled_from([(0, ""), (0, ""), (2, ""), (3, "X"), (1, "X"), (3, "Y"), (1, "Y"), (3, "")]), max_size=12
)


def mended(given: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """As a Doc has it: an I follows a token of the same entity."""
    found: list[tuple[int, str]] = []
    for iob, label in given:
        before = found[-1] if found else (0, "")
        follows = before[0] in (1, 3) and before[1] == label
        found.append((3, label) if iob == 1 and not follows else (iob, label))
    return found


def arc_states(preset_lists: list[list[int]]) -> ArcStates:
    """States of random Docs."""
    lengths = np.array([len(preset) for preset in preset_lists], dtype="int32")
    preset = np.array([value for preset in preset_lists for value in preset], dtype="int8")
    return ArcStates.begin(lengths, preset, (ARC_ACTIONS, ARC_LABELS, ARC_TABLE.index("subtok")))


def biluo_states(docs: list[tuple[list[tuple[int, str]], list[int], list[bool]]]) -> BiluoStates:
    """States of random Docs: what they say of entities, sentence starts, spaces."""
    lengths = np.array([len(given) for given, _, _ in docs], dtype="int32")

    def column(values: Callable[[Any], list[Any]], dtype: str) -> np.ndarray:
        return np.array([value for doc in docs for value in values(doc)], dtype=dtype)

    given = (
        column(lambda doc: [iob for iob, _ in doc[0]], "uint8"),
        column(lambda doc: [BILUO_TABLE.index(label) for _, label in doc[0]], "int32"),
        column(lambda doc: doc[1], "int8"),
        column(lambda doc: doc[2], "uint8"),
    )
    return BiluoStates.begin(lengths, given, (BILUO_ACTIONS, BILUO_LABELS))


@st.composite
def trees(draw: Any, max_size: int = 8) -> list[int]:
    """Heads of a random forest; a root is its own head. Arcs may cross."""
    n = draw(st.integers(1, max_size))
    order = draw(st.permutations(range(n)))
    heads = [0] * n
    for i, token in enumerate(order):
        heads[token] = token if i == 0 else order[draw(st.integers(0, i))]
    return heads


@st.composite
def projective_trees(draw: Any, max_size: int = 8) -> list[int]:
    """Heads of random trees without crossing arcs, one after another."""
    heads: list[int] = []
    for _ in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, max_size))
        start = len(heads)
        heads += [0] * size
        _fill(draw, heads, start, start + size, None)
    return heads


def _fill(draw: Any, heads: list[int], start: int, stop: int, parent: int | None) -> None:
    # A root for the stretch; on each side of it the subtrees hang on it.
    if start >= stop:
        return
    root = draw(st.integers(start, stop - 1))
    heads[root] = root if parent is None else parent
    for low, high in ((start, root), (root + 1, stop)):
        at = low
        while at < high:
            end = draw(st.integers(at + 1, high))
            _fill(draw, heads, at, end, root)
            at = end
