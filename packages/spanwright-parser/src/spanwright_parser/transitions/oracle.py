"""Sequences of moves that lead to gold annotation, and training states cut from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spanwright.tokens import Example

    from .gold import GoldBatch
    from .states import States
    from .system import TransitionSystem


def learnable(system: TransitionSystem, examples: Sequence[Example]) -> np.ndarray:
    """Positions of the Examples that have tokens and gold annotation, int32."""
    found = [i for i, example in enumerate(examples) if len(example.predicted) and system.has_gold(example)]
    return np.array(found, dtype="int32")


def sequences(system: TransitionSystem, examples: Sequence[Example]) -> list[np.ndarray]:
    """The moves that lead to the gold annotation of each Example; none where it has no annotation."""
    chosen = learnable(system, examples)
    found = [np.zeros(0, dtype="int32")] * len(examples)
    states = system.start([example.predicted for example in examples]).take(chosen)
    for i, moves in zip(chosen.tolist(), states.oracle(system.gold(examples, chosen.tolist()))[0], strict=True):
        found[i] = moves
    return found


def cut(system: TransitionSystem, examples: Sequence[Example], max_length: int = 0) -> tuple[States, GoldBatch]:
    """States to learn from, and their gold annotation.

    examples: a batch.
    max_length: Docs of at least so many tokens are cut: the oracle's moves are made, and each so many moves a state is
        kept. 0: no Doc is cut. In published training it is `int(random.uniform(size // 2, size * 2))`, where `size` is
        the setting `update_with_oracle_cut_size`.

    Examples without annotation give no state, and neither do stretches without. States of whole Docs come first, then
    those of Docs that were cut, in the order of the examples.
    """
    chosen = learnable(system, examples)
    states, gold = system.start([example.predicted for example in examples]), system.gold(examples, chosen.tolist())
    is_long = states.lengths[chosen] >= max_length if max_length >= 1 else np.zeros(len(chosen), dtype=bool)
    short, long = states.take(chosen[~is_long]), chosen[is_long]
    if not len(long):
        return short, gold
    pieces, owners = [short], [np.full(short.n, -1)]
    runner = states.take(long)
    moves = runner.take(None).oracle(gold)[0]
    rows, at = np.arange(len(long), dtype="int32"), 0
    while len(rows):
        rows = rows[[at < len(moves[row]) for row in rows]]
        if not len(rows):
            break
        piece = runner.take(rows)
        begin = runner.first_buffered()
        runner.replay([moves[row][at : at + max_length] for row in rows], rows)
        end = runner.first_buffered()
        kept = [system.has_gold(examples[long[row]], int(begin[row]), int(end[row])) for row in rows]
        pieces.append(piece.take(np.flatnonzero(kept)))
        owners.append(rows[kept])
        rows = rows[~runner.final[rows]]
        at += max_length
    together, owner = pieces[0].join(pieces[1:]), np.concatenate(owners)
    del pieces
    # By Doc, then by place; sorting is stable. Of one long Doc all have come so, and are many.
    if (np.diff(owner) < 0).any():
        together = together.take(np.argsort(owner, kind="stable"))
    return together, gold
