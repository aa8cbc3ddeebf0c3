"""Sentences of a Doc as numbers, and windows of neighbouring sentences."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from spanwright.errors import PipelineError

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def sentence_starts(doc: Doc, *, missing: str = "whole", component: str = "entity_linker") -> list[int]:
    """The first token of each sentence.

    missing: What to do with a Doc whose sentence boundaries are not set: "whole" takes it as one sentence, "raise"
        raises PipelineError (a ValueError).
    component: Who needs them, for the error.
    """
    if "sents" not in doc.user_hooks and len(doc) > 1 and not doc.has_annotation("SENT_START"):
        if missing == "whole":
            return [0]
        raise PipelineError(
            f"Component '{component}' reads the sentences around entities, and this Doc has no sentence boundaries. "
            f"Add a component that sets them before it: nlp.add_pipe('sentencizer', before='{component}'), a parser "
            f"or a senter; in training, name it in annotating_components. Or set incl_context = false."
        )
    return [sentence.start for sentence in doc.sents] or [0]


def window(starts: Sequence[int], length: int, start: int, end: int, n_sents: int) -> tuple[int, int]:
    """The sentences that tokens `start` to `end` (exclusive) lie in, and their neighbours, as a span of tokens.

    starts: First token of each sentence. length: Number of tokens. n_sents: Neighbours on each side.
    """
    first = max(bisect_right(starts, start) - 1 - n_sents, 0)
    last = bisect_right(starts, end - 1) + n_sents
    return starts[first], starts[last] if last < len(starts) else length
