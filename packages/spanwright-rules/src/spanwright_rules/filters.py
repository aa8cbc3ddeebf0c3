"""What to keep of spans that overlap: the filters of span_ruler and future_entity_ruler."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING

from spanwright.matcher import filter_spans

if TYPE_CHECKING:
    from spanwright.tokens import Span

SpansFilter = Callable[[Iterable["Span"], Iterable["Span"]], "list[Span]"]


def filter_chain_spans(*spans: Iterable[Span]) -> list[Span]:
    """Keep the longest of all spans that overlap, the first of those as long; in the order of the text."""
    return filter_spans(chain.from_iterable(spans))


def _chosen(spans: Iterable[Span], taken: set[int]) -> list[Span]:
    """The longest spans first, then the leftmost, of which none has a token that is taken."""
    chosen = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        tokens = range(span.start, span.end)
        if taken.isdisjoint(tokens):
            chosen.append(span)
            taken.update(tokens)
    return chosen


def prioritize_new_ents_filter(entities: Iterable[Span], spans: Iterable[Span]) -> list[Span]:
    """Entities, and spans in place of those entities that they overlap.

    entities: Spans without overlaps.
    spans: Spans that may overlap: the longest is kept, the first of those as long.

    Returns the entities that are left, then the spans that were chosen.
    """
    taken: set[int] = set()
    chosen = _chosen(spans, taken)
    return [entity for entity in entities if taken.isdisjoint(range(entity.start, entity.end))] + chosen


def prioritize_existing_ents_filter(entities: Iterable[Span], spans: Iterable[Span]) -> list[Span]:
    """Entities, and spans that overlap none of them.

    entities: Spans without overlaps.
    spans: Spans that may overlap: the longest is kept, the first of those as long.

    Returns the entities, then the spans that were chosen.
    """
    kept = list(entities)
    taken = {i for entity in kept for i in range(entity.start, entity.end)}
    return kept + _chosen(spans, taken)


def first_longest_spans_filter_v1() -> SpansFilter:
    """spacy.first_longest_spans_filter.v1: a filter that keeps the longest spans, the first of those as long."""
    return filter_chain_spans


def prioritize_existing_ents_filter_v1() -> SpansFilter:
    """spacy.prioritize_existing_ents_filter.v1: a filter by which entities that are there go before new spans."""
    return prioritize_existing_ents_filter


def prioritize_new_ents_filter_v1() -> SpansFilter:
    """spacy.prioritize_new_ents_filter.v1: a filter by which new spans replace entities that they overlap."""
    return prioritize_new_ents_filter
