"""Gold annotation of a batch, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spanwright.tokens import gather

if TYPE_CHECKING:
    from spanwright.tokens import Doc, Example

    from .._kernels.batch import Gold


@dataclass
class GoldBatch:
    """What states of a batch are compared with.

    columns: the annotation, by row of the batch's tokens.
    impossible: how many arcs, sentence starts or entities of the references cannot be had: those that cannot be
        expressed in the predicted Docs' tokens, which count as missing, and those that go against what a predicted Doc
        says already: arcs and entities beyond a sentence, starts that are switched off, entities that cross others or
        blocked tokens. No entity can start with a space.
    """

    columns: Gold
    impossible: int = 0


def column_of(docs: Sequence[Doc], name: str, dtype: str) -> np.ndarray:
    """One column of all Docs, one after another; a copy."""
    return gather(docs, name)[:, 0].astype(dtype)


def lengths_of(docs: Sequence[Doc]) -> np.ndarray:
    """Numbers of tokens, int32."""
    return np.array([len(doc) for doc in docs], dtype="int32")


def aligned_sent_starts(example: Example) -> list[bool | None]:
    """Whether each predicted token starts a sentence of the reference; None for all if that cannot be said.

    It cannot if there are no sentences, or if a predicted token belongs to two.
    """
    if not example.reference.has_annotation("SENT_START"):
        return [None] * len(example.predicted)
    starts: list[bool | None] = [False] * len(example.predicted)
    y2x = example.alignment.y2x
    last = -1
    for sent in example.reference.sents:
        tokens = y2x[sent.start : sent.end]
        if not len(tokens):
            continue
        if tokens[0] <= last:
            return [None] * len(example.predicted)
        starts[int(tokens[0])] = True
        last = max(last, int(tokens[-1]))
    return starts
