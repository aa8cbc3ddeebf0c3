"""The phrase matcher: large lists of phrases, given as Docs, found by one attribute."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..attrs import IDS
from ..errors import InvalidTypeError, InvalidValueError, MissingKeyError, SpanwrightWarning, nearest
from ._trie import Trie
from .matcher import SETTERS
from .view import as_view

if TYPE_CHECKING:
    from ..tokens import Doc, Span
    from ..vocab import Vocab

OnMatch = Callable[["PhraseMatcher", "Doc", int, list], Any]


class PhraseMatcher:
    """Find phrases, given as Docs, by one attribute of their tokens.

    vocab: the vocabulary that the Docs share.
    attr: the token attribute to compare by, for instance "LOWER" to ignore case.
    validate: warn when phrases carry annotations that the attribute does not need.

    Raises InvalidValueError (a ValueError) for an attribute that does not exist.

    Source: https://spacy.io/api/phrasematcher.
    """

    def __init__(self, vocab: Vocab, attr: int | str | None = "ORTH", validate: bool = False) -> None:
        self.vocab = vocab
        self.validate = validate
        if not isinstance(attr, int):
            name = (attr or "ORTH").upper()
            name = {"TEXT": "ORTH", "IS_SENT_START": "SENT_START"}.get(name, name)
            if name not in IDS:
                raise InvalidValueError(f"PhraseMatcher: no token attribute is called {attr!r}.{nearest(name, IDS)}")
            attr = IDS[name]
        self.attr = attr
        self._phrases: dict[int, dict[tuple[int, ...], None]] = {}
        self._callbacks: dict[int, OnMatch | None] = {}
        self._trie: Trie | None = None

    def __reduce__(self) -> tuple:
        return (_rebuild, (self.vocab, self.attr, self.validate, self._phrases, self._callbacks))

    def __len__(self) -> int:
        """The number of keys."""
        return len(self._phrases)

    def __contains__(self, key: str | int) -> bool:
        return self._number(key) in self._phrases

    def _number(self, key: str | int) -> int:
        return int(self.vocab.strings.add(key)) if isinstance(key, str) else key

    def add(self, key: str | int, docs: Any, *_docs: Any, on_match: OnMatch | None = None) -> None:
        """Add phrases under a key, beside those that are there.

        key: what a match is called.
        docs: the phrases; an empty Doc is passed over.
        on_match: called as `on_match(matcher, doc, i, matches)` for each match.

        Raises InvalidTypeError (a TypeError) for phrases that are no Docs, InvalidValueError (a ValueError) for a
        phrase without the annotation that the matcher compares by.
        """
        if docs is None or callable(docs):  # add(key, on_match, *docs), as in version 2
            on_match, docs = docs, list(_docs)
        if on_match is not None and not callable(on_match):
            raise InvalidTypeError(f"on_match for {key!r} must be a function or None, found {type(on_match).__name__}")
        phrases = [self._phrase(key, doc) for doc in self._as_docs(key, docs)]
        number = self._number(key)
        table = self._phrases.setdefault(number, {})
        table.update((phrase, None) for phrase in phrases if phrase)
        self._callbacks[number] = on_match
        self._trie = None

    def lacks(self, doc: Doc) -> str | None:
        """What a phrase lacks so that it could be added, in words; None if it can be."""
        if self.attr not in SETTERS or not len(doc) or doc.has_annotation(self.attr):
            return None
        name, pipe = SETTERS[self.attr]
        return (
            f"the PhraseMatcher compares by {name}, which the phrase {doc.text!r} lacks; make the phrases with a "
            f"pipeline that sets it ({pipe})"
        )

    def _as_docs(self, key: str | int, docs: Any) -> list[Any]:
        from ..tokens import Doc, Span

        if isinstance(docs, (str, Doc, Span)) or not isinstance(docs, Iterable):
            raise InvalidTypeError(
                f"the phrases for {key!r} must be a list of Docs, found {type(docs).__name__}; "
                "make Docs of texts with nlp.make_doc(text)"
            )
        phrases = list(docs)
        for phrase in phrases:
            if not isinstance(phrase, (Doc, Span)):
                raise InvalidTypeError(
                    f"the phrases for {key!r} must be Docs, found {type(phrase).__name__}: {phrase!r}; "
                    "make Docs of texts with nlp.make_doc(text)"
                )
        return phrases

    def _phrase(self, key: str | int, doc: Any) -> tuple[int, ...]:
        view = as_view(doc, "PhraseMatcher")
        problem = self.lacks(view.doc) if view.length else None
        if problem:
            raise InvalidValueError(f"Phrase for {key!r}: {problem}")
        if self.validate and self.attr not in SETTERS and any(map(view.doc.has_annotation, ("TAG", "DEP", "LEMMA"))):
            warnings.warn(
                f"phrases for {key!r} carry annotations that comparing by attribute {self.attr} does not need; "
                "nlp.make_doc(text) makes them faster",
                SpanwrightWarning,
                stacklevel=3,
            )
        return tuple(view.column(self.attr).tolist())

    def remove(self, key: str | int) -> None:
        """Remove all phrases of a key.

        Raises MissingKeyError (a KeyError) if there are none.
        """
        number = self._number(key)
        if number not in self._phrases:
            known = ", ".join(self.vocab.strings[other] for other in self._phrases) or "none"
            raise MissingKeyError(f"the phrase matcher has no phrases for {key!r}; it has: {known}")
        del self._phrases[number], self._callbacks[number]
        self._trie = None

    def _built(self) -> Trie:
        trie = self._trie
        if trie is None:
            trie = Trie()
            keys: dict[tuple[int, ...], list[int]] = {}
            for key, phrases in self._phrases.items():
                for phrase in phrases:
                    keys.setdefault(phrase, []).append(key)
            for phrase, its_keys in keys.items():
                for key in hash_order(its_keys):
                    trie.add(np.asarray(phrase, dtype=np.uint64), key)
            self._trie = trie
        return trie

    def __call__(self, doclike: Doc | Span, *, as_spans: bool = False) -> list[Any]:
        """Find all phrases in a Doc or Span, those that overlap included.

        doclike: where to look; matches count from the first token of the Doc in either case.
        as_spans: give Span objects that carry the key as label.

        Returns tuples `(key, start, end)` by start and then by length, or Spans.
        """
        from ..tokens import Span

        view = as_view(doclike, "PhraseMatcher")
        keys, places = self._built().find(view.column(self.attr))
        matches = [
            (int(key), int(start) + view.start, int(end) + view.start)
            for key, (start, end) in zip(keys.tolist(), places.tolist(), strict=True)
        ]
        for i, (key, _, _) in enumerate(matches):
            callback = self._callbacks.get(key)
            if callback is not None:
                callback(self, view.doc, i, matches)
        if as_spans:
            return [Span(view.doc, start, end, label=key) for key, start, end in matches]
        return matches

    def pipe(
        self, stream: Iterable[Any], batch_size: int = 1000, return_matches: bool = False, as_tuples: bool = False
    ) -> Iterator[Any]:
        """Match a stream of Docs; `matcher(doc)` in a loop does the same and is preferred."""
        text = "PhraseMatcher.pipe is deprecated: call the matcher on each Doc"
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        for item in stream:
            doc, context = item if as_tuples else (item, None)
            matches = self(doc)
            result = (doc, matches) if return_matches else doc
            yield (result, context) if as_tuples else result


def hash_order(keys: list[int]) -> list[int]:
    """The keys of one phrase in the order of a hash table with open addressing: spaCy reports them so."""
    if len(keys) < 2:
        return keys
    slots: list[int | None] = [None] * 8
    for count, key in enumerate(keys, start=1):
        _insert(slots, key)
        if (count + 1) * 5 >= len(slots) * 3:
            before, slots = slots, [None] * (2 * len(slots))
            for moved in before:
                if moved is not None:
                    _insert(slots, moved)
    return [key for key in slots if key is not None]


def _insert(slots: list[int | None], key: int) -> None:
    at = key % len(slots)
    while slots[at] is not None:
        at = (at + 1) % len(slots)
    slots[at] = key


def _rebuild(vocab: Vocab, attr: int, validate: bool, phrases: dict, callbacks: dict) -> PhraseMatcher:
    matcher = PhraseMatcher(vocab, attr=attr, validate=validate)
    matcher._phrases = phrases
    matcher._callbacks = callbacks
    return matcher
