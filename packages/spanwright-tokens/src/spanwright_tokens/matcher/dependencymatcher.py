"""The dependency matcher: patterns of tokens that hang together in a tree."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, SpanwrightWarning, nearest
from .fuzzy import levenshtein_compare
from .matcher import SETTERS
from .patterns import (
    MatchPatternError,
    TokenSpec,
    UnknownRuleError,
    as_key,
    check_entry,
    compile_all,
    compile_pattern,
)
from .relations import RELATIONS, TreeView
from .view import DocView, NotADocError

if TYPE_CHECKING:
    from ..tokens import Doc, Span
    from ..vocab import Vocab

OnMatch = Callable[["DependencyMatcher", "Doc", int, list], Any]
ANCHOR_KEYS = ("RIGHT_ID", "RIGHT_ATTRS")
NODE_KEYS = ("LEFT_ID", "REL_OP", *ANCHOR_KEYS)


@dataclass(frozen=True)
class TreePattern:
    """A compiled pattern: what each of its tokens must be, and how it is related to one before it."""

    key: int
    specs: tuple[TokenSpec, ...]
    # For each token but the first the place of the token before and the operator.
    relations: tuple[tuple[int, str], ...]


class DependencyMatcher:
    """Find tokens that fit patterns of attributes and of relations in the dependency tree.

    vocab: the vocabulary that the Docs share.
    validate: check the attributes of tokens as patterns are added and report everything that is wrong with them.

    Source: https://spacy.io/api/dependencymatcher describes the patterns and operators.
    """

    def __init__(self, vocab: Vocab, *, validate: bool = False) -> None:
        self.vocab = vocab
        self.validate = validate
        self._sources: dict[int, list[list[dict[str, Any]]]] = {}
        self._callbacks: dict[int, OnMatch | None] = {}
        self._compiled: dict[int, list[TreePattern]] = {}

    def __reduce__(self) -> tuple:
        return (_rebuild, (self.vocab, self.validate, self._sources, self._callbacks))

    def __len__(self) -> int:
        """The number of keys."""
        return len(self._sources)

    def __contains__(self, key: str | int) -> bool:
        return self._number(key) in self._sources

    def has_key(self, key: str | int) -> bool:
        """Whether patterns have been added under a key."""
        return key in self

    def _number(self, key: str | int) -> int:
        return as_key(key, self.vocab)

    def add(self, key: str | int, patterns: list[list[dict[str, Any]]], *, on_match: OnMatch | None = None) -> None:
        """Add patterns under a key, beside those that are there.

        key: what a match is called.
        patterns: each a list of dicts, one a token. The first has RIGHT_ID (its name in the pattern) and RIGHT_ATTRS
            (as a token of `Matcher`); each other one also LEFT_ID (the name of a token before it) and REL_OP (how
            the left token is related to this one: "<" if it depends on it, ">" if it is its head, ...).
        on_match: called as `on_match(matcher, doc, i, matches)` for each match.

        Raises MatchPatternError (a ValueError) that lists all problems of all patterns, and InvalidTypeError (a
        TypeError and a ValueError) for a callback that cannot be called.
        """
        if on_match is not None and not callable(on_match):
            raise NotCallableError(f"on_match for {key!r} must be a function or None, found {type(on_match).__name__}")
        if not isinstance(patterns, list) or (patterns and isinstance(patterns[0], Mapping)):
            raise MatchPatternError(key, {0: ["expected a list of patterns, each a list of dicts; found one pattern"]})
        checked = {i: check_tree_pattern(pattern, self.validate) for i, pattern in enumerate(patterns)}
        problems = {i: found for i, found in checked.items() if found}
        if problems:
            raise MatchPatternError(key, problems)
        number = self._number(key)
        compiled = compile_all(
            key,
            patterns,
            lambda pattern: self._compile(number, pattern),
            lambda pattern: check_tree_pattern(pattern, validate=True),
        )
        self._sources.setdefault(number, []).extend(patterns)
        self._compiled.setdefault(number, []).extend(compiled)
        self._callbacks[number] = on_match

    def _compile(self, key: int, pattern: Sequence[Mapping[str, Any]]) -> TreePattern:
        places = {node["RIGHT_ID"]: place for place, node in enumerate(pattern)}
        asked = [node["RIGHT_ATTRS"] for node in pattern]
        specs = compile_pattern(key, asked, self.vocab, levenshtein_compare).specs
        return TreePattern(key, specs, tuple((places[node["LEFT_ID"]], node["REL_OP"]) for node in pattern[1:]))

    def get(self, key: str | int, default: Any = None) -> Any:
        """The callback and the patterns of a key, as they were added; `default` if there are none."""
        number = self._number(key)
        return (self._callbacks[number], self._sources[number]) if number in self._sources else default

    def remove(self, key: str | int) -> None:
        """Remove all patterns of a key. Raises UnknownRuleError (a KeyError and a ValueError) if there are none."""
        number = self._number(key)
        if number not in self._sources:
            known = ", ".join(self.vocab.strings[other] for other in self._sources) or "none"
            raise UnknownRuleError(f"the dependency matcher has no patterns for {key!r}; it has: {known}")
        for table in (self._sources, self._callbacks, self._compiled):
            table.pop(number)

    def __call__(self, doclike: Doc | Span) -> list[tuple[int, list[int]]]:
        """Find all matches in a Doc or Span.

        doclike: where to look; tokens of a Span count from its first, and relations to tokens outside are cut off.

        Returns tuples of the key and the tokens that fit the pattern, in the order of the pattern's tokens; all of a
        match are of one tree.

        Raises InvalidValueError (a ValueError) if the Doc lacks an annotation that a pattern asks for.
        """
        from ..tokens import Doc, Span

        if isinstance(doclike, Span):
            doc = doclike.as_doc(copy_user_data=True)
        elif isinstance(doclike, Doc):
            doc = doclike
        else:
            raise NotADocError(f"DependencyMatcher looks for matches in a Doc or Span, found {type(doclike).__name__}")
        view, tree = DocView(doc, 0, len(doc)), TreeView(doc)
        patterns = [pattern for compiled in self._compiled.values() for pattern in compiled]
        self._require_annotations(doc, patterns)
        matches = list(self._matches(view, tree, patterns)) if len(doc) else []
        for i, (key, _) in enumerate(matches):
            callback = self._callbacks.get(key)
            if callback is not None:
                callback(self, doc, i, matches)
        return matches

    def _require_annotations(self, doc: Doc, patterns: Sequence[TreePattern]) -> None:
        specs = [spec for pattern in patterns for spec in pattern.specs]
        asked = {attr for spec in specs for attr, _ in spec.equal}
        asked |= {p.attr for spec in specs for p in spec.predicates if isinstance(p.attr, int) and not p.is_extension}
        for attr, (name, pipe) in SETTERS.items():
            if attr in asked and len(doc) and not doc.has_annotation(attr):
                raise InvalidValueError(
                    f"the DependencyMatcher has patterns for {name}, which no token of the Doc has; add a component "
                    f"that sets it ({pipe}) before the matcher"
                )

    def _matches(
        self, view: DocView, tree: TreeView, patterns: Sequence[TreePattern]
    ) -> Iterator[tuple[int, list[int]]]:
        fits = {spec: np.flatnonzero(view.fits(spec)).tolist() for pattern in patterns for spec in pattern.specs}
        # Trees come in the order of the first token in them that fits anything.
        roots = dict.fromkeys(tree.root(token) for token in sorted({t for tokens in fits.values() for t in tokens}))
        for pattern in patterns:
            if not all(fits[spec] for spec in pattern.specs):
                continue
            by_root: list[dict[int, list[int]]] = []
            for spec in pattern.specs:
                groups: dict[int, list[int]] = {}
                for token in fits[spec]:
                    groups.setdefault(tree.root(token), []).append(token)
                by_root.append(groups)
            for root in roots:
                candidates = [groups.get(root, []) for groups in by_root]
                if all(candidates):
                    yield from ((pattern.key, found) for found in self._extend(tree, pattern, candidates, []))

    def _extend(
        self, tree: TreeView, pattern: TreePattern, candidates: Sequence[Sequence[int]], chosen: list[int]
    ) -> Iterator[list[int]]:
        """All ways to go on from tokens that fit the first places of a pattern."""
        place = len(chosen)
        if place == len(candidates):
            yield chosen
            return
        fitting: Sequence[int] = candidates[place]
        if place:
            left, operator = pattern.relations[place - 1]
            related = tree.related(operator, chosen[left])
            fitting = [token for token in fitting if token in related]
        for token in fitting:
            yield from self._extend(tree, pattern, candidates, [*chosen, token])


class NotCallableError(InvalidTypeError, ValueError):
    """Something else was given where a function belongs."""


def check_tree_pattern(pattern: object, validate: bool) -> list[str]:
    """Every problem of one pattern in words; empty if there is none."""
    if not isinstance(pattern, list):
        return [f"expected a list of dicts, one for each token, found {type(pattern).__name__}: {pattern!r}"]
    if not pattern:
        return ["the pattern is empty: it needs at least one token"]
    problems: list[str] = []
    names: list[Any] = []
    for place, node in enumerate(pattern):
        if not isinstance(node, Mapping):
            problems.append(f"token {place}: expected a dict, found {node!r}")
            continue
        found = list(_check_node(node, place, names, validate))
        problems += [f"token {place}: {problem}" for problem in found]
        names.append(node.get("RIGHT_ID"))
    return problems


def _check_node(node: Mapping[str, Any], place: int, names: Sequence[Any], validate: bool) -> Iterator[str]:
    wanted = NODE_KEYS if place else ANCHOR_KEYS
    for key in wanted:
        if key not in node:
            close = nearest(key, [str(other) for other in node if other not in NODE_KEYS])
            yield f"the key {key} is missing{close or f'; found: {sorted(map(str, node))}'}"
    for key in node:
        if place == 0 and key in ("LEFT_ID", "REL_OP"):
            yield f"{key}: the first token has no other before it; it has {' and '.join(ANCHOR_KEYS)} alone"
        elif key not in NODE_KEYS and all(known in node for known in wanted):
            text = f"Unknown key {key!r} in {dict(node)!r} is ignored.{nearest(str(key).upper(), NODE_KEYS)}"
            warnings.warn(text, SpanwrightWarning, stacklevel=5)
    if node.get("RIGHT_ID") in names:
        yield f"RIGHT_ID: {node['RIGHT_ID']!r} is the name of a token before"
    if place and "LEFT_ID" in node and node["LEFT_ID"] not in names:
        known = [str(name) for name in names]
        yield f"LEFT_ID: no token before is called {node['LEFT_ID']!r}.{nearest(str(node['LEFT_ID']), known)}"
    if place and "REL_OP" in node and node["REL_OP"] not in RELATIONS:
        yield f"REL_OP: unknown operator {node['REL_OP']!r}; expected one of {' '.join(RELATIONS)}"
    attrs = node.get("RIGHT_ATTRS", {})
    if not isinstance(attrs, Mapping):
        yield f"RIGHT_ATTRS: expected a dict of attributes, found {attrs!r}"
        return
    if attrs.get("OP", "1") not in ("1", "!"):
        yield f"RIGHT_ATTRS: OP {attrs['OP']!r} is not possible here: each dict stands for one token"
    elif validate:
        for key, value in attrs.items():
            yield from check_entry(key, value)


def _rebuild(vocab: Vocab, validate: bool, sources: dict, callbacks: dict) -> DependencyMatcher:
    matcher = DependencyMatcher(vocab, validate=validate)
    for key, patterns in sources.items():
        matcher.add(key, patterns, on_match=callbacks[key])
    return matcher
