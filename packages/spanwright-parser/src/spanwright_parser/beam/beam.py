"""What a beam search found for a Doc, and what its candidates say together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.errors import InvalidTypeError, InvalidValueError

from ..layers.scores import on_cpu
from .search import Search, Trace

if TYPE_CHECKING:
    from spanwright.tokens import Doc

    from ..layers.steps import Steps
    from ..transitions import TransitionSystem

BEGIN, LAST, UNIT = 1, 3, 4


class Beam:
    """The candidates for one Doc, from best to worst.

    system: the transition system; doc: the number of the Doc in the search.
    """

    def __init__(self, system: TransitionSystem, search: Search, trace: Trace, doc: int) -> None:
        self.system, self.search, self.trace, self.doc = system, search, trace, doc

    def __len__(self) -> int:
        return self.size

    @property
    def size(self) -> int:
        """Number of candidates."""
        return int(self.search.sizes[self.doc])

    @property
    def width(self) -> int:
        """The most candidates that there may be."""
        return self.search.width

    @property
    def is_done(self) -> bool:
        """Whether all candidates are at their ends."""
        return bool(self.search.done[self.doc])

    @property
    def states(self) -> np.ndarray:
        """The candidates' states, as rows of the search's pool."""
        return self.search.where[self.doc, : self.size]

    @property
    def scores(self) -> list[float]:
        """What the candidates scored."""
        return self.search.totals[self.doc, : self.size].tolist()

    @property
    def score(self) -> float:
        """What the best one scored."""
        return self.scores[0]

    @property
    def min_score(self) -> float:
        """What the last one scored."""
        return self.scores[-1]

    @property
    def probs(self) -> list[float]:
        """The candidates' probabilities; they add up to 1."""
        return softmax(self.search.totals[self.doc, : self.size]).tolist()

    @property
    def histories(self) -> list[list[int]]:
        """The moves of each candidate."""
        return [self.trace.history(edge) for edge in self.search.edges[self.doc, : self.size].tolist()]

    def parses(self) -> list[tuple[float, list[tuple]]]:
        """The probability of each candidate at its end, and what it says.

        Entities: (start, end, label). Trees: (head, child, label).
        """
        pool, found = self.search.pool, []
        read = arcs if pool.batch.is_arc else entities
        for prob, state, ended in zip(self.probs, self.states, self.search.ended[self.doc], strict=False):
            if ended:
                parse = read(self.system, pool, int(state))
                # A tree of roots alone is left out, as published.
                if parse or not pool.batch.is_arc:
                    found.append((prob, parse))
        return found


def softmax(scores: np.ndarray) -> np.ndarray:
    """Scores as probabilities, in double precision. *Shape:* (n,)."""
    weights = np.exp(scores.astype("float64") - scores.max())
    return weights / weights.sum()


def entities(system: TransitionSystem, states: Any, state: int) -> list[tuple[int, int, str]]:
    """The entities of a state, as (start, end, label)."""
    taken = states.taken[states._stretch(state)]
    actions = np.where(taken >= 0, system.arrays[0][taken], -1)
    starts = np.flatnonzero((actions == BEGIN) | (actions == UNIT))
    ends = np.flatnonzero((actions == LAST) | (actions == UNIT))
    # An entity that is still open has no end, and is the last.
    return [(int(a), int(b) + 1, system.moves[taken[b]][1]) for a, b in zip(starts, ends, strict=False)]


def arcs(system: TransitionSystem, states: Any, state: int) -> list[tuple[int, int, str]]:
    """The arcs of a state, as (head, child, label)."""
    stretch = states._stretch(state)
    heads, labels = states.heads[stretch], states.arc_labels[stretch]
    children = np.flatnonzero(heads >= 0)
    return [(int(heads[i]), int(i), system.label_table[labels[i]]) for i in children]


def beam_parse(
    system: TransitionSystem, docs: Sequence[Doc], steps: Steps, *, width: int, density: float = 0.0
) -> list[Beam]:
    """Search for the best sequences of moves of each Doc.

    steps: scores states of these Docs.
    width: candidates that are kept for each Doc. *Advised:* 4 to 32.
    density: least probability of a candidate that is kept, against the best one's. *Advised:* 0 to 0.01.
    """
    search, trace = Search(system.start(docs), width, density), Trace()
    while True:
        found, ranks = search.open()
        if not len(found):
            break
        states = search.states_of(found, ranks)
        scores = on_cpu(steps.predict(search.pool, states))
        born = search.advance(found, ranks, scores, search.pool.valid(states))
        search.edges[born.docs, born.ranks] = trace.add(born.edges, born.rows, born.moves)
    return [Beam(system, search, trace, number) for number in range(len(docs))]


def set_best(system: TransitionSystem, docs: Sequence[Doc], beams: Sequence[Beam]) -> None:
    """Annotate Docs with the best candidates of their beams."""
    if not isinstance(beams, list | tuple) or not all(isinstance(beam, Beam) for beam in beams):
        raise InvalidTypeError(f"What predict gives is needed, States or a list of Beams, but got {str(beams)[:60]}.")
    if len(beams) != len(docs):
        raise InvalidValueError(f"There are {len(docs)} Docs, and the predictions are for {len(beams)}.")
    first = 0
    while first < len(beams):
        search, last = beams[first].search, first
        while last < len(beams) and beams[last].search is search:
            last += 1
        states = search.pool.take([int(beam.states[0]) for beam in beams[first:last]])
        beams[first].system.set_annotations(docs[first:last], states)
        first = last


def scored_parses(
    system: TransitionSystem, beams: Sequence[Beam]
) -> tuple[list[dict[tuple[int, int], float]], list[dict[tuple[int, str], float]]]:
    """For each beam the probabilities of heads, by (token, head), and of labels, by (token, label)."""
    heads = [_marginals(beam, lambda arc: (arc[1], arc[0])) for beam in beams]
    labels = [_marginals(beam, lambda arc: (arc[1], arc[2])) for beam in beams]
    return heads, labels


def scored_ents(system: TransitionSystem, beams: Sequence[Beam]) -> list[dict[tuple[int, int, str], float]]:
    """For each beam the probabilities of entities, by (start, end, label)."""
    return [_marginals(beam, tuple) for beam in beams]


def _marginals(beam: Beam, key: Callable[[tuple], Any]) -> dict[Any, float]:
    """The candidates' probability, together, for each key of what they say; 0.0 for what none says."""
    found: dict[Any, float] = defaultdict(float)
    for share, said in beam.parses():
        for one in map(key, said):
            found[one] += share
    return found
