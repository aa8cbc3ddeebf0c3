"""Conversions between the ways to write entities down: IOB tags, BILUO tags, character offsets and spans.

IOB: B-LABEL starts an entity, I-LABEL goes on, O is outside. BILUO marks the last token (L) and single tokens (U) too.
In both, None or a tag that starts with "-" means that it is not known whether the token is in an entity.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidValueError, SpanwrightWarning
from .alignment import token_bounds

if TYPE_CHECKING:
    from .doc import Doc
    from .span import Span

# (start, end, label) in characters.
Offset = tuple[int, int, Any]


class IobError(InvalidValueError):
    """Tags or offsets that do not describe entities."""


def iob_to_biluo(tags: Iterable[str]) -> list[str]:
    """BILUO tags for IOB tags. An I that follows no B of its label starts an entity (IOB1 is understood).

    Raises IobError (a ValueError) for a tag that is neither "O" nor a prefix with a label.
    """
    tags = list(tags)
    result: list[str] = []
    while len(result) < len(tags):
        start = len(result)
        tag = tags[start]
        if tag == "O":
            result.append("O")
            continue
        end = start + 1
        if isinstance(tag, str):
            while end < len(tags) and tags[end] in (f"I{tag[1:]}", f"L{tag[1:]}"):
                end += 1
        if not isinstance(tag, str) or (end == start + 1 and not tag[2:]):
            raise IobError(f"IOB tag {tag!r} at position {start}: expected 'O' or a prefix and a label, as in 'B-ORG'.")
        result.extend(_biluo(tag[2:], end - start))
    return result


def _biluo(label: Any, length: int) -> list[str]:
    """The tags of an entity of so many tokens."""
    if length == 1:
        return [f"U-{label}"]
    return [f"B-{label}", *[f"I-{label}"] * (length - 2), f"L-{label}"]


def biluo_to_iob(tags: Iterable[str | None]) -> list[str | None]:
    """IOB tags for BILUO tags; None stays None."""
    prefixes = {"U-": "B-", "L-": "I-"}
    return [tag if tag is None else prefixes.get(tag[:2], tag[:2]) + tag[2:] for tag in tags]


def split_bilu_label(label: str) -> tuple[str, str]:
    """Prefix and label of a tag: "B-ORG" gives ("B", "ORG").

    Raises IobError (a ValueError) if the tag has no label.
    """
    prefix, dash, name = label.partition("-")
    if not dash:
        raise IobError(f"BILUO tag {label!r} has no label: expected a prefix and a label, as in 'B-ORG'.")
    return prefix, name


def remove_bilu_prefix(label: str) -> str:
    """Label of a tag: "B-ORG" gives "ORG".

    Raises IobError (a ValueError) if the tag has no label.
    """
    return split_bilu_label(label)[1]


def tags_to_entities(tags: Iterable[str | None]) -> list[tuple[str, int, int]]:
    """Entities that BILUO tags describe: (label, first token, last token). The last token belongs to the entity.

    A token whose tag is missing (None or "-...") gives an entity of its own with an empty label.

    Raises IobError (a ValueError) for an unknown tag, and for I or L without a B before it.
    """
    tags = list(tags)
    entities: list[tuple[str, int, int]] = []
    start: int | None = None
    for i, tag in enumerate(tags):
        prefix = "-" if tag is None else tag[:1]
        if prefix == "-":
            if start is None:
                entities.append(("", i, i))
            start = None
        elif prefix == "B":
            start = i
        elif prefix == "U":
            entities.append((tag[2:], i, i))  # type: ignore[index]
        elif prefix in ("I", "L"):
            if start is None:
                raise IobError(
                    f"BILUO tag {tag!r} at position {i} goes on with an entity that no 'B' has started: "
                    f"{tags[: i + 1]}. Are these IOB tags? Convert them with iob_to_biluo."
                )
            if prefix == "L":
                entities.append((tag[2:], start, i))  # type: ignore[index]
                start = None
        elif prefix != "O":
            raise IobError(f"BILUO tag {tag!r} at position {i}: a tag must start with B, I, L, U, O or -.")
    return entities


def biluo_tags_to_spans(doc: Doc, tags: Iterable[str | None]) -> list[Span]:
    """Spans of the entities that BILUO tags describe, for instance to set `doc.ents`.

    doc: the Doc whose tokens the tags belong to.
    tags: one tag a token. A missing tag gives a span with an empty label.

    Raises IobError (a ValueError) for ill-formed tags, and if there is not one tag a token.
    """
    from .span import Span

    tags = list(tags)
    if len(tags) != len(doc):
        raise IobError(f"Got {len(tags)} BILUO tags for a Doc of {len(doc)} tokens; there must be one tag a token.")
    return [Span(doc, start, last + 1, label=label) for label, start, last in tags_to_entities(tags)]


def biluo_tags_to_offsets(doc: Doc, tags: Iterable[str | None]) -> list[Offset]:
    """Character offsets (start, end, label) of the entities that BILUO tags describe.

    doc: the Doc whose tokens the tags belong to.
    tags: one tag a token. A missing tag gives an offset with an empty label.

    Raises IobError (a ValueError) for ill-formed tags, and if there is not one tag a token.
    """
    return [(span.start_char, span.end_char, span.label_) for span in biluo_tags_to_spans(doc, tags)]


def doc_to_biluo_tags(doc: Doc, missing: str | None = "O") -> list[str | None]:
    """BILUO tags of a Doc's entities; `missing` for every other token."""
    tags: list[str | None] = [missing] * len(doc)
    for ent in doc.ents:
        tags[ent.start : ent.end] = _biluo(ent.label_, ent.end - ent.start)
    return tags


def doc_to_biluo_tags_with_partial(doc: Doc) -> list[str | None]:
    """BILUO tags of a Doc's entities: "O" where the Doc says that there is none, "-" where it does not say."""
    tags = doc_to_biluo_tags(doc, missing="-")
    for i in np.flatnonzero(doc.to_array(["ENT_IOB"]) == 2).tolist():
        tags[i] = "O"
    return tags


def offsets_to_biluo_tags(doc: Doc, entities: Iterable[Offset], missing: str | None = "O") -> list[str | None]:
    """BILUO tags for entities given as character offsets.

    doc: the Doc whose text the offsets refer to, and whose tokens get the tags.
    entities: (start, end, label) in characters; the label may be empty, which says that there is no entity.
    missing: tag for tokens outside of all entities; default "O".

    Returns one tag a token. Tokens of an entity whose ends are not token boundaries get "-" (not known), with a
    warning.

    Raises IobError (a ValueError) if two entities overlap.
    """
    entities = list(entities)
    starts, ends = token_bounds(doc)
    tags = np.full(len(doc), "-", dtype=object)
    touched = np.zeros(len(doc), dtype=bool)
    taken: list[Offset] = []
    for entity in entities:
        start_char, end_char, label = _checked(entity)
        if end_char <= start_char:
            continue
        # Tokens that have a character between the two ends.
        first, stop = int(ends.searchsorted(start_char, "right")), int(starts.searchsorted(end_char, "left"))
        if stop <= first:
            continue
        touched[first:stop] = True
        if not label:
            begins = first + int(starts[first] < start_char)
            tags[begins:stop] = "O"
            continue
        taken.append((start_char, end_char, label))
        if starts[first] == start_char and ends[stop - 1] == end_char:
            tags[first:stop] = _biluo(label, stop - first)
    _forbid_overlap(taken)
    tags[~touched] = missing
    result = tags.tolist()
    if missing != "-" and "-" in result:
        warnings.warn(_misaligned(doc, entities), SpanwrightWarning, stacklevel=2)
    return result


def _checked(entity: Any) -> Offset:
    try:
        start, end, label = entity
        return int(start), int(end), label
    except (TypeError, ValueError):
        raise IobError(
            f"An entity must be given as (start_char, end_char, label), as in (0, 5, 'ORG'), but there is {entity!r}."
        ) from None


def _forbid_overlap(entities: list[Offset]) -> None:
    ordered = sorted(entities, key=lambda entity: entity[:2])
    for one, other in pairwise(ordered):
        if other[0] < one[1]:
            raise IobError(
                f"Entities {one} and {other} overlap, but a token can be part of one entity only. Drop one of them "
                "(see filter_spans), or keep overlapping spans in doc.spans."
            )


def _misaligned(doc: Doc, entities: list[Offset]) -> str:
    def short(text: str) -> str:
        return text if len(text) <= 50 else f"{text[:50]}..."

    return (
        f"Some entities do not start and end at token boundaries: {short(str(entities))} in the text "
        f"{short(doc.text)!r}. Their tokens get the tag '-' and are ignored in training. See which ones: "
        "offsets_to_biluo_tags(nlp.make_doc(text), entities)."
    )


# Their earlier names.
offsets_from_biluo_tags = biluo_tags_to_offsets
spans_from_biluo_tags = biluo_tags_to_spans
biluo_tags_from_offsets = offsets_to_biluo_tags
