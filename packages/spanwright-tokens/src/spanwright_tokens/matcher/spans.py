"""Choose among overlapping spans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..tokens import Span


def filter_spans(spans: Iterable[Span]) -> list[Span]:
    """Keep the longest of the spans that overlap, the first of those as long; in the order of the text.

    spans: the spans of one Doc, in any order, doubles allowed.

    Returns the chosen spans; no two share a token.
    """
    taken: set[int] = set()
    chosen = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        tokens = range(span.start, span.end)
        # Whoever comes later is no longer, so it overlaps exactly if one of its ends is taken.
        if tokens and tokens[0] not in taken and tokens[-1] not in taken:
            chosen.append(span)
            taken.update(tokens)
    return sorted(chosen, key=lambda span: span.start)
