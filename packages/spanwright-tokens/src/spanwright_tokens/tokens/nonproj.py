"""Non-projective trees as projective ones with decorated labels, and back.

The scheme HEAD of Nivre and Nilsson (2005), "Pseudo-projective dependency parsing": an arc that crosses others is
lifted to the head's head, and its label gets the label of the head it was taken from, `dep||head's dep`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ._nonproj import arc_crosses, first_crossing, lift

DELIMITER = "||"


class TreeError(InvalidValueError):
    """Heads that do not make up a tree."""


def ancestors(tokenid: int, heads: Sequence[int | None]) -> Iterator[int | None]:
    """The tokens above a token, up to the root; ends after at most as many steps as there are tokens."""
    for _ in range(len(heads)):
        head = heads[tokenid]
        if head == tokenid:
            return
        yield head
        if head is None:
            return
        tokenid = head


def contains_cycle(heads: Sequence[int | None]) -> set[int] | None:
    """The tokens on the way into a cycle; None if there is no cycle."""
    for token in range(len(heads)):
        seen = {token}
        for ancestor in ancestors(token, heads):
            if ancestor in seen:
                return seen
            if ancestor is not None:
                seen.add(ancestor)
    return None


def is_nonproj_arc(tokenid: int, heads: Sequence[int | None]) -> bool:
    """Whether the arc to a token crosses others.

    tokenid: the dependent.
    heads: the position of each token's head; a root is its own head; None where it is not known.

    Raises TreeError (a ValueError) if there is a cycle.
    """
    found = arc_crosses(_as_array(heads), tokenid)
    if found < 0:
        raise _cycle(heads)
    return bool(found)


def is_nonproj_tree(heads: Sequence[int | None]) -> bool:
    """Whether any arc crosses another; see `is_nonproj_arc`."""
    found = first_crossing(_as_array(heads))
    if found == -2:
        raise _cycle(heads)
    return found >= 0


def decompose(label: str) -> tuple[str, str]:
    """A decorated label's own part and its head's; the second is empty if it is not decorated."""
    own, _, head = label.partition(DELIMITER)
    return own, head


def is_decorated(label: str) -> bool:
    """Whether a label stands for a lifted arc."""
    return DELIMITER in label


def projectivize(heads: Sequence[int | None], labels: Sequence[str]) -> tuple[list[int | None], list[str]]:
    """Heads without crossing arcs, and labels decorated where an arc was lifted.

    heads: the position of each token's head; a root is its own head; None where it is not known.
    labels: one label a token.

    Raises TreeError (a ValueError) if there is a cycle, or not one label a token.
    """
    if len(heads) != len(labels):
        raise TreeError(f"There are {len(heads)} heads and {len(labels)} labels, but each token must have both.")
    array = _as_array(heads)
    before = array.copy()
    if not lift(array):
        raise _cycle(heads)
    lifted, decorated = list(heads), list(labels)
    for i in np.flatnonzero(array != before).tolist():
        lifted[i] = int(array[i])
        decorated[i] = f"{labels[i]}{DELIMITER}{labels[before[i]]}"
    return lifted, decorated


def deprojectivize(doc: Any) -> Any:
    """Hang decorated arcs of a Doc where they were taken from, and strip the labels; returns the Doc.

    Below its present head, breadth first and from left to right, the first token whose label is the one named after
    the `||` becomes the head; if there is none, the head stays.
    """
    strings = doc.vocab.strings
    keys = doc.to_array(["DEP"])
    decorated = {key for key in set(keys.tolist()) if is_decorated(strings[key])}
    if not decorated:
        return doc
    labels = [strings[key] for key in keys.tolist()]
    heads = (doc.to_array(["HEAD"]).astype("int64") + np.arange(len(doc))).tolist()
    children: list[list[int]] = [[] for _ in labels]
    for i, head in enumerate(heads):
        if head != i:
            children[head].append(i)
    for i, key in enumerate(keys.tolist()):
        if key in decorated:
            labels[i], head_label = decompose(labels[i])
            head = _below(doc, children, labels, heads[i], head_label, i)
            if head != heads[i]:
                children[heads[i]].remove(i)
                children[head] = sorted([*children[head], i])
                heads[i] = head
    array = np.stack(
        [
            (np.asarray(heads) - np.arange(len(doc))).astype("uint64"),
            np.asarray([strings.add(label) for label in labels], dtype="uint64"),
        ],
        axis=1,
    )
    return doc.from_array(["HEAD", "DEP"], array)


def _below(doc: Any, children: list[list[int]], labels: list[str], head: int, head_label: str, token: int) -> int:
    queue = [head]
    for parent in queue:
        for child in children[parent]:
            if child == token or doc[child].is_space:
                continue
            if labels[child] == head_label:
                return child
            queue.append(child)
    return head


def count_decorated_labels(examples: Iterable[Any]) -> dict[str, int]:
    """How often each decorated label comes up in the Examples' gold parses."""
    counts: dict[str, int] = {}
    for example in examples:
        heads, labels = projectivize(example.get_aligned("HEAD"), example.get_aligned("DEP"))
        for i, (head, label) in enumerate(zip(heads, labels, strict=True)):
            # A token that became a root has the label of a root.
            if head != i and label is not None and is_decorated(label):
                counts[label] = counts.get(label, 0) + 1
    return counts


def _as_array(heads: Sequence[int | None]) -> np.ndarray:
    array = np.fromiter((-1 if head is None else head for head in heads), dtype="int32", count=len(heads))
    if len(array) and (array.max() >= len(array) or array.min() < -1):
        raise TreeError(f"A head lies outside of the {len(array)} tokens: {list(heads)}.")
    return array


def _cycle(heads: Sequence[int | None]) -> TreeError:
    return TreeError(f"The heads {list(heads)} go round in a circle. Every token must reach a root, its own head.")
