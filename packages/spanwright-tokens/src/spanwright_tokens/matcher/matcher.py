"""The token matcher: patterns of attributes, found in a Doc by operations on its columns."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..attrs import IDS
from ..errors import InvalidTypeError, InvalidValueError
from ._automaton import find
from .fuzzy import levenshtein_compare
from .patterns import (
    ONE,
    MatchPatternError,
    Pattern,
    TokenSpec,
    UnknownRuleError,
    as_key,
    check_pattern,
    compile_all,
    compile_pattern,
)
from .view import DocView, as_view

if TYPE_CHECKING:
    from ..tokens import Doc, Span
    from ..vocab import Vocab

OnMatch = Callable[["Matcher", "Doc", int, list], Any]
# Which component sets an annotation that patterns can ask for.
SETTERS = {
    IDS["TAG"]: ("TAG", "tagger"),
    IDS["POS"]: ("POS", "morphologizer, or an attribute_ruler after the tagger"),
    IDS["MORPH"]: ("MORPH", "morphologizer, or an attribute_ruler after the tagger"),
    IDS["LEMMA"]: ("LEMMA", "lemmatizer"),
    IDS["DEP"]: ("DEP", "parser"),
}
GREEDY = ("FIRST", "LONGEST")
# Up to so many places of a pattern that need no token, going through them again costs less than to remember them.
FEW_LOOSE_PLACES = 8


class Found(NamedTuple):
    """A match: where, by which pattern, and which token of the pattern each of its tokens fits, if asked for."""

    start: int
    order: int
    end: int
    alignment: list[int] | None


class Matcher:
    """Find sequences of tokens that fit patterns of token attributes.

    vocab: the vocabulary that the Docs share.
    validate: check patterns as they are added and report everything that is wrong with them.
    fuzzy_compare: judges FUZZY: a function of the text, the pattern's text and the allowed distance (-1: up to it).

    Source: https://spacy.io/api/matcher describes the patterns and operators.
    """

    def __init__(
        self, vocab: Vocab, validate: bool = True, *, fuzzy_compare: Callable[..., bool] = levenshtein_compare
    ) -> None:
        self.vocab = vocab
        self.validate = validate
        self._fuzzy_compare = fuzzy_compare
        self._sources: dict[int, list[list[dict]]] = {}
        self._callbacks: dict[int, OnMatch | None] = {}
        self._greedy: dict[int, str | None] = {}
        # In the order in which they were added, which is that of their matches.
        self._compiled: list[Pattern] = []
        self._plan: Plan | None = None

    def __reduce__(self) -> tuple:
        state = (self.vocab, self.validate, self._fuzzy_compare, self._sources, self._callbacks, self._greedy)
        return (_rebuild, state)

    def __len__(self) -> int:
        """The number of keys."""
        return len(self._sources)

    def __contains__(self, key: str | int) -> bool:
        return self._normalize_key(key) in self._sources

    def has_key(self, key: str | int) -> bool:
        """Whether patterns have been added under a key."""
        return key in self

    @property
    def labels(self) -> list[str]:
        """The keys as strings, in the order in which they were added."""
        return [self.vocab.strings[key] for key in self._sources]

    def _normalize_key(self, key: str | int) -> int:
        return as_key(key, self.vocab)

    def add(
        self,
        key: str | int,
        patterns: list[list[dict]],
        *,
        on_match: OnMatch | None = None,
        greedy: str | None = None,
    ) -> None:
        """Add patterns under a key, beside those that are there.

        key: what a match is called.
        patterns: each a list of dicts, one a token, of attributes and their values.
        on_match: called as `on_match(matcher, doc, i, matches)` for each match.
        greedy: among overlapping matches of this key keep the "FIRST" or the "LONGEST"; None keeps all.

        Raises MatchPatternError (a ValueError) that lists all problems of all patterns, InvalidTypeError (a TypeError)
        for a callback that cannot be called, InvalidValueError (a ValueError) for another value of greedy.
        """
        if on_match is not None and not callable(on_match):
            raise InvalidTypeError(f"on_match for {key!r} must be a function or None, found {type(on_match).__name__}")
        if greedy is not None and greedy not in GREEDY:
            raise InvalidValueError(f"greedy for {key!r} must be 'FIRST', 'LONGEST' or None, found {greedy!r}")
        self._check(key, patterns)
        number = self._normalize_key(key)
        self._compiled += compile_all(
            key, patterns, lambda pattern: compile_pattern(number, pattern, self.vocab, self._fuzzy_compare)
        )
        self._sources.setdefault(number, []).extend([dict(token) for token in pattern] for pattern in patterns)
        self._callbacks[number] = on_match
        self._greedy[number] = greedy
        self._plan = None

    def _check(self, key: str | int, patterns: object) -> None:
        if not isinstance(patterns, list) or (patterns and isinstance(patterns[0], dict)):
            raise MatchPatternError(key, {0: ["expected a list of patterns, each a list of dicts; found one pattern"]})
        checked = {
            number: check_pattern(pattern) if self.validate or not pattern else []
            for number, pattern in enumerate(patterns)
        }
        problems = {number: found for number, found in checked.items() if found}
        if problems:
            raise MatchPatternError(key, problems)

    def remove(self, key: str | int) -> None:
        """Remove all patterns of a key.

        Raises UnknownRuleError (a KeyError and, as spaCy has it, a ValueError) if there are none.
        """
        number = self._normalize_key(key)
        if number not in self._sources:
            raise UnknownRuleError(
                f"the matcher has no patterns for {key!r}; it has: {', '.join(self.labels) or 'none'}"
            )
        for table in (self._sources, self._callbacks, self._greedy):
            table.pop(number)
        self._compiled = [pattern for pattern in self._compiled if pattern.key != number]
        self._plan = None

    def get(self, key: str | int, default: Any = None) -> Any:
        """The callback and the patterns of a key, as they were added; `default` if there are none."""
        number = self._normalize_key(key)
        if number not in self._sources:
            return default
        return (self._callbacks[number], self._sources[number])

    def pipe(
        self, docs: Iterable[Any], batch_size: int = 1000, return_matches: bool = False, as_tuples: bool = False
    ) -> Iterator[Any]:
        """Match a stream of Docs; `matcher(doc)` in a loop does the same and is preferred."""
        warnings.warn("Matcher.pipe is deprecated: call the matcher on each Doc", DeprecationWarning, stacklevel=2)
        for item in docs:
            doc, context = item if as_tuples else (item, None)
            matches = self(doc)
            result = (doc, matches) if return_matches else doc
            yield (result, context) if as_tuples else result

    def __call__(
        self,
        doclike: Doc | Span,
        *,
        as_spans: bool = False,
        allow_missing: bool = False,
        with_alignments: bool = False,
    ) -> list[Any]:
        """Find all matches in a Doc or Span.

        doclike: where to look; matches in a Span count from its first token.
        as_spans: give Span objects that carry the key as label.
        allow_missing: do not insist that the annotations which patterns ask for have been set.
        with_alignments: add to each match, for each token, the number of the token of the pattern that it fits.

        Returns tuples `(key, start, end)`, with alignments `(key, start, end, alignment)`, or Spans.

        Raises InvalidValueError (a ValueError) if the Doc lacks an annotation that a pattern asks for.
        """
        from ..tokens import Span

        view = as_view(doclike, "Matcher")
        plan = self._plan
        if plan is None:
            plan = self._plan = Plan(self._compiled)
        if not allow_missing:
            self._require_annotations(view.doc, plan)
        with_alignments = with_alignments and not as_spans
        found = plan.run(view, with_alignments)
        matches: list[Any] = []
        for match in self._choose(plan, found):
            pattern = plan.patterns[match.order]
            result: tuple = (pattern.key, match.start, match.end)
            if with_alignments:
                result += (match.alignment,)
            matches.append(result)
        results = matches
        if as_spans:
            results = [Span(view.doc, start + view.start, end + view.start, label=key) for key, start, end in matches]
        for i, match in enumerate(matches):
            callback = self._callbacks.get(match[0])
            if callback is not None:
                callback(self, view.doc, i, matches)
        return results

    def _require_annotations(self, doc: Doc, plan: Plan) -> None:
        for attr, (name, pipe) in SETTERS.items():
            if attr in plan.attrs and len(doc) and not doc.has_annotation(attr):
                raise InvalidValueError(
                    f"the Matcher has patterns for {name}, which no token of the Doc has; add a component that sets it "
                    f"({pipe}) before the matcher, or call the matcher with allow_missing=True"
                )

    def _choose(self, plan: Plan, found: list[Found]) -> list[Found]:
        """All matches of the keys that keep all, then for each greedy key those that do not overlap."""
        kept: list[Found] = []
        greedy: dict[int, list[Found]] = defaultdict(list)
        for match in found:
            key = plan.patterns[match.order].key
            (kept if self._greedy[key] is None else greedy[key]).append(match)
        for key, matches in greedy.items():
            if self._greedy[key] == "FIRST":
                matches.sort(key=lambda match: (match.start, -match.end))
            else:
                matches.sort(key=lambda match: (match.start - match.end, match.start))
            taken: set[int] = set()
            for match in matches:
                tokens = range(match.start, match.end)
                if taken.isdisjoint(tokens):
                    kept.append(match)
                    taken.update(tokens)
        return kept


class Plan:
    """Compiled patterns, indexed by what their first token must equal, so that most are never looked at."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = patterns
        self.attrs: set[int] = set()
        # attribute -> value -> patterns whose first token must have it
        self.index: dict[int, dict[int, list[int]]] = {}
        self.rest: list[int] = []
        self.places = Places(patterns)
        for order, pattern in enumerate(patterns):
            for spec in pattern.specs:
                self.attrs.update(attr for attr, _ in spec.equal)
                self.attrs.update(p.attr for p in spec.predicates if isinstance(p.attr, int) and not p.is_extension)
            first = pattern.specs[0]
            if pattern.quantifiers[0] == ONE and first.equal and not first.negated:
                attr, value = first.equal[0]
                self.index.setdefault(attr, {}).setdefault(value, []).append(order)
            else:
                self.rest.append(order)

    def candidates(self, view: DocView) -> list[int]:
        """The patterns that could begin somewhere in the text."""
        orders = list(self.rest)
        for attr, by_value in self.index.items():
            present = view.values(attr)
            smaller, larger = (by_value, present) if len(by_value) < len(present) else (present, by_value)
            for value in smaller:
                if value in larger:
                    orders += by_value[value]
        return sorted(orders)

    def run(self, view: DocView, aligned: bool = False) -> list[Found]:
        """Every match of every pattern, each once, in the order in which they become certain."""
        candidates = self.candidates(view) if view.length else []
        if not candidates:
            return []
        begins = [self.starts(view, self.patterns[order]) for order in candidates]
        counts = [len(tokens) for tokens in begins]
        tokens = np.concatenate(begins)
        places = np.repeat(self.places.first[candidates], counts)
        # Patterns begin in the order in which they were added.
        by_token = np.argsort(tokens, kind="stable")
        starts = np.stack([tokens[by_token], places[by_token]], axis=1)
        rows, steps = self.places.run(view, candidates, np.ascontiguousarray(starts, dtype=np.int32), aligned)
        found: dict[tuple[int, int, int], Found] = {}
        for order, (_, start, end, path) in zip(self.places.owner[rows[:, 0]].tolist(), rows.tolist(), strict=True):
            identity = (self.patterns[order].key, start, end)
            if identity not in found:
                alignment = self.places.path(steps, path) if aligned else None
                found[identity] = Found(start, order, end, alignment)
        return list(found.values())

    def starts(self, view: DocView, pattern: Pattern) -> NDArray[np.int32]:
        """The tokens at which a pattern can begin: those that fit a place with nothing required before it."""
        possible: NDArray[np.bool_] | None = None
        for spec, quantifier in zip(pattern.specs, pattern.quantifiers, strict=True):
            fits = view.fits(spec)
            possible = fits if possible is None else possible | fits
            if quantifier == ONE:
                break
        assert possible is not None
        return np.flatnonzero(possible).astype(np.int32)


class Places:
    """The places of all patterns one after the other, as the automaton wants them."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        specs: dict[TokenSpec, int] = {}
        rows = [specs.setdefault(spec, len(specs)) for pattern in patterns for spec in pattern.specs]
        lengths = np.asarray([len(pattern.specs) for pattern in patterns], dtype=np.int64)
        self.specs = list(specs)
        self.rows = np.asarray(rows, dtype=np.int32)
        self.quantifiers = np.asarray([q for pattern in patterns for q in pattern.quantifiers], dtype=np.uint8)
        self.last = np.cumsum(lengths)
        self.first = self.last - lengths
        self.owner = np.repeat(np.arange(len(patterns)), lengths)
        self.source = [token for pattern in patterns for token in pattern.source]
        self.final = np.zeros(len(rows), dtype=np.uint8)
        self.final[self.last - 1] = 1
        # One place can be reached in several ways only past two that need no token.
        loose = [sum(q != ONE for q in pattern.quantifiers) for pattern in patterns]
        self.merging = [count > 1 for count in loose]
        self.crowded = [count > FEW_LOOSE_PLACES for count in loose]

    def run(
        self, view: DocView, candidates: Sequence[int], starts: NDArray[np.int32], tracing: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The matches of some of the patterns, and the steps that led to them; see `find`."""
        needed = np.unique(np.concatenate([self.rows[self.first[i] : self.last[i]] for i in candidates]))
        rows = np.zeros(len(self.specs), dtype=np.int32)
        rows[needed] = np.arange(len(needed))
        fits = np.ascontiguousarray(np.stack([view.fits(self.specs[i]) for i in needed]).view(np.uint8))
        merging = any(self.merging[i] for i in candidates)
        crowded = any(self.crowded[i] for i in candidates)
        return find(fits, rows[self.rows], self.quantifiers, self.final, starts, merging, tracing, crowded)

    def path(self, steps: NDArray[np.int32], last: int) -> list[int]:
        """For each token of a match the token of the pattern that it fits."""
        found = []
        while last >= 0:
            last, place = steps[last].tolist()
            found.append(self.source[place])
        return found[::-1]


def _rebuild(
    vocab: Vocab, validate: bool, fuzzy_compare: Callable[..., bool], sources: dict, callbacks: dict, greedy: dict
) -> Matcher:
    matcher = Matcher(vocab, validate=validate, fuzzy_compare=fuzzy_compare)
    for key, patterns in sources.items():
        matcher.add(key, patterns, on_match=callbacks[key], greedy=greedy[key])
    return matcher
