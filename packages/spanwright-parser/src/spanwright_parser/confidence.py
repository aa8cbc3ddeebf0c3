"""How sure a parser or entity recogniser is of each arc and entity, from models as they are published.

Off by default, and without cost then. On, with `confidence = true` in `[spanwright.components.NAME]` or
`nlp.get_pipe(NAME).confidence = True`, Docs get the extension attribute `Doc._.confidence`, which to_bytes, pickle and
DocBin keep as any user data: a table with an entry for each component.

- Entities: a list of [start, end, label, probability], start and end in characters; `Span._.confidence` looks up the
  entity with the span's borders and label (None if there is none).
- Arcs: a list with the probability of each token's arc, head and label together; `Token._.confidence` looks it up
  (None if the number of tokens has changed since).

Greedy components give step marginals. The model turns the scores of each state into probabilities of the actions. An
entity has the product of its tokens' actions, that is its probability given what stands before it. An arc has the
probability of the action that made it, times that of no other attachment of the same token in the states before; a
root that of no attachment in all its states. Beam components give beam marginals: the share that the candidates with
this entity or arc have of all candidates' probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.errors import InvalidValueError

from .layers.scores import on_cpu, probabilities
from .transitions.states import LENGTH, ROW

if TYPE_CHECKING:
    from spanwright.tokens import Doc, Span, Token

    from .beam import Beam
    from .layers.steps import Steps
    from .transitions import States, TransitionSystem

NAME = "confidence"
LEFT, RIGHT = 2, 3
LEAST = 1e-9  # of a factor: what happened is not impossible


def register() -> None:
    """Register the extension attributes; call it to read them from stored Docs where no component has it on.

    Raises InvalidValueError (a ValueError) if other extension attributes have the name.
    """
    from spanwright.tokens import Doc, Span, Token

    wanted: dict[Any, dict[str, Any]] = {Doc: {"default": None}, Span: {"getter": of_span}, Token: {"getter": of_token}}
    missing = {owner: settings for owner, settings in wanted.items() if not owner.has_extension(NAME)}
    for owner in wanted.keys() - missing.keys():
        there = owner.get_extension(NAME)
        if there is None or there[0] is not None or there[2] is not wanted[owner].get("getter"):
            raise InvalidValueError(
                f"{owner.__name__}._.{NAME} is another extension attribute already, so that confidence has no place. "
                f"Give that one another name, or remove it: {owner.__name__}.remove_extension({NAME!r})."
            )
    for owner, settings in missing.items():
        owner.set_extension(NAME, **settings)


def of_span(span: Span) -> float | None:
    """The probability of the entity with the borders and the label of a span; None if there is none."""
    wanted = (span.start_char, span.end_char, span.label_)
    for found in (span.doc._.confidence or {}).values():
        for entry in found:
            if isinstance(entry, list | tuple) and tuple(entry[:3]) == wanted:
                return entry[3]
    return None


def of_token(token: Token) -> float | None:
    """The probability of a token's arc; None if none is known."""
    for found in (token.doc._.confidence or {}).values():
        # Of entities there may be as many as of tokens; theirs are lists.
        if len(found) == len(token.doc) and isinstance(found[token.i], float):
            return found[token.i]
    return None


def parse_with_confidence(steps: Steps, states: States, system: TransitionSystem) -> np.ndarray:
    """Follow the best actions to the end. Returns the probabilities, by token of the batch. *Shape:* (n_tokens,)."""
    track = _track_arcs if states.batch.is_arc else _track_entities
    logs = np.zeros(states.n_tokens)
    actions = system.arrays[0]
    rows = states.active
    while len(rows):
        scores = on_cpu(steps.predict(states, rows))
        chances = probabilities(scores, states.valid(rows))
        tokens = states.features(2 if states.batch.is_arc else 1, rows)
        moves = states.follow(scores, rows)
        track(logs, tokens, moves, chances, actions)
        rows = states.active
    return np.exp(logs)


def _track_entities(
    logs: np.ndarray, tokens: np.ndarray, moves: np.ndarray, chances: np.ndarray, actions: np.ndarray
) -> None:
    here = moves >= 0
    logs[tokens[here, 0]] = np.log(np.maximum(chances[here, moves[here]], LEAST))


def _track_arcs(
    logs: np.ndarray, tokens: np.ndarray, moves: np.ndarray, chances: np.ndarray, actions: np.ndarray
) -> None:
    # The first of the buffer may be attached by RIGHT, the top of the stack by LEFT.
    made = np.where(moves >= 0, actions[moves], -1)
    for column, action in ((0, RIGHT), (1, LEFT)):
        attached = made == action
        not_attached = 1.0 - chances[:, actions == action].sum(axis=1)
        factor = np.where(attached, chances[np.arange(len(moves)), moves], not_attached)
        here = tokens[:, column] >= 0
        logs[tokens[here, column]] += np.log(np.maximum(factor[here], LEAST))


def write_steps(name: str, system: TransitionSystem, docs: Sequence[Doc], states: States, found: np.ndarray) -> None:
    """Set on Docs what `parse_with_confidence` found.

    name: The component's; states: at their ends.
    """
    from .beam.beam import entities

    for number, doc in enumerate(docs):
        start = int(states.cursors[number, ROW])
        own = found[start : start + int(states.cursors[number, LENGTH])]
        if states.batch.is_arc:
            _store(doc, name, own.tolist())
            continue
        _store(doc, name, [
            _entry(doc, first, last, label, float(own[first:last].prod()))
            for first, last, label in entities(system, states, number)
        ])  # fmt: skip


def write_beams(name: str, docs: Sequence[Doc], beams: Sequence[Beam]) -> None:
    """Set on Docs the beam marginals of what the best candidates say."""
    from .beam.beam import arcs, entities

    for doc, beam in zip(docs, beams, strict=True):
        parses, best, pool = beam.parses(), int(beam.states[0]), beam.search.pool
        if not pool.batch.is_arc:
            _store(doc, name, [
                _entry(doc, *entity, sum(prob for prob, parse in parses if entity in parse))
                for entity in entities(beam.system, pool, best)
            ])  # fmt: skip
            continue
        heads = {child: (head, child, label) for head, child, label in arcs(beam.system, pool, best)}
        shares = np.zeros(len(doc))
        for prob, parse in parses:
            theirs = {child: (head, child, label) for head, child, label in parse}
            shares += prob * np.array([theirs.get(i) == heads.get(i) for i in range(len(doc))], dtype=float)
        _store(doc, name, shares.tolist())


def _entry(doc: Doc, first: int, last: int, label: str, chance: float) -> list:
    span = doc[first:last]
    return [span.start_char, span.end_char, label, float(chance)]


def _store(doc: Doc, name: str, found: list) -> None:
    doc._.confidence = {**(doc._.confidence or {}), name: found}
