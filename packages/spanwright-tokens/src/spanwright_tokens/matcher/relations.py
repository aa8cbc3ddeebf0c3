"""Relations between tokens of a tree, as the operators of dependency patterns name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..tokens import Doc


class TreeView:
    """The trees of one Doc, by token index.

    heads: The head of each token; a root is its own.
    """

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        places = np.arange(len(doc))
        self.heads: list[int] = (doc.column("HEAD") + places).tolist()
        self.children: list[list[int]] = [[] for _ in self.heads]
        for token, head in enumerate(self.heads):
            if head != token:
                self.children[head].append(token)
        self._roots: list[int | None] = [None] * len(self.heads)
        self._found: dict[tuple[str, int], frozenset[int]] = {}

    def root(self, token: int) -> int:
        """The root of a token's tree."""
        path = []
        while self._roots[token] is None and self.heads[token] != token:
            path.append(token)
            token = self.heads[token]
        known = self._roots[token]
        root = token if known is None else known
        for each in (*path, token):
            self._roots[each] = root
        return root

    def ancestors(self, token: int) -> list[int]:
        """The head of a token, its head, and so on up to the root."""
        found = []
        while self.heads[token] != token:
            token = self.heads[token]
            found.append(token)
        return found

    def descendants(self, token: int) -> list[int]:
        """The children of a token, theirs, and so on."""
        found: list[int] = []
        waiting = [token]
        while waiting:
            children = self.children[waiting.pop()]
            found += children
            waiting += children
        return found

    def siblings(self, token: int) -> list[int]:
        """The other children of a token's head; the children of a root are its own siblings, as in spaCy."""
        return [child for child in self.children[self.heads[token]] if child != token]

    def sentence(self, token: int) -> range:
        """The tokens from the left to the right edge of a token's tree."""
        root = self.doc[self.root(token)]
        return range(root.left_edge.i, root.right_edge.i + 1)

    def related(self, operator: str, token: int) -> frozenset[int]:
        """The tokens for which `token operator other` holds."""
        key = (operator, token)
        if key not in self._found:
            self._found[key] = frozenset(RELATIONS[operator](self, token))
        return self._found[key]


Relation = Callable[[TreeView, int], Iterable[int]]


def _before(find: Relation) -> Relation:
    return lambda tree, token: [other for other in find(tree, token) if other < token]


def _after(find: Relation) -> Relation:
    return lambda tree, token: [other for other in find(tree, token) if other > token]


def _next_to(find: Relation, distance: int) -> Relation:
    return lambda tree, token: [other for other in find(tree, token) if other == token + distance]


def _head(tree: TreeView, token: int) -> list[int]:
    head = tree.heads[token]
    return [] if head == token else [head]


def _children(tree: TreeView, token: int) -> list[int]:
    return tree.children[token]


RELATIONS: dict[str, Relation] = {
    "<": _head,
    ">": _children,
    "<<": TreeView.ancestors,
    ">>": TreeView.descendants,
    ".": _next_to(TreeView.sentence, 1),
    ".*": _after(TreeView.sentence),
    ";": _next_to(TreeView.sentence, -1),
    ";*": _before(TreeView.sentence),
    "$+": _next_to(TreeView.siblings, 1),
    "$-": _next_to(TreeView.siblings, -1),
    "$++": _after(TreeView.siblings),
    "$--": _before(TreeView.siblings),
    ">+": _next_to(_children, 1),
    ">-": _next_to(_children, -1),
    ">++": _after(_children),
    ">--": _before(_children),
    "<+": _next_to(_head, 1),
    "<-": _next_to(_head, -1),
    "<++": _after(_head),
    "<--": _before(_head),
}
