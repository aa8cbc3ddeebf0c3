"""The components span_ruler and future_entity_ruler: spans and entities that patterns and phrases find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwright.errors import DataFormatError, InvalidValueError
from spanwright.language import Language
from spanwright.matcher import Matcher, PhraseMatcher, levenshtein_compare
from spanwright.pipe import Pipe
from spanwright.tokens import Doc, Span
from spanwright_tokens.errors import nearest
from spanwright_tokens.io import read_json_bytes, write_json_bytes

from ..files import load_parts, pack_parts, save_parts, unpack_parts
from ..filters import SpansFilter, filter_chain_spans, prioritize_existing_ents_filter, prioritize_new_ents_filter
from ..phrases import add_rules, warn_if_empty
from ..rule_files import dump_lines, read_lines

if TYPE_CHECKING:
    from spanwright.tokens import Example

__all__ = [
    "DEFAULT_SPANS_KEY",
    "SpanRuler",
    "make_future_entity_ruler",
    "make_span_ruler",
    "overlapping_labeled_spans_score",
    "prioritize_existing_ents_filter",
    "prioritize_new_ents_filter",
]

DEFAULT_SPANS_KEY = "ruler"
ENTITY_WEIGHTS: dict[str, float | None] = {"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None}
GROUP_WEIGHTS: dict[str, float | None] = {
    f"spans_{DEFAULT_SPANS_KEY}_f": 1.0,
    f"spans_{DEFAULT_SPANS_KEY}_p": 0.0,
    f"spans_{DEFAULT_SPANS_KEY}_r": 0.0,
    f"spans_{DEFAULT_SPANS_KEY}_per_type": None,
}
FUZZY = {"@misc": "spacy.levenshtein_compare.v1"}


def overlapping_labeled_spans_score(
    examples: Iterable[Example], *, spans_key: str = DEFAULT_SPANS_KEY, **kwargs: Any
) -> dict[str, Any]:
    """The scores of spacy.overlapping_labeled_spans_scorer.v1: labelled spans of a group, which may overlap."""
    from spanwright.registry import get

    return get("scorers", "spacy.overlapping_labeled_spans_scorer.v1")(spans_key)(examples, **kwargs)


@Language.factory(
    "future_entity_ruler",
    assigns=["doc.ents"],
    default_config={
        "phrase_matcher_attr": None,
        "validate": False,
        "overwrite_ents": False,
        "scorer": {"@scorers": "spacy.entity_ruler_scorer.v1"},
        "ent_id_sep": "__unused__",
        "matcher_fuzzy_compare": FUZZY,
    },
    default_score_weights=ENTITY_WEIGHTS,
)
def make_future_entity_ruler(
    nlp: Language,
    name: str,
    phrase_matcher_attr: int | str | None,
    matcher_fuzzy_compare: Callable,
    validate: bool,
    overwrite_ents: bool,
    scorer: Callable | None,
    ent_id_sep: str,
) -> SpanRuler:
    """future_entity_ruler: a span_ruler that sets entities.

    phrase_matcher_attr, matcher_fuzzy_compare, validate, scorer: As for `make_span_ruler`.
    overwrite_ents: Whether what is found replaces entities that overlap it; otherwise it gives way to them.
    ent_id_sep: Not used.
    """
    return SpanRuler(
        nlp,
        name,
        spans_key=None,
        annotate_ents=True,
        ents_filter=prioritize_new_ents_filter if overwrite_ents else prioritize_existing_ents_filter,
        phrase_matcher_attr=phrase_matcher_attr,
        matcher_fuzzy_compare=matcher_fuzzy_compare,
        validate=validate,
        overwrite=False,
        scorer=scorer,
    )


@Language.factory(
    "span_ruler",
    assigns=["doc.spans"],
    default_config={
        "spans_key": DEFAULT_SPANS_KEY,
        "spans_filter": None,
        "annotate_ents": False,
        "ents_filter": {"@misc": "spacy.first_longest_spans_filter.v1"},
        "phrase_matcher_attr": None,
        "matcher_fuzzy_compare": FUZZY,
        "validate": False,
        "overwrite": True,
        "scorer": {"@scorers": "spacy.overlapping_labeled_spans_scorer.v1", "spans_key": DEFAULT_SPANS_KEY},
    },
    default_score_weights=GROUP_WEIGHTS,
)
def make_span_ruler(
    nlp: Language,
    name: str,
    spans_key: str | None,
    spans_filter: Callable[[Iterable[Span], Iterable[Span]], Iterable[Span]] | None,
    annotate_ents: bool,
    ents_filter: Callable[[Iterable[Span], Iterable[Span]], Iterable[Span]],
    phrase_matcher_attr: int | str | None,
    matcher_fuzzy_compare: Callable,
    validate: bool,
    overwrite: bool,
    scorer: Callable | None,
) -> SpanRuler:
    """span_ruler: sets spans, entities or both that patterns and phrases find.

    spans_key: The group in `doc.spans` that spans are set in; null sets none.
    spans_filter: Chooses among spans that are there and those that were found; null takes all.
    annotate_ents: Whether to set entities.
    ents_filter: Chooses among entities that are there and spans that were found; the result may not overlap.
    phrase_matcher_attr: The attribute by which phrases are compared, such as "LOWER"; null compares the text.
    matcher_fuzzy_compare: Judges FUZZY in token patterns.
    validate: Whether to check patterns as they are added and report everything that is wrong with them.
    overwrite: Whether to replace spans of the group, and entities, that are there.
    scorer: Scores what was set.
    """
    return SpanRuler(
        nlp,
        name,
        spans_key=spans_key,
        spans_filter=spans_filter,
        annotate_ents=annotate_ents,
        ents_filter=ents_filter,
        phrase_matcher_attr=phrase_matcher_attr,
        matcher_fuzzy_compare=matcher_fuzzy_compare,
        validate=validate,
        overwrite=overwrite,
        scorer=scorer,
    )


class SpanRuler(Pipe):
    """Sets spans (`Doc.spans`), entities (`Doc.ents`) or both that patterns and phrases find.

    nlp: The pipeline: its vocabulary, and its components before this one, which annotate phrases.
    name: The component's name in its pipeline.
    The other arguments: See `make_span_ruler`.
    """

    def __init__(
        self,
        nlp: Language,
        name: str = "span_ruler",
        *,
        spans_key: str | None = DEFAULT_SPANS_KEY,
        spans_filter: SpansFilter | Callable | None = None,
        annotate_ents: bool = False,
        ents_filter: SpansFilter | Callable = filter_chain_spans,
        phrase_matcher_attr: int | str | None = None,
        matcher_fuzzy_compare: Callable = levenshtein_compare,
        validate: bool = False,
        overwrite: bool = False,
        scorer: Callable | None = overlapping_labeled_spans_score,
    ) -> None:
        self.nlp = nlp
        self.name = name
        self.spans_key = spans_key
        self.spans_filter = spans_filter
        self.annotate_ents = annotate_ents
        self.ents_filter = ents_filter
        self.phrase_matcher_attr = phrase_matcher_attr
        self.matcher_fuzzy_compare = matcher_fuzzy_compare
        self.validate = validate
        self.overwrite = overwrite
        self.scorer = scorer
        self.clear()

    def clear(self) -> None:
        """Remove all patterns."""
        self._patterns: list[dict[str, Any]] = []
        # What matchers call a label with an id -> both.
        self._names: dict[int, tuple[str, str]] = {}
        self.matcher = Matcher(self.nlp.vocab, validate=self.validate, fuzzy_compare=self.matcher_fuzzy_compare)
        self.phrase_matcher = PhraseMatcher(self.nlp.vocab, attr=self.phrase_matcher_attr, validate=self.validate)

    def __len__(self) -> int:
        """The number of patterns."""
        return len(self._patterns)

    def __bool__(self) -> bool:
        """A ruler counts as true without patterns, too."""
        return True

    def __contains__(self, label: object) -> bool:
        """Whether there are patterns with a label."""
        return any(pattern["label"] == label for pattern in self._patterns)

    @property
    def key(self) -> str | None:
        """The group in `doc.spans` that spans are set in."""
        return self.spans_key

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all patterns, sorted."""
        return tuple(sorted({pattern["label"] for pattern in self._patterns}))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all patterns that have one, sorted."""
        return tuple(sorted({pattern["id"] for pattern in self._patterns if pattern.get("id") is not None}))

    @property
    def patterns(self) -> list[dict[str, Any]]:
        """The patterns, as they were added."""
        return self._patterns

    # Annotating

    def __call__(self, doc: Doc) -> Doc:
        """Set the spans and entities of one Doc, and return it."""
        try:
            self.set_annotations(doc, self.match(doc))
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def match(self, doc: Doc) -> list[Span]:
        """The spans that the patterns find, each once, in the order of the text."""
        warn_if_empty(self)
        found = set()
        for key, start, end in [*self.matcher(doc), *self.phrase_matcher(doc)]:
            label, span_id = self._names[key]
            found.add(Span(doc, start, end, label=label, span_id=span_id))
        return sorted(found)

    def set_annotations(self, doc: Doc, matches: Sequence[Span]) -> None:
        """Set the spans that `match` found.

        Raises InvalidValueError (a ValueError) if the filter for entities leaves spans that overlap.
        """
        if self.key:
            spans = [] if self.overwrite or self.key not in doc.spans else list(doc.spans[self.key])
            chosen = self.spans_filter(spans, matches) if self.spans_filter else matches
            doc.spans[self.key] = [*spans, *chosen]
        if self.annotate_ents:
            entities = list(self.ents_filter([] if self.overwrite else list(doc.ents), matches))
            try:
                doc.ents = sorted(entities)
            except ValueError as error:
                raise InvalidValueError(
                    f"Component '{self.name}' cannot set the entities that its ents_filter leaves: {error} The filter "
                    "must not leave spans that overlap; spacy.first_longest_spans_filter.v1 does not."
                ) from error

    # Patterns

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        patterns: Sequence[dict[str, Any]] | None = None,
    ) -> None:
        """Set up the patterns; those that there were are removed.

        get_examples: Not used.
        nlp: The pipeline that the component is part of.
        patterns: As for `add_patterns`.
        """
        self.clear()
        if patterns:
            self.add_patterns(patterns)

    def add_patterns(self, patterns: Iterable[dict[str, Any]]) -> None:
        """Add patterns.

        patterns: Dicts with "label", "pattern" (a phrase, or a list of dicts as `Matcher` takes it) and perhaps "id".

        Raises InvalidValueError or MatchPatternError (both ValueErrors).
        """
        self._patterns += add_rules(self.nlp, self, patterns, self._key).rules

    def _key(self, rule: dict[str, Any]) -> str:
        label, span_id = rule["label"], rule.get("id", "")
        key = repr((label, span_id))
        self._names[self.nlp.vocab.strings.add(key)] = (label, span_id)
        return key

    def remove(self, label: str) -> None:
        """Remove the patterns with a label. Raises InvalidValueError (a ValueError) if there are none."""
        if label not in self:
            raise InvalidValueError(
                f"Component '{self.name}' has no pattern with the label {label!r}.{nearest(label, self.labels)}"
            )
        self._remove(lambda pattern: pattern["label"] == label)

    def remove_by_id(self, pattern_id: str) -> None:
        """Remove the patterns with an id. Raises InvalidValueError (a ValueError) if there are none."""
        if pattern_id not in self.ids:
            raise InvalidValueError(
                f"Component '{self.name}' has no pattern with the id {pattern_id!r}.{nearest(pattern_id, self.ids)}"
            )
        self._remove(lambda pattern: pattern.get("id") == pattern_id)

    def _remove(self, gone: Callable[[dict[str, Any]], bool]) -> None:
        for key in {self._key(pattern) for pattern in self._patterns if gone(pattern)}:
            for matcher in (self.matcher, self.phrase_matcher):
                if key in matcher:
                    matcher.remove(key)
        self._patterns = [pattern for pattern in self._patterns if not gone(pattern)]

    # Files

    def _replace(self, patterns: Any, where: str) -> None:
        """Patterns of a file in place of those that there are, which stay if the file does not fit."""
        if not isinstance(patterns, list):
            raise DataFormatError(f"{where}: a list of patterns is needed, found {type(patterns).__name__}.")
        before = (self._patterns, self._names, self.matcher, self.phrase_matcher)
        self.clear()
        try:
            self.add_patterns(patterns)
        except Exception:
            self._patterns, self._names, self.matcher, self.phrase_matcher = before
            raise

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The patterns as bytes."""
        return pack_parts({"patterns": write_json_bytes(self.patterns).decode("utf8")}, exclude)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> SpanRuler:
        """Load the patterns that `to_bytes` gave. Raises DataFormatError or InvalidValueError (both ValueErrors)."""
        where = f"component '{self.name}'"

        def apply(parts: dict[str, bytes]) -> None:
            if "patterns" in parts:
                self._replace(read_json_bytes(parts["patterns"], where=where), where)

        unpack_parts(bytes_data, ["patterns"], exclude, component=self.name, apply=apply)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the patterns to a folder, one a line, whole or not at all."""
        save_parts(path, {"patterns": dump_lines(self.patterns)}, ())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> SpanRuler:
        """Load the patterns of a folder.

        Raises MissingFileError (a FileNotFoundError), DataFormatError or InvalidValueError (both ValueErrors).
        """
        parts = load_parts(path, ["patterns"], (), component=self.name)
        where = str(Path(path) / "patterns")
        self._replace(read_lines(parts["patterns"], where), where)
        return self
