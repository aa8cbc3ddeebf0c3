"""The component entity_ruler: entities that patterns and phrases find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwright.errors import DataFormatError, InvalidValueError, MissingFileError
from spanwright.language import Language
from spanwright.matcher import Matcher, PhraseMatcher, levenshtein_compare
from spanwright.pipe import Pipe
from spanwright.tokens import Doc, Span
from spanwright_tokens.errors import nearest
from spanwright_tokens.io import (
    dump_msgpack,
    read_bytes,
    read_json,
    read_msgpack,
    replace_folder,
    write_bytes,
    write_json,
)

from ..phrases import add_rules, warn_if_empty
from ..rule_files import dump_lines, read_lines
from .span_ruler import ENTITY_WEIGHTS, FUZZY

if TYPE_CHECKING:
    from spanwright.tokens import Example

DEFAULT_ENT_ID_SEP = "||"
SETTINGS = ("overwrite", "phrase_matcher_attr", "ent_id_sep")


def entity_ruler_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Precision, recall and F-score of entities, as spacy.entity_ruler_scorer.v1 gives them."""
    from spanwright.registry import get

    return get("scorers", "spacy.entity_ruler_scorer.v1")()(examples, **kwargs)


@Language.factory(
    "entity_ruler",
    assigns=["doc.ents", "token.ent_type", "token.ent_iob"],
    default_config={
        "phrase_matcher_attr": None,
        "matcher_fuzzy_compare": FUZZY,
        "validate": False,
        "overwrite_ents": False,
        "ent_id_sep": DEFAULT_ENT_ID_SEP,
        "scorer": {"@scorers": "spacy.entity_ruler_scorer.v1"},
    },
    default_score_weights=ENTITY_WEIGHTS,
)
def make_entity_ruler(
    nlp: Language,
    name: str,
    phrase_matcher_attr: int | str | None,
    matcher_fuzzy_compare: Callable,
    validate: bool,
    overwrite_ents: bool,
    ent_id_sep: str,
    scorer: Callable | None,
) -> EntityRuler:
    """entity_ruler: sets entities that patterns and phrases find.

    phrase_matcher_attr: The attribute by which phrases are compared, such as "LOWER"; null compares the text.
    matcher_fuzzy_compare: Judges FUZZY in token patterns.
    validate: Whether to check patterns as they are added and report everything that is wrong with them.
    overwrite_ents: Whether what is found replaces entities that overlap it; otherwise it gives way to them.
    ent_id_sep: Stands between label and id in the names that the matchers use.
    scorer: Scores entities.
    """
    return EntityRuler(
        nlp,
        name,
        phrase_matcher_attr=phrase_matcher_attr,
        matcher_fuzzy_compare=matcher_fuzzy_compare,
        validate=validate,
        overwrite_ents=overwrite_ents,
        ent_id_sep=ent_id_sep,
        scorer=scorer,
    )


class EntityRuler(Pipe):
    """Sets entities (`Doc.ents`) that patterns and phrases find.

    nlp: The pipeline: its vocabulary, and its components before this one, which annotate phrases.
    name: The component's name in its pipeline.
    patterns: Patterns to begin with, as for `add_patterns`.
    The other arguments: See `make_entity_ruler`.
    """

    def __init__(
        self,
        nlp: Language,
        name: str = "entity_ruler",
        *,
        phrase_matcher_attr: int | str | None = None,
        matcher_fuzzy_compare: Callable = levenshtein_compare,
        validate: bool = False,
        overwrite_ents: bool = False,
        ent_id_sep: str = DEFAULT_ENT_ID_SEP,
        patterns: Sequence[dict[str, Any]] | None = None,
        scorer: Callable | None = entity_ruler_score,
    ) -> None:
        self.nlp = nlp
        self.name = name
        self.overwrite = overwrite_ents
        self.phrase_matcher_attr = phrase_matcher_attr
        self.matcher_fuzzy_compare = matcher_fuzzy_compare
        self._validate = validate
        self.ent_id_sep = ent_id_sep
        self.scorer = scorer
        self.clear()
        if patterns is not None:
            self.add_patterns(patterns)

    def clear(self) -> None:
        """Remove all patterns."""
        # By label, or label and id joined; phrases are Docs.
        self.token_patterns: dict[str, list[list[dict[str, Any]]]] = defaultdict(list)
        self.phrase_patterns: dict[str, list[Doc]] = defaultdict(list)
        # What matchers call a label with an id -> both.
        self._ent_ids: dict[int, tuple[str, Any]] = {}
        vocab = self.nlp.vocab
        self.matcher = Matcher(vocab, validate=self._validate, fuzzy_compare=self.matcher_fuzzy_compare)
        self.phrase_matcher = PhraseMatcher(vocab, attr=self.phrase_matcher_attr, validate=self._validate)

    def __len__(self) -> int:
        """The number of patterns."""
        return sum(map(len, self.token_patterns.values())) + sum(map(len, self.phrase_patterns.values()))

    def __bool__(self) -> bool:
        """A ruler counts as true without patterns, too."""
        return True

    def __contains__(self, label: object) -> bool:
        """Whether there are patterns with a label; a label with an id is both joined by `ent_id_sep`."""
        return label in self.token_patterns or label in self.phrase_patterns

    def _keys(self) -> set[str]:
        return {*self.token_patterns, *self.phrase_patterns}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all patterns, sorted."""
        return tuple(sorted({self._split_label(key)[0] for key in self._keys()}))

    @property
    def ent_ids(self) -> tuple[str | None, ...]:
        """The ids of all patterns that have one, sorted."""
        return tuple(sorted({self._split_label(key)[1] or "" for key in self._keys() if self.ent_id_sep in key}))

    @property
    def patterns(self) -> list[dict[str, Any]]:
        """The patterns, as they were added: those of tokens, then phrases."""
        kinds: list[tuple[dict[str, Any], Callable[[Any], Any]]] = [
            (self.token_patterns, lambda pattern: pattern),
            (self.phrase_patterns, lambda doc: doc.text),
        ]
        found = []
        for table, shown in kinds:
            for key, patterns in table.items():
                label, ent_id = self._split_label(key)
                named = {"id": ent_id} if ent_id else {}
                found += [{"label": label, "pattern": shown(pattern), **named} for pattern in patterns]
        return found

    # Annotating

    def __call__(self, doc: Doc) -> Doc:
        """Set the entities of one Doc, and return it."""
        try:
            self.set_annotations(doc, self.match(doc))
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def match(self, doc: Doc) -> list[tuple[int, int, int]]:
        """What the patterns find, as (key, start, end): the longest first, then from left to right."""
        warn_if_empty(self)
        # The order of a set settles which of two labels an entity gets that both find, as in spaCy.
        found = {*self.matcher(doc), *self.phrase_matcher(doc)}
        return sorted(found, key=lambda match: (match[2] - match[1], -match[1]), reverse=True)

    def set_annotations(self, doc: Doc, matches: Sequence[tuple[int, int, int]]) -> None:
        """Set the entities that `match` found; of those that overlap the first."""
        taken: set[int] = set()
        new = []
        occupied = set() if self.overwrite else {token.i for token in doc if token.ent_type}
        for key, start, end in matches:
            tokens = range(start, end)
            # What comes later is no longer, so it overlaps exactly if one of its ends is taken.
            if start in taken or end - 1 in taken or not occupied.isdisjoint(tokens):
                continue
            label, ent_id = self._ent_ids.get(key, (key, ""))
            new.append(Span(doc, start, end, label=label, span_id=ent_id))
            taken.update(tokens)
        kept = [entity for entity in doc.ents if taken.isdisjoint(range(entity.start, entity.end))]
        doc.ents = kept + new

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
        added = add_rules(self.nlp, self, patterns, self._key)
        for key, rule in added.tokens:
            self.token_patterns[key].append(rule["pattern"])
        for key, doc in added.phrases:
            self.phrase_patterns[key].append(doc)

    def _key(self, rule: dict[str, Any]) -> str:
        if not rule.get("id"):
            return rule["label"]
        key = self._create_label(rule["label"], rule["id"])
        self._ent_ids[self.nlp.vocab.strings.add(key)] = (rule["label"], rule["id"])
        return key

    def remove(self, ent_id: str) -> None:
        """Remove the patterns with an id. Raises InvalidValueError (a ValueError) if there are none."""
        keys = [key for key in self._keys() if self.ent_id_sep in key and self._split_label(key)[1] == ent_id]
        if not keys:
            known = [str(name) for name in self.ent_ids]
            raise InvalidValueError(
                f"Component '{self.name}' has no pattern with the id {ent_id!r}.{nearest(str(ent_id), known)}"
            )
        for key in keys:
            self.token_patterns.pop(key, None)
            self.phrase_patterns.pop(key, None)
            for matcher in (self.matcher, self.phrase_matcher):
                if key in matcher:
                    matcher.remove(key)

    def _split_label(self, label: str) -> tuple[str, str | None]:
        """Label and id of a joined name."""
        if self.ent_id_sep not in label:
            return label, None
        name, ent_id = label.rsplit(self.ent_id_sep, 1)
        return name, ent_id

    def _create_label(self, label: str, ent_id: Any) -> str:
        return f"{label}{self.ent_id_sep}{ent_id}" if isinstance(ent_id, str) else label

    # Files

    def _replace(self, patterns: Any, settings: dict[str, Any], where: str) -> None:
        """Patterns and settings of a file in place of those that there are, which stay if the file does not fit."""
        if not isinstance(patterns, list):
            raise DataFormatError(f"{where}: a list of patterns is needed, found {type(patterns).__name__}.")
        before = dict(self.__dict__)
        for name in SETTINGS:
            if name in settings:
                setattr(self, name, settings[name])
        self.clear()
        try:
            self.add_patterns(patterns)
        except Exception:
            self.__dict__.update(before)
            raise

    def _settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in SETTINGS}

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The settings and patterns as bytes."""
        return dump_msgpack({**self._settings(), "patterns": self.patterns})

    def from_bytes(self, patterns_bytes: bytes, *, exclude: Iterable[str] = ()) -> EntityRuler:
        """Load what `to_bytes` gave. Raises DataFormatError or InvalidValueError (both ValueErrors)."""
        where = f"component '{self.name}'"
        message = read_msgpack(patterns_bytes, where=where)
        # Early versions wrote the patterns alone.
        settings = message if isinstance(message, dict) else {}
        self._replace(settings.get("patterns") if settings else message, settings, where)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save settings and patterns to a folder, or the patterns alone to a file whose name ends with .jsonl."""
        if Path(path).suffix == ".jsonl":
            write_bytes(path, dump_lines(self.patterns))
            return
        with replace_folder(path) as folder:
            write_bytes(folder / "patterns.jsonl", dump_lines(self.patterns))
            write_json(folder / "cfg", self._settings())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> EntityRuler:
        """Load what `to_disk` wrote.

        Raises MissingFileError (a FileNotFoundError), DataFormatError or InvalidValueError (both ValueErrors).
        """
        path = Path(path)
        settings: dict[str, Any] = {}
        file = path.with_suffix(".jsonl")
        if path.suffix != ".jsonl" and not file.is_file():
            if not path.is_dir():
                raise MissingFileError(
                    f"Component '{self.name}': there is neither a folder {path} nor a file {file} with patterns."
                )
            file = path / "patterns.jsonl"
            settings = read_json(path / "cfg")
            if not isinstance(settings, dict):
                raise DataFormatError(f"{path / 'cfg'}: a dict of settings is needed.")
            settings = {"overwrite": False, "phrase_matcher_attr": None, "ent_id_sep": DEFAULT_ENT_ID_SEP, **settings}
        self._replace(read_lines(read_bytes(file), str(file)), settings, str(file))
        return self
