"""The token matcher: patterns of attributes, found in a Doc by operations on its columns."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..attrs import IDS
from ..errors import InvalidTypeError, InvalidValueError
from .fuzzy import levenshtein_compare
from .patterns import (
    MatchPatternError,
    UnknownRuleError,
    as_key,
    check_pattern,
    compile_all,
    compile_pattern,
)
from .plan import Found, PatternTable, Plan
from .view import as_view

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
        self._compiled = PatternTable()
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
        if not isinstance(patterns, list) or (patterns and isinstance(patterns[0], dict)):
            raise MatchPatternError(key, {0: ["expected a list of patterns, each a list of dicts; found one pattern"]})
        number = self._add(key, patterns)
        self._callbacks[number] = on_match
        self._greedy[number] = greedy

    def add_each(self, rules: Iterable[tuple[str | int, list[dict]]]) -> None:
        """Add many patterns, each under its key, all or none.

        rules: pairs of a key and a pattern, as for `add`.

        Raises MatchPatternError (a ValueError) for the first that is wrong; its `place` tells which. Raises
        InvalidTypeError (a TypeError) for a key that is neither a string nor an id.
        """
        marked = self._compiled.size()
        added: list[int] = []
        try:
            for key, pattern in rules:
                added.append(self._add(key, [pattern]))
        except BaseException as error:
            if isinstance(error, MatchPatternError):
                error.place = len(added)
            self._compiled.cut(marked)
            self._plan = None
            for number in reversed(added):
                self._sources[number].pop()
            for number in set(added):
                if not self._sources[number]:
                    del self._sources[number]
            raise
        for number in added:
            self._callbacks.setdefault(number, None)
            self._greedy.setdefault(number, None)

    def _add(self, key: str | int, patterns: list[list[dict]]) -> int:
        if self.validate or not all(patterns):
            self._check(key, patterns)
        number = self._normalize_key(key)
        for compiled in compile_all(
            key, patterns, lambda pattern: compile_pattern(number, pattern, self.vocab, self._fuzzy_compare)
        ):
            self._compiled.append(compiled)
        self._sources.setdefault(number, []).extend(patterns)
        self._plan = None
        return number

    def _check(self, key: str | int, patterns: list[list[dict]]) -> None:
        doubtful = {n: pattern for n, pattern in enumerate(patterns) if self.validate or not pattern}
        problems = {n: found for n, pattern in doubtful.items() if (found := check_pattern(pattern))}
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
        self._compiled = self._compiled.without(number)
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
            result: tuple = (plan.keys[match.order], match.start, match.end)
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
            key = plan.keys[match.order]
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


def _rebuild(
    vocab: Vocab, validate: bool, fuzzy_compare: Callable[..., bool], sources: dict, callbacks: dict, greedy: dict
) -> Matcher:
    matcher = Matcher(vocab, validate=validate, fuzzy_compare=fuzzy_compare)
    for key, patterns in sources.items():
        matcher.add(key, patterns, on_match=callbacks[key], greedy=greedy[key])
    return matcher
