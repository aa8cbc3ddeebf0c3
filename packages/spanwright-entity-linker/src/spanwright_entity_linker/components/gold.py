"""Entities of the gold annotation, on predicted Docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from spanwright.tokens import Span, gather, scatter

if TYPE_CHECKING:
    from spanwright.tokens import Doc, Example

COLUMNS = ["ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID"]


@contextmanager
def gold_entities(examples: Sequence[Example], *, use: bool = True) -> Iterator[None]:
    """Give the predicted Docs the gold entities that fit their tokens, for the length of a `with` block.

    use: Whether to; False leaves the Docs as they are.

    The Docs stay themselves, since listeners know them by identity.
    """
    before: list[tuple[Doc, Any]] = []
    try:
        for example in examples if use else ():
            doc = example.predicted
            before.append((doc, gather([doc], COLUMNS)))
            doc.ents = example.get_aligned_ents_and_ner()[0]
        yield
    finally:
        restore(before)


@contextmanager
def some_entity(docs: Sequence[Doc]) -> Iterator[None]:
    """See to it that one of the Docs has an entity, for the length of a `with` block: a network sizes itself by it."""
    before: list[tuple[Doc, Any]] = []
    try:
        doc = next((doc for doc in docs if len(doc)), None)
        if doc is not None and not any(other.ents for other in docs):
            before.append((doc, gather([doc], COLUMNS)))
            doc.ents = [Span(doc, 0, 1, label="ENTITY")]
        yield
    finally:
        restore(before)


def restore(before: Sequence[tuple[Doc, Any]]) -> None:
    """Give Docs their earlier entities again. before: Docs with their columns; a Doc may come twice."""
    for doc, columns in reversed(before):
        if len(doc):
            scatter([doc], COLUMNS, columns)


def with_gold_entities(examples: Sequence[Example]) -> list[Example]:
    """Copies of Examples whose predicted Docs have the gold entities."""
    copies = []
    for example in examples:
        ents = example.get_aligned_ents_and_ner()[0]
        copy = example.copy()
        copy.predicted.ents = [Span(copy.predicted, ent.start, ent.end, label=ent.label) for ent in ents]
        copies.append(copy)
    return copies


def gold_links(example: Example) -> list[tuple[int, str]]:
    """For each predicted entity that the gold annotation has too, and links: its place, and the gold name."""
    matching = {(ent.start, ent.end) for ent in example.get_matching_ents()}
    if not matching:
        return []
    names = example.get_aligned("ENT_KB_ID", as_string=True)
    links = []
    for place, ent in enumerate(example.predicted.ents):
        if (ent.start, ent.end) in matching:
            name = names[ent.start]
            if name is None:
                name = _name_of_part(example, ent.start)
            if name:
                links.append((place, name))
    return links


def _name_of_part(example: Example, token: int) -> str:
    """The link of a predicted token that is several gold tokens, or a part of one."""
    gold = [example.reference[int(i)] for i in example.alignment.x2y[token]]
    return next((other.ent_kb_id_ for other in gold if other.ent_kb_id_), "")
