"""Edit trees: how a form becomes its lemma, learnt from pairs and applied to other forms.

A match node keeps the middle of a form and leaves its prefix and suffix, of fixed lengths, to other trees; a
substitution node replaces one text by another. Source: Müller, Cotterell, Fraser and Schütze (2015), Joint
Lemmatization and Morphological Tagging with Lemming.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from spanwright.errors import DataFormatError, InvalidIndexError
from spanwright.strings import StringStore
from spanwright_tokens.io import dump_msgpack, read_bytes, read_msgpack, write_bytes

NULL_TREE_ID = 2**32 - 1
# Pairs whose trees are remembered; as many again are forgotten at once.
REMEMBERED = 1 << 18


class Match(NamedTuple):
    """Keeps what stands between a prefix and a suffix, which have trees of their own (or are kept)."""

    prefix_len: int
    suffix_len: int
    prefix_tree: int
    suffix_tree: int


class Subst(NamedTuple):
    """Replaces a text by another; both are given as ids."""

    orig: int
    subst: int


Tree = Match | Subst
NODES: tuple[type[Match], type[Subst]] = (Match, Subst)


class EditTrees:
    """A table of edit trees, each stored once.

    strings: Where the texts of substitutions are kept.
    """

    def __init__(self, strings: StringStore) -> None:
        self.strings = strings
        self._trees: list[Tree] = []
        self._ids: dict[Tree, int] = {}
        self._pairs: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        """The number of trees."""
        return len(self._trees)

    def __getitem__(self, tree_id: int) -> dict[str, int]:
        """A tree as a dict of its fields. Raises InvalidIndexError (an IndexError)."""
        return self._tree(tree_id)._asdict()

    def __reduce__(self) -> Any:
        return _rebuild, (self.strings, self._trees)

    def _tree(self, tree_id: int) -> Tree:
        if not 0 <= tree_id < len(self._trees):
            raise InvalidIndexError(f"There is no edit tree {tree_id}: there are {len(self._trees)}.")
        return self._trees[tree_id]

    def add(self, form: str, lemma: str) -> int:
        """Add the tree that turns a form into a lemma, and those that it is made of; returns its id."""
        pair = (form, lemma)
        found = self._pairs.get(pair)
        if found is None:
            found = self._add(form, lemma)
            if len(self._pairs) >= REMEMBERED:
                self._pairs.clear()
            self._pairs[pair] = found
        return found

    def _add(self, form: str, lemma: str) -> int:
        if form == lemma:
            # Two empty texts, too, are a match, although they have nothing in common.
            return self._store(Match(0, 0, NULL_TREE_ID, NULL_TREE_ID))
        start, other, length = SequenceMatcher(None, form, lemma, autojunk=False).find_longest_match()
        if length == 0:
            return self._store(Subst(int(self.strings.add(form)), int(self.strings.add(lemma))))
        end, other_end = start + length, other + length
        prefix = self.add(form[:start], lemma[:other]) if start or other else NULL_TREE_ID
        more = end < len(form) or other_end < len(lemma)
        suffix = self.add(form[end:], lemma[other_end:]) if more else NULL_TREE_ID
        return self._store(Match(start, len(form) - end, prefix, suffix))

    def _store(self, tree: Tree) -> int:
        found = self._ids.setdefault(tree, len(self._trees))
        if found == len(self._trees):
            self._trees.append(tree)
        return found

    def apply(self, tree_id: int, form: str) -> str | None:
        """What a tree makes of a form; None if it cannot be applied to it.

        Raises InvalidIndexError (an IndexError) for an id that is not there.
        """
        tree = self._tree(tree_id)
        if isinstance(tree, Subst):
            return self.strings[tree.subst] if form == self.strings[tree.orig] else None
        middle, end = tree.prefix_len, len(form) - tree.suffix_len
        if middle > end:
            return None
        prefix: str | None = ""
        suffix: str | None = ""
        if tree.prefix_tree != NULL_TREE_ID:
            prefix = self.apply(tree.prefix_tree, form[:middle])
        if tree.suffix_tree != NULL_TREE_ID and prefix is not None:
            suffix = self.apply(tree.suffix_tree, form[end:])
        return None if prefix is None or suffix is None else prefix + form[middle:end] + suffix

    def tree_to_str(self, tree_id: int) -> str:
        """A tree as an expression, for people: (m prefix_len suffix_len prefix_tree suffix_tree) or (s 'from' 'to')."""
        tree = self._tree(tree_id)
        if isinstance(tree, Subst):
            return f"(s '{self.strings[tree.orig]}' '{self.strings[tree.subst]}')"
        parts = ["()" if part == NULL_TREE_ID else self.tree_to_str(part) for part in tree[2:]]
        return f"(m {tree.prefix_len} {tree.suffix_len} {parts[0]} {parts[1]})"

    # Files

    def from_json(self, trees: Sequence[Mapping[str, Any]]) -> EditTrees:
        """Take other trees instead, given as dicts of their fields; texts may be given as texts or ids.

        Raises DataFormatError (a ValueError) for what is no tree; the trees then stay as they were.
        """
        return self._replace(trees, "edit trees")

    def to_bytes(self, **kwargs: Any) -> bytes:
        """The trees as a message."""
        return dump_msgpack({"trees": [tree._asdict() for tree in self._trees]})

    def from_bytes(self, bytes_data: bytes, *, where: str = "edit trees", **kwargs: Any) -> EditTrees:
        """Load what `to_bytes` gave. Raises DataFormatError (a ValueError) and changes nothing for other bytes."""
        message = read_msgpack(bytes_data, where=where)
        trees = message.get("trees") if isinstance(message, dict) else None
        if not isinstance(trees, list):
            raise DataFormatError(f"{where}: a message with a list of 'trees' is needed.")
        return self._replace(trees, where)

    def to_disk(self, path: str | Path, **kwargs: Any) -> EditTrees:
        """Write the trees to a file."""
        write_bytes(path, self.to_bytes())
        return self

    def from_disk(self, path: str | Path, **kwargs: Any) -> EditTrees:
        """Load the trees of a file; without one nothing happens. Raises DataFormatError (a ValueError)."""
        return self.from_bytes(read_bytes(path), where=str(path)) if Path(path).exists() else self

    def _replace(self, trees: Iterable[Any], where: str) -> EditTrees:
        read = [self._read(tree, number, where) for number, tree in enumerate(trees)]
        for number, tree in enumerate(read):
            for part in tree[2:] if isinstance(tree, Match) else ():
                # A part is added before the tree that needs it, so that no tree can contain itself.
                if part != NULL_TREE_ID and not 0 <= part < number:
                    raise DataFormatError(
                        f"{where}: tree {number} refers to tree {part}, which does not stand before it."
                    )
        self._trees = read
        self._ids = {}
        for number, tree in enumerate(read):
            self._ids.setdefault(tree, number)
        self._pairs = {}
        return self

    def _read(self, fields: Any, number: int, where: str) -> Tree:
        for node in NODES:
            if isinstance(fields, Mapping) and set(fields) == set(node._fields):
                values = [self._id(fields[name]) if node is Subst else fields[name] for name in node._fields]
                if all(type(value) is int and value >= 0 for value in values):
                    return node(*values)
        expected = " or ".join(f"({', '.join(node._fields)})" for node in NODES)
        raise DataFormatError(f"{where}: tree {number} must be a dict of numbers {expected}, found {fields!r}.")

    def _id(self, text: Any) -> Any:
        return int(self.strings.add(text)) if isinstance(text, str) else text


def _rebuild(strings: StringStore, trees: list[Tree]) -> EditTrees:
    return EditTrees(strings)._replace([tree._asdict() for tree in trees], "edit trees")
