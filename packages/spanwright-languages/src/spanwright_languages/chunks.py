"""What the noun chunks of several languages share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from spanwright.errors import UnsupportedError

Chunks = Iterator[tuple[int, int, int]]
NOMINAL = frozenset(["NOUN", "PROPN", "PRON"])
NP = "NP"


class MissingParseError(UnsupportedError, ValueError):
    """Noun chunks are asked of a Doc that has no dependency parse."""


def label_of(doclike: Any) -> int:
    """The id of the label of noun chunks.

    Raises MissingParseError (a ValueError) for a Doc or Span without a dependency parse.
    """
    doc = doclike.doc
    if not doc.has_annotation("DEP"):
        raise MissingParseError(
            "Noun chunks need a dependency parse, and this Doc has none. Add a component that parses, such as "
            "`parser`, before the one that asks for them, and check `nlp.pipe_names`."
        )
    return int(doc.vocab.strings.add(NP))


def role_of(noun: Any) -> str:
    """The dependency label of a noun; of a conjunct, that of the first of those it is coordinated with."""
    if noun.dep_ != "conj":
        return str(noun.dep_)
    head = noun.head
    while head.dep_ == "conj" and head.head.i < head.i:
        head = head.head
    return str(head.dep_)


def chunks(
    doclike: Any, roles: Collection[str], bounds: Callable[[Any], tuple[int, int]], role: Callable[[Any], str] = role_of
) -> Chunks:
    """The noun phrases of a Doc or Span as (start, end, label), none part of another.

    roles: labels of nouns that head a phrase.
    bounds: gives the first and the last token of the phrase of a noun.
    role: gives the label that counts for a noun.

    Raises MissingParseError (a ValueError) if there is no dependency parse.
    """
    label = label_of(doclike)
    last = -1
    for noun in doclike:
        if noun.pos_ not in NOMINAL or noun.left_edge.i <= last or role(noun) not in roles:
            continue
        start, last = bounds(noun)
        yield start, last + 1, label


def universal_bounds(noun: Any, names: Collection[str], *, relative_pronouns: bool = False) -> tuple[int, int]:
    """The bounds of a phrase in Universal Dependencies, where the noun governs its preposition.

    names: labels of what makes one name or compound with the noun before it.
    relative_pronouns: a determiner right of the noun ("lequel") belongs to the phrase.
    """
    first = noun.left_edge
    if noun.dep_ == "conj":
        return first.i + (first.pos_ == "CCONJ"), noun.i
    last = noun.i
    right = next(iter(noun.rights), None)
    if right is not None:
        if right.dep_ == "amod":
            last = right.right_edge.i
        elif right.dep_ in names:
            last = noun.right_edge.i
        elif relative_pronouns and right.dep_ == "det" and right.pos_ == "DET":
            last = right.i
    return first.i + (first.pos_ == "ADP"), last
