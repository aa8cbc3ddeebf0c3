"""The component lemmatizer: base forms from tables, or by rules for each part of speech."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spanwright.errors import InvalidValueError, PipelineError, SpanwrightWarning
from spanwright.language import Language
from spanwright.language.factories import FactoryMeta
from spanwright.language.lookups_loader import load_lookups
from spanwright.lookups import Lookups
from spanwright.pipe import Pipe, batches
from spanwright.tokens import Doc, Token, gather, scatter, scatter_texts
from spanwright_tokens.errors import nearest

from ..files import load_parts, pack_parts, save_parts, unpack_parts
from ..lemma_rules import apply_suffix_rules, members

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab

DEFAULT_CONFIG: dict[str, Any] = {
    "model": None,
    "mode": "lookup",
    "overwrite": False,
    "scorer": {"@scorers": "spacy.lemmatizer_scorer.v1"},
}
# Languages whose lemmatizers follow rules unless another mode is set.
RULE_LANGUAGES = ("en", "es", "fr")
# Lemmas that are remembered; as many again are forgotten at once.
REMEMBERED = 1 << 14
# Up to as many tokens, a dictionary finds equal ones quicker than sorting does.
FEW_TOKENS = 64
_MIX = np.asarray([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)


def reads(*attrs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare which attributes of a token alone decide what a lemmatizing method gives.

    Tokens that agree in all of them are then lemmatized once. A method without this is called for each token.
    """

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        method.reads = attrs  # type: ignore[attr-defined]
        return method

    return mark


def lemmatizer_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """The accuracy of lemmas, as spacy.lemmatizer_scorer.v1 gives it."""
    from spanwright.registry import get

    return get("scorers", "spacy.lemmatizer_scorer.v1")()(examples, **kwargs)


@Language.factory(
    "lemmatizer",
    assigns=["token.lemma"],
    default_config=DEFAULT_CONFIG,
    default_score_weights={"lemma_acc": 1.0},
)
def make_lemmatizer(
    nlp: Language, model: Model | None, name: str, mode: str, overwrite: bool, scorer: Callable | None
) -> Lemmatizer:
    """lemmatizer: sets the base form of each token. French and Spanish pipelines get rules of their own.

    model: Not used.
    mode: "lookup" takes lemmas from a table; "rule" makes them by rules for the part of speech.
    overwrite: Whether to replace lemmas that are set already.
    scorer: Scores lemmas.
    """
    return lemmatizer_class(nlp.lang)(nlp.vocab, model, name, mode=mode, overwrite=overwrite, scorer=scorer)


def lemmatizer_class(lang: str | None) -> type[Lemmatizer]:
    """The class that knows the rules of a language."""
    if lang == "en":
        from .english_lemmatizer import EnglishLemmatizer

        return EnglishLemmatizer
    if lang == "fr":
        from .french_lemmatizer import FrenchLemmatizer

        return FrenchLemmatizer
    if lang == "es":
        from .spanish_lemmatizer import SpanishLemmatizer

        return SpanishLemmatizer
    return Lemmatizer


def _rules_by_default(code: str) -> None:
    meta = FactoryMeta(
        factory="lemmatizer",
        default_config={**DEFAULT_CONFIG, "mode": "rule"},
        assigns=["token.lemma"],
        scores=["lemma_acc"],
        default_score_weights={"lemma_acc": 1.0},
    )

    class OfLanguage(Language):
        lang = code

    OfLanguage.set_factory_meta("lemmatizer", meta)


for _lang in RULE_LANGUAGES:
    _rules_by_default(_lang)


class Lemmatizer(Pipe):
    """Sets the base form of each token (`Token.lemma`).

    A subclass for a language overrides `rule_lemmatize`, `is_base_form` or `get_lookups_config`, or adds a mode "x"
    with a method `x_lemmatize`. Methods take a Token and return its possible lemmas, the best first.

    vocab: The vocabulary shared with the pipeline.
    model: Not used.
    name: The component's name in its pipeline.
    mode, overwrite, scorer: See `make_lemmatizer`.
    """

    modes: ClassVar[tuple[str, ...]] = ("lookup", "rule")

    @classmethod
    def get_lookups_config(cls, mode: str) -> tuple[list[str], list[str]]:
        """The names of the tables that a mode needs, and of those that it uses if they are there."""
        if mode == "lookup":
            return ["lemma_lookup"], []
        if mode == "rule":
            return ["lemma_rules"], ["lemma_exc", "lemma_index"]
        return [], []

    def __init__(
        self,
        vocab: Vocab,
        model: Model | None = None,
        name: str = "lemmatizer",
        *,
        mode: str = "lookup",
        overwrite: bool = False,
        scorer: Callable | None = lemmatizer_score,
    ) -> None:
        self.vocab = vocab
        self.model = model
        self.name = name
        self._mode = mode
        self.overwrite = overwrite
        self.scorer = scorer
        self.lookups = Lookups()
        self.cache: dict[int, str] = {}
        self._validated = False
        method = getattr(self, f"{mode}_lemmatize", None)
        if method is None:
            known = sorted(name.removesuffix("_lemmatize") for name in dir(self) if name.endswith("_lemmatize"))
            raise InvalidValueError(f"Component '{name}': there is no lemmatizer mode {mode!r}.{nearest(mode, known)}")
        self.lemmatize: Callable[[Token], list[str]] = method

    @property
    def mode(self) -> str:
        """How lemmas are found: "lookup", "rule" or a subclass's own mode."""
        return self._mode

    # Annotating

    def __call__(self, doc: Doc) -> Doc:
        """Set the lemmas of one Doc, and return it. Raises PipelineError (a ValueError) if a table is missing."""
        self._require_tables()
        try:
            self._annotate([doc])
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Set the lemmas of a stream of Docs, in batches. A Doc that fails goes to the error handler.

        batch_size: How many Docs are lemmatized together.
        """
        self._require_tables()
        for docs in batches(stream, batch_size):
            try:
                self._annotate(docs)
            except Exception:
                yield from super().pipe(docs)
            else:
                yield from docs

    def _annotate(self, docs: Sequence[Doc]) -> None:
        columns = self._columns()
        if columns is None:
            for doc in docs:
                for token in doc:
                    if self.overwrite or token.lemma == 0:
                        token.lemma_ = self.lemmatize(token)[0]
            return
        table = gather(docs, [*columns, "LEMMA"])
        present = table[:, -1]
        if not len(present) or (not self.overwrite and present.all()):
            return
        keep = present if not self.overwrite and present.any() else None
        keys = table[:, 0] * _MIX[0]
        for place in range(1, len(columns)):
            keys ^= (table[:, place] + _MIX[place]) * _MIX[place]
            keys *= _MIX[0]
        if len(docs) == 1 and len(keys) <= FEW_TOKENS:
            # Each token for itself: what is known already costs a look into a dictionary.
            tokens = keys.tolist()
            made = dict(zip(tokens, range(len(tokens)), strict=True))
            texts = self._lemmas(docs, list(made), list(made.values()))
            ids = {key: docs[0]._text_id(text) for key, text in zip(made, texts, strict=True)}
            values = np.asarray([ids[key] for key in tokens], dtype=np.uint64)
            scatter(docs, "LEMMA", values if keep is None else np.where(keep != 0, keep, values))
            return
        distinct, firsts, rows = np.unique(keys, return_index=True, return_inverse=True)
        lemmas = self._lemmas(docs, distinct.tolist(), firsts.tolist())
        scatter_texts(docs, "LEMMA", lemmas, rows.reshape(-1), keep)

    def _columns(self) -> tuple[str, ...] | None:
        """The attributes that decide a lemma, or None if a subclass may look at anything."""
        parts = [self.lemmatize] + ([self.is_base_form] if self.mode == "rule" else [])
        declared = [getattr(part, "reads", None) for part in parts]
        if any(names is None for names in declared):
            return None
        return tuple(dict.fromkeys(name for names in declared for name in names or ()))

    def _lemmas(self, docs: Sequence[Doc], keys: list[int], firsts: list[int]) -> list[str]:
        """The lemma for each key; `firsts` are tokens of the batch that have it."""
        # Tables may be changed between look-ups; what rules gave is remembered, as in spaCy.
        cache = {} if self.mode == "lookup" else self.cache
        if len(cache) > REMEMBERED:
            cache.clear()
        lemmas = [cache.get(key) for key in keys]
        missing = [place for place, lemma in enumerate(lemmas) if lemma is None]
        ends = np.cumsum([len(doc) for doc in docs]) if missing else np.zeros(0)
        for place in missing:
            at = firsts[place]
            owner = int(np.searchsorted(ends, at, "right"))
            doc = docs[owner]
            token = doc[at - int(ends[owner]) + len(doc)]
            cache[keys[place]] = lemmas[place] = self.lemmatize(token)[0]
        return lemmas  # type: ignore[return-value]

    # Ways to find lemmas

    @reads("ORTH")
    def lookup_lemmatize(self, token: Token) -> list[str]:
        """The lemmas of a word in the table "lemma_lookup"; the word itself if it is not there."""
        found = self.lookups.get_table("lemma_lookup", {}).get(token.text, token.text)
        if isinstance(found, str):
            return [found]
        if not isinstance(found, (list, tuple)) or not found:
            raise PipelineError(
                f"Component '{self.name}': the table lemma_lookup must have a lemma for each word, and has {found!r} "
                f"for {token.text!r}."
            )
        return list(found)

    @reads("ORTH", "POS", "MORPH")
    def rule_lemmatize(self, token: Token) -> list[str]:
        """The lemmas of a word by its part of speech: exceptions, then endings that lead to words in the index."""
        text, pos = token.text, token.pos_.lower()
        if not pos:
            _warn_of_missing_pos(self.name)
        if pos in ("", "eol", "space") or self.is_base_form(token):
            return [text.lower()]
        index, exceptions, rules = (self._part(table, pos) for table in ("lemma_index", "lemma_exc", "lemma_rules"))
        if not (index or exceptions or rules):
            return [text] if pos == "propn" else [text.lower()]
        word = text.lower()
        index = members(index or ())
        try:
            accepted, unknown = apply_suffix_rules(word, rules or (), index)
        except (TypeError, ValueError):
            raise PipelineError(
                f"Component '{self.name}': the table lemma_rules must have pairs of an ending and what replaces it for "
                f"each part of speech, and has {rules!r} for {pos!r}."
            ) from None
        # Of the forms in the index the last rule's is the best; then come those with signs that are no letters.
        known = [form for form in reversed(accepted) if form in index]
        forms = list(dict.fromkeys([*known, *(form for form in accepted if form not in index)]))
        for form in (exceptions or {}).get(word, ()):
            if form not in forms:
                forms.insert(0, form)
        return forms or unknown or [text]

    def _part(self, table: str, pos: str) -> Any:
        """What a table has for a part of speech."""
        return self.lookups.get_table(table, {}).get(pos)

    @reads()
    def is_base_form(self, token: Token) -> bool:
        """Whether a token is a base form by its features, so that no rule applies."""
        return False

    # Tables

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]] | None = None,
        *,
        nlp: Language | None = None,
        lookups: Lookups | None = None,
    ) -> None:
        """Load the tables.

        get_examples: Not used.
        nlp: The pipeline that the component is part of.
        lookups: The tables; by default those of the package spacy-lookups-data.

        Raises PipelineError (a ValueError) if a table that the mode needs is missing.
        """
        required, optional = self.get_lookups_config(self.mode)
        if lookups is None:
            lookups = load_lookups(self.vocab.lang, required)
            more = load_lookups(self.vocab.lang, optional, strict=False)
            for table in more.tables:
                lookups.set_table(table, more.get_table(table))
        self._check_tables(lookups, "Pass tables with these names as `lookups`")
        self._use(lookups)

    def _use(self, lookups: Lookups) -> None:
        self.lookups = lookups
        self.cache = {}
        self._validated = True

    def _require_tables(self) -> None:
        if not self._validated:
            self._check_tables(
                self.lookups, "Call nlp.initialize() with the package spacy-lookups-data installed, or pass `lookups`"
            )
            self._validated = True

    def _check_tables(self, lookups: Lookups, advice: str) -> None:
        required, _ = self.get_lookups_config(self.mode)
        missing = [table for table in required if table not in lookups]
        if missing:
            close = "".join(nearest(table, lookups.tables) for table in missing[:1])
            raise PipelineError(
                f"Component '{self.name}': the lemmatizer's mode '{self.mode}' needs the tables {', '.join(required)}; "
                f"missing: {', '.join(missing)}; found: {', '.join(lookups.tables) or 'none'}.{close} {advice}."
            )

    # Files

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component to a folder, whole or not at all.

        exclude: Fields to leave out: "lookups", "vocab".
        """
        save_parts(path, {"lookups/lookups.bin": self.lookups.to_bytes()}, _files(exclude), self.vocab)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Lemmatizer:
        """Load the tables of a folder; the component is unchanged if one is missing.

        Raises DataFormatError or PipelineError (both ValueErrors).
        """
        exclude = tuple(exclude)
        folder = Path(path) / "lookups"
        if "lookups" not in exclude:
            lookups = Lookups().from_disk(folder)
            self._check_tables(lookups, f"They are read from {folder / 'lookups.bin'}")
            self._use(lookups)
        load_parts(path, [], exclude, component=self.name, vocab=self.vocab)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes.

        exclude: Fields to leave out: "lookups", "vocab".
        """
        return pack_parts({"lookups": self.lookups.to_bytes()}, exclude, self.vocab)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Lemmatizer:
        """Load what `to_bytes` gave; the component is unchanged if it does not fit.

        Raises DataFormatError or PipelineError (both ValueErrors).
        """

        def apply(parts: dict[str, bytes]) -> None:
            if "lookups" in parts:
                lookups = Lookups().from_bytes(parts["lookups"])
                self._check_tables(lookups, "They are read from bytes")
                self._use(lookups)

        unpack_parts(bytes_data, ["lookups"], exclude, component=self.name, apply=apply, vocab=self.vocab)
        return self


def _files(exclude: Iterable[str]) -> list[str]:
    return [name for field in exclude for name in (field, f"{field}/{field}.bin")]


def _warn_of_missing_pos(name: str) -> None:
    warnings.warn(
        f"Component '{name}': tokens have no part of speech, which the rules need; their lemma is the lower-case word. "
        "Add a component before it that sets token.pos: a morphologizer, or a tagger with an attribute_ruler.",
        SpanwrightWarning,
        stacklevel=2,
    )
