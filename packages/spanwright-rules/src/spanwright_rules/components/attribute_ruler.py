"""The component attribute_ruler: attributes of the tokens that patterns find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.attrs import IDS
from spanwright.errors import DataFormatError, InvalidIndexError, InvalidTypeError, InvalidValueError
from spanwright.language import Language
from spanwright.matcher import Matcher
from spanwright.pipe import Pipe, batches
from spanwright.tokens import Doc, gather, scatter
from spanwright_tokens.errors import nearest
from spanwright_tokens.io import dump_msgpack, read_msgpack
from spanwright_tokens.matcher.patterns import MatchPatternError, Pattern, compile_pattern

from ..files import load_parts, pack_parts, save_parts, unpack_parts
from ..fixed_patterns import FEW_TOKENS, Batch, FixedPatterns, is_fixed
from ..token_attrs import TokenAttrs, drop_unknown_attrs, normalize_token_attrs, set_token_attrs

if TYPE_CHECKING:
    from spanwright.tokens import Example
    from spanwright.vocab import Vocab

Matches = list[tuple[int, int, int, int]]
# Attributes that are set for a whole batch at once.
COLUMNS = frozenset(IDS[name] for name in ("TAG", "POS", "MORPH", "LEMMA", "DEP"))
PATTERN_KEYS = ("patterns", "attrs", "index")


class TargetError(InvalidIndexError, ValueError):
    """A match has no token at the index that a pattern sets attributes of."""


def attribute_ruler_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """The scores of spacy.attribute_ruler_scorer.v1: tags, parts of speech, features and lemmas."""
    from spanwright.registry import get

    return get("scorers", "spacy.attribute_ruler_scorer.v1")()(examples, **kwargs)


@Language.factory(
    "attribute_ruler",
    default_config={"validate": False, "scorer": {"@scorers": "spacy.attribute_ruler_scorer.v1"}},
)
def make_attribute_ruler(nlp: Language, name: str, validate: bool, scorer: Callable | None) -> AttributeRuler:
    """attribute_ruler: sets attributes of the tokens that patterns find.

    validate: Whether to check patterns as they are added and report everything that is wrong with them.
    scorer: Scores what was set.
    """
    return AttributeRuler(nlp.vocab, name, validate=validate, scorer=scorer)


class AttributeRuler(Pipe):
    """Sets attributes of the tokens that patterns find. Where several patterns set one attribute, the last wins.

    All patterns look at the Doc as it was before the component.

    vocab: The vocabulary shared with the pipeline.
    name: The component's name in its pipeline.
    validate, scorer: See `make_attribute_ruler`.
    """

    def __init__(
        self,
        vocab: Vocab,
        name: str = "attribute_ruler",
        *,
        validate: bool = False,
        scorer: Callable | None = attribute_ruler_score,
    ) -> None:
        self.vocab = vocab
        self.name = name
        self.validate = validate
        self.scorer = scorer
        self.clear()

    def clear(self) -> None:
        """Remove all patterns."""
        self.matcher = Matcher(self.vocab, validate=self.validate)
        self.attrs: list[TokenAttrs] = []
        self.indices: list[int] = []
        self._attrs_unnormed: list[dict[Any, Any]] = []
        self._plan: Plan | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_plan": None}

    # Annotating

    def __call__(self, doc: Doc) -> Doc:
        """Set the attributes of one Doc's tokens, and return it."""
        try:
            self._annotate([doc])
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Set attributes for a stream of Docs, in batches. A Doc that fails goes to the error handler.

        batch_size: How many Docs are looked at together.
        """
        for docs in batches(stream, batch_size):
            try:
                self._annotate(docs)
            except Exception:
                # One of them has no such token; the others are set as usual.
                yield from super().pipe(docs)
            else:
                yield from docs

    def _annotate(self, docs: list[Doc]) -> None:
        own = type(self)
        if own.match is not AttributeRuler.match or own.set_annotations is not AttributeRuler.set_annotations:
            for doc in docs:
                self.set_annotations(doc, self.match(doc))
            return
        if self._plan is None:
            self._plan = Plan(self)
        self._plan.run(docs)

    def match(self, doc: Doc) -> Matches:
        """All matches in a Doc, as (number of the rule, key, start, end), in the order in which they are applied."""
        found = self.matcher(doc, allow_missing=True)
        return sorted((int(self.vocab.strings[key]), key, start, end) for key, start, end in found)

    def set_annotations(self, doc: Doc, matches: Matches) -> None:
        """Set the attributes of the tokens that `match` found."""
        for number, _, start, end in matches:
            set_token_attrs(doc[self._target(doc, number, start, end)], self.attrs[number])

    def _target(self, doc: Doc, number: int, start: int, end: int) -> int:
        index = self.indices[number]
        if not start - end <= index < end - start:
            raise TargetError(
                f"Component '{self.name}', rule {number}: its patterns {self._patterns(number)} found "
                f"{[token.text for token in doc[start:end]]}, which has no token {index} to set "
                f"{self._attrs_unnormed[number]} of. The index must fit the shortest match."
            )
        return (start if index >= 0 else end) + index

    # Patterns

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]] | None,
        *,
        nlp: Language | None = None,
        patterns: Iterable[Mapping[str, Any]] | None = None,
        tag_map: Mapping[str, Mapping[Any, Any]] | None = None,
        morph_rules: Mapping[str, Mapping[str, Mapping[Any, Any]]] | None = None,
    ) -> None:
        """Set up the patterns; those that there were are removed.

        get_examples: Not used.
        nlp: The pipeline that the component is part of.
        patterns: As for `add_patterns`.
        tag_map: As for `load_from_tag_map`.
        morph_rules: As for `load_from_morph_rules`.
        """
        self.clear()
        self.add_patterns(patterns or ())
        self.load_from_tag_map(tag_map or {})
        self.load_from_morph_rules(morph_rules or {})

    def add(self, patterns: Iterable[list[dict[Any, Any]]], attrs: Mapping[Any, Any], index: int = 0) -> None:
        """Add a rule.

        patterns: Token patterns, as `Matcher` takes them; each finds tokens for the rule.
        attrs: Attribute -> value to set; under "_" a dict of extension attributes.
        index: The token of a match whose attributes are set; a negative one counts from the end.

        Raises MatchPatternError or InvalidValueError (ValueErrors) for patterns and attributes that cannot be.
        """
        where = f"Component '{self.name}', rule {len(self.attrs)}"
        if isinstance(index, bool) or not isinstance(index, int):
            raise InvalidTypeError(f"{where}: the index must be a number, found {index!r}.")
        normalized = normalize_token_attrs(self.vocab, attrs, where)
        if not isinstance(patterns, Iterable):
            raise InvalidTypeError(f"{where}: expected a list of patterns, found {patterns!r}.")
        patterns = list(patterns)
        try:
            self.matcher.add(str(len(self.attrs)), patterns)
        except MatchPatternError as error:
            raise MatchPatternError(str(len(self.attrs)), error.problems, where=where) from None
        self._attrs_unnormed.append(dict(attrs))
        self.attrs.append(normalized)
        self.indices.append(index)
        self._plan = None

    def add_patterns(self, patterns: Iterable[Mapping[str, Any]]) -> None:
        """Add rules, each a dict with "patterns", "attrs" and, if it is not 0, "index"; see `add`.

        Raises InvalidValueError (a ValueError) for another dict.
        """
        for number, rule in enumerate(patterns):
            where = f"Component '{self.name}', pattern {number}"
            if not isinstance(rule, Mapping):
                raise InvalidTypeError(f"{where}: expected a dict with {', '.join(PATTERN_KEYS)}, found {rule!r}.")
            for key in rule:
                if key not in PATTERN_KEYS:
                    raise InvalidValueError(f"{where}: unknown key {key!r}.{nearest(str(key), PATTERN_KEYS)}")
            for key in ("patterns", "attrs"):
                if key not in rule:
                    raise InvalidValueError(f"{where}: the key '{key}' is missing; found {sorted(rule)}.")
            self.add(**rule)

    def load_from_tag_map(self, tag_map: Mapping[str, Mapping[Any, Any]]) -> None:
        """Add a rule for each tag of a tag map, as version 2 had them.

        tag_map: Tag -> attributes, such as {"NNS": {"POS": "NOUN", "Number": "Plur"}}; what is no attribute of a
            token is a morphological feature.
        """
        for tag, attrs in tag_map.items():
            plain, features = _split_features(attrs)
            plain["MORPH"] = self._morph(plain.get("MORPH", features))
            self.add([[{"TAG": tag}]], plain)

    def load_from_morph_rules(self, morph_rules: Mapping[str, Mapping[str, Mapping[Any, Any]]]) -> None:
        """Add a rule for each word of morph rules, as version 2 had them.

        morph_rules: Tag -> word -> attributes; what is no attribute of a token is a morphological feature.
        """
        for tag, words in morph_rules.items():
            for word, attrs in words.items():
                plain, features = _split_features(attrs)
                if "MORPH" in plain or features:
                    plain["MORPH"] = self._morph(plain.get("MORPH", features))
                self.add([[{"ORTH": word, "TAG": tag}]], plain)

    def _morph(self, features: Any) -> str:
        return self.vocab.strings[self.vocab.morphology.add(features)]

    def _patterns(self, number: int) -> list[list[dict[Any, Any]]]:
        return self.matcher.get(str(number))[1]

    @property
    def patterns(self) -> list[dict[str, Any]]:
        """The rules, as `add_patterns` takes them."""
        return [
            {"patterns": self._patterns(number), "attrs": attrs, "index": self.indices[number]}
            for number, attrs in enumerate(self._attrs_unnormed)
        ]

    # Files

    def _load(self, data: bytes, where: str) -> None:
        """Add the rules of a message; if it does not fit, the rules stay as they were."""
        rules = read_msgpack(data, where=where)
        if not isinstance(rules, list):
            raise DataFormatError(f"{where}: a list of rules is needed, found {type(rules).__name__}.")
        for number, rule in enumerate(rules):
            if isinstance(rule, dict) and isinstance(rule.get("attrs"), dict):
                rule["attrs"] = drop_unknown_attrs(rule["attrs"], f"{where}, rule {number}")
        fresh = AttributeRuler(self.vocab, self.name, validate=self.validate)
        fresh.add_patterns([*self.patterns, *rules])
        for part in ("matcher", "attrs", "indices", "_attrs_unnormed"):
            setattr(self, part, getattr(fresh, part))
        self._plan = None

    def to_bytes(self, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes.

        exclude: Fields to leave out: "patterns", "vocab".
        """
        return pack_parts({"patterns": dump_msgpack(self.patterns)}, exclude, self.vocab)

    def from_bytes(self, bytes_data: bytes, exclude: Iterable[str] = ()) -> AttributeRuler:
        """Add the rules that `to_bytes` gave. Raises DataFormatError or MatchPatternError (both ValueErrors)."""

        def apply(parts: dict[str, bytes]) -> None:
            if "patterns" in parts:
                self._load(parts["patterns"], f"component '{self.name}'")

        unpack_parts(bytes_data, ["patterns"], exclude, component=self.name, apply=apply, vocab=self.vocab)
        return self

    def to_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> None:
        """Save the component to a folder, whole or not at all.

        exclude: Fields to leave out: "patterns", "vocab".
        """
        save_parts(path, {"patterns": dump_msgpack(self.patterns)}, exclude, self.vocab)

    def from_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> AttributeRuler:
        """Add the rules of a folder.

        Raises MissingFileError (a FileNotFoundError), DataFormatError or MatchPatternError (both ValueErrors).
        """
        parts = load_parts(path, ["patterns"], exclude, component=self.name, vocab=self.vocab)
        if "patterns" in parts:
            self._load(parts["patterns"], str(Path(path) / "patterns"))
        return self


class Plan:
    """The rules of a ruler, ready to be applied to whole batches."""

    def __init__(self, ruler: AttributeRuler) -> None:
        self.ruler = ruler
        self.matcher: Matcher | None = None
        fixed: list[Pattern] = []
        # For each rule what is set by column, and the rest.
        self.settings = [
            (
                [(attr, value) for attr, value in attrs.items() if attr in COLUMNS],
                {attr: value for attr, value in attrs.items() if attr not in COLUMNS},
            )
            for attrs in ruler.attrs
        ]
        # For each pattern of a fixed length, the number of its rule.
        self.rules: list[int] = []
        for number in range(len(ruler.attrs)):
            loose = []
            for pattern in ruler._patterns(number):
                compiled = compile_pattern(number, pattern, ruler.vocab, ruler.matcher._fuzzy_compare)
                if not compiled.specs:
                    continue  # {0}: it asks for no token
                if is_fixed(compiled):
                    fixed.append(compiled)
                    self.rules.append(number)
                else:
                    loose.append(pattern)
            if loose:
                # Patterns that repeat tokens or ask for extension attributes are matched Doc by Doc.
                self.matcher = self.matcher or Matcher(ruler.vocab, validate=False)
                self.matcher.add(str(number), loose)
        self.fixed = FixedPatterns(fixed)

    def run(self, docs: Sequence[Doc]) -> None:
        """Set attributes for all tokens of a batch; no Doc is changed if a match has no such token."""
        batch = Batch(docs)
        if not batch.length:
            return
        found: list[tuple[int, Any]] = []
        few = batch.length <= FEW_TOKENS
        places: Iterable[tuple[int, Any]] = self.fixed.by_token.find(batch) if few else self.fixed.find(batch)
        for place, starts in places:
            number, size = self.rules[place], len(self.fixed.patterns[place].specs)
            index = self.ruler.indices[number]
            if not -size <= index < size:
                first = int(starts) if few else int(starts[0])
                owner = int(batch.owners()[first])
                start = first - int(batch.starts[owner])
                self.ruler._target(docs[owner], number, start, start + size)  # raises
            found.append((number, starts + (index if index >= 0 else size + index)))
        found += self._loose(batch)
        found.sort(key=lambda item: item[0])
        self._apply(batch, found)

    def _loose(self, batch: Batch) -> Iterator[tuple[int, Any]]:
        if self.matcher is None:
            return
        strings = self.ruler.vocab.strings
        for doc, first in zip(batch.docs, batch.starts.tolist(), strict=True):
            for key, start, end in self.matcher(doc, allow_missing=True):
                number = int(strings[key])
                yield number, np.asarray([first + self.ruler._target(doc, number, start, end)])

    def _apply(self, batch: Batch, found: Iterable[tuple[int, Any]]) -> None:
        """Later rules overwrite what earlier ones set."""
        changed: dict[int, list[tuple[Any, int]]] = {}
        later: list[tuple[int, TokenAttrs]] = []
        for number, tokens in found:
            columns, rest = self.settings[number]
            for attr, value in columns:
                changed.setdefault(attr, []).append((tokens, value))
            if rest:
                later += [(token, rest) for token in np.atleast_1d(tokens).tolist()]
        if changed:
            table = gather(batch.docs, list(changed))
            for column, steps in zip(table.T, changed.values(), strict=True):
                for tokens, value in steps:
                    column[tokens] = value
            scatter(batch.docs, list(changed), table)
        for token, rest in later:
            owner = int(batch.owners()[token])
            set_token_attrs(batch.docs[owner][token - int(batch.starts[owner])], rest)


def _split_features(attrs: Mapping[Any, Any]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Attributes of tokens, and what is left: morphological features."""
    plain = {key: value for key, value in attrs.items() if key == "_" or key in IDS or key in IDS.values()}
    return plain, {key: value for key, value in attrs.items() if key not in plain}
