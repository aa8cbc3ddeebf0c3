"""What the noun chunks of several languages share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from spanwright.errors import UnsupportedError

Chunks = Iterator[tuple[int, int, int]]
NOMINAL = frozenset(["NOUN", "PROPN", "PRON"])
NP = "NP"
COLUMNS = ("POS", "DEP", "HEAD")


class MissingParseError(UnsupportedError, ValueError):
    """Noun chunks are asked of a Doc that has no dependency parse."""


def _conjuncts_to_first(deps: np.ndarray, heads: np.ndarray, conj: int) -> np.ndarray:
    """For each token its own position; for a conjunct, that of the first of those it is coordinated with.

    heads: positions relative to the token.
    """
    first = np.arange(len(deps))
    climbing = np.flatnonzero(deps == conj)
    while len(climbing):
        first[climbing] += heads[first[climbing]]
        reached = first[climbing]
        # A conjunct may hang on another; only leftwards, so that this ends.
        climbing = climbing[(deps[reached] == conj) & (heads[reached] < 0)]
    return first


def nouns(doclike: Any, roles: Collection[str], *, conjuncts: bool) -> Iterator[Any]:
    """The nouns and pronouns of a Doc or Span that have one of some roles, from left to right.

    roles: dependency labels.
    conjuncts: whether a conjunct has the role of the first of those it is coordinated with, in place of its own.

    Raises MissingParseError (a ValueError) if there is no dependency parse.
    """
    doc = doclike.doc
    if not doc.has_annotation("DEP"):
        raise MissingParseError(
            "Noun chunks need a dependency parse, and this Doc has none. Add a component that parses, such as "
            "`parser`, before the one that asks for them, and check `nlp.pipe_names`."
        )
    parse = doc.to_array(COLUMNS).reshape(len(doc), len(COLUMNS))
    pos, deps, heads = parse[:, 0], parse[:, 1], parse[:, 2].astype("int64")
    role_at = np.arange(len(doc))
    strings = doc.vocab.strings
    if conjuncts:
        role_at = _conjuncts_to_first(deps, heads, strings["conj"])
    nominal, wanted = (np.asarray([strings[name] for name in names], dtype="uint64") for names in (NOMINAL, roles))
    fits = np.isin(pos, nominal) & np.isin(deps[role_at], wanted)
    start = getattr(doclike, "start", 0)
    for i in np.flatnonzero(fits[start : start + len(doclike)]).tolist():
        yield doc[start + i]


def chunks(
    doclike: Any, roles: Collection[str], bounds: Callable[[Any], tuple[int, int]], *, conjuncts: bool = True
) -> Chunks:
    """The noun phrases of a Doc or Span as (start, end, label), none part of another.

    roles: labels of nouns that head a phrase.
    bounds: gives the first and the last token of the phrase of a noun.
    conjuncts: whether what is coordinated with such a noun heads a phrase too.

    Raises MissingParseError (a ValueError) if there is no dependency parse.
    """
    label = doclike.doc.vocab.strings.add(NP)
    free = 0
    for noun in nouns(doclike, roles, conjuncts=conjuncts):
        if noun.left_edge.i >= free:
            start, last = bounds(noun)
            free = last + 1
            yield start, free, label


def universal_bounds(noun: Any, names: Collection[str], *, relative_pronouns: bool = False) -> tuple[int, int]:
    """The bounds of a phrase in Universal Dependencies, where the noun governs its preposition.

    names: labels of what makes one name or compound with the noun before it.
    relative_pronouns: a determiner right of the noun ("lequel") belongs to the phrase.
    """
    conjunct = noun.dep_ == "conj"
    left = noun.left_edge
    start = left.i + (left.pos_ == ("CCONJ" if conjunct else "ADP"))
    # Only the nearest dependent behind the noun decides how far the phrase goes.
    nearest = None if conjunct else next(iter(noun.rights), None)
    if nearest is None:
        return start, noun.i
    if nearest.dep_ in names:
        return start, noun.right_edge.i
    ends = {"amod": nearest.right_edge.i}
    if relative_pronouns and nearest.pos_ == "DET":
        ends["det"] = nearest.i
    return start, ends.get(nearest.dep_, noun.i)
