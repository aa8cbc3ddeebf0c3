"""Merging and splitting tokens: `with doc.retokenize() as retokenizer: ...`.

What is asked for is collected, done on copies of the columns when the block ends, and only then given to the Doc: an
error, in the block or at its end, leaves the Doc as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy

from ..attrs import IDS, IOB_STRINGS
from ..errors import InvalidIndexError, InvalidValueError, nearest
from . import columns as _columns
from .attributes import OWN, TEXTS, attribute_id, attribute_name
from .similarity import array_module
from .underscore import Underscore, is_writable_attr
from .underscore import get as registered

if TYPE_CHECKING:
    from .doc import Doc
    from .span import Span
    from .token import Token

_I, _B = IOB_STRINGS.index("I"), IOB_STRINGS.index("B")
_LABELS = frozenset(IDS[name] for name in ("TAG", "DEP", "ENT_TYPE", "POS"))


class Retokenizer:
    """Collects what is to be merged and split in a Doc; use it as `with doc.retokenize() as retokenizer:`.

    doc: the Doc.
    """

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self._merges: list[tuple[int, int, dict[Any, Any]]] = []
        self._splits: list[tuple[int, list[str], list[tuple[int, int]], dict[Any, Any]]] = []
        self._merged: set[int] = set()

    def merge(self, span: Span, attrs: Mapping[Any, Any] | None = None) -> None:
        """Mark a span to become one token, which takes after the span's root and has all lemmas.

        attrs: attribute -> value for the new token; under "_" a dict of custom attributes.

        Raises `InvalidValueError` for an empty span, one that overlaps with another, and attributes that do not exist.
        """
        if span.doc is not self.doc:
            raise InvalidValueError(f"The span {span!r} is of another Doc than the one that is retokenized.")
        if any((span.start, span.end) == merge[:2] for merge in self._merges):
            return
        if span.end <= span.start:
            raise InvalidValueError(f"The span doc[{span.start}:{span.end}] is empty and cannot be merged.")
        for token in span:
            if token.i in self._merged:
                raise InvalidValueError(
                    f"Spans that overlap cannot be merged: {token.text!r} (token {token.i}) is in two of them. "
                    "`filter_spans` keeps the longest that do not overlap."
                )
        values = self._values(attrs or {})
        self._merged.update(range(span.start, span.end))
        self._merges.append((span.start, span.end, values))

    def split(
        self,
        token: Token,
        orths: Sequence[str],
        heads: Sequence[Token | tuple[Token, int]],
        attrs: Mapping[Any, Any] | None = None,
    ) -> None:
        """Mark a token to become several.

        orths: the texts of the new tokens, which together are the token's text.
        heads: for each new token its head: a Token, or (token, i) for the i-th part of a token that is split too.
        attrs: attribute -> list of values, one for each new token; under "_" a list of dicts of custom attributes.

        Raises `InvalidValueError` for other texts, or another number of heads or values than of texts.
        """
        texts = list(orths)
        if "".join(texts) != token.text or not all(texts):
            raise InvalidValueError(
                f"The parts of a token that is split must make up its text {token.text!r}, none of them empty, but "
                f"found {texts!r}."
            )
        if len(heads) != len(texts):
            raise InvalidValueError(
                f"Each part of a token that is split needs a head: expected {len(texts)}, found {len(heads)}."
            )
        targets = []
        for head in heads:
            target, part = head if isinstance(head, tuple) else (head, 0)
            targets.append((target.idx, part))
        values: dict[Any, Any] = {"_": list((attrs or {}).get("_", ()))}
        for custom in values["_"]:
            _check_custom(custom)
        parts = [self._values({key: value}) for key, one in (attrs or {}).items() if key != "_" for value in one]
        for key, one in (attrs or {}).items():
            if len(one) != len(texts):
                raise InvalidValueError(
                    f"The attribute {key!r} needs one value for each part of {token.text!r}: expected {len(texts)}, "
                    f"found {len(one)}."
                )
        for i, part_values in enumerate(parts):
            for attr, value in part_values.items():
                if attr != "_":
                    values.setdefault(attr, {})[i % len(texts)] = value
        self._splits.append((token.idx, texts, targets, values))

    def _values(self, attrs: Mapping[Any, Any]) -> dict[Any, Any]:
        """Attributes by id, with ids for strings."""
        doc = self.doc
        values: dict[Any, Any] = {"_": attrs.get("_", {})}
        _check_custom(values["_"])
        for key, value in attrs.items():
            if key == "_":
                continue
            attr = attribute_id(key)
            if attr == IDS["MORPH"]:
                value = doc.vocab.morphology.add(value if isinstance(value, str) else doc._text_of(value))
            elif attr == IDS["ENT_IOB"] and isinstance(value, str):
                value = IOB_STRINGS.index(value)
            elif isinstance(value, str):
                labels = attr in _LABELS or attr not in TEXTS
                value = doc.vocab.strings.add(value) if labels else doc._text_id(value)
            if attr in (IDS["HEAD"], IDS["SPACY"]):
                raise InvalidValueError(f"{attribute_name(attr)} cannot be set while retokenizing.")
            if attr in OWN:
                _columns.check_value(doc, attr, value)
            values[attr] = value
        return values

    def __enter__(self) -> Retokenizer:
        self._merges, self._splits, self._merged = [], [], set()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None or not (self._merges or self._splits):
            return
        draft = _Draft(self.doc)
        if self._merges:
            draft.merge(sorted(self._merges, key=lambda merge: merge[0]))
        for split in sorted(self._splits, key=lambda split: split[0]):
            draft.split(*split)
        draft.finish()


def _check_custom(values: Any) -> None:
    if not isinstance(values, Mapping):
        raise InvalidValueError(
            f"Custom attributes ('_') must be given as a dict of names and values, found {values!r}."
        )
    for name in values:
        extension = registered("Token", name)
        if extension is None:
            raise InvalidValueError(
                f"Token has no custom attribute {name!r}.{nearest(name, Underscore.token_extensions)} Register it with "
                f"`Token.set_extension({name!r}, default=None)`."
            )
        if not is_writable_attr(extension):
            raise InvalidValueError(
                f"The custom attribute {name!r} cannot be set: it has a getter without a setter, or is a method."
            )


class _Draft:
    """Copies of a Doc's columns, and of its tensor, that are merged and split."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.columns: dict[str, Any] = _columns.copy_columns(doc)
        self.tensor = doc.tensor
        self.later: list[tuple[int, Any, Any]] = []  # (start in characters, attribute, value)

    @property
    def heads(self) -> Any:
        """The heads as positions."""
        return self.columns["HEAD"] + numpy.arange(len(self.columns["HEAD"]), dtype="int32")

    def token_at(self, start_char: int) -> int:
        """The token that begins at a character, or -1."""
        starts = self.columns["IDX"]
        found = int(numpy.searchsorted(starts, start_char))
        return found if found < len(starts) and starts[found] == start_char else -1

    def set(self, i: int, attr: Any, value: Any) -> None:
        """Set an attribute of a token now, or when the Doc has its new tokens."""
        if attr in OWN:
            self.columns[attribute_name(attr)][i] = value
        else:
            self.later.append((int(self.columns["IDX"][i]), attr, value))

    def merge(self, merges: list[tuple[int, int, dict[Any, Any]]]) -> None:
        """Merge the tokens [start, end) of each of several, in order."""
        columns, heads = self.columns, self.heads
        length = len(heads)
        keep = numpy.ones(length, dtype=bool)
        keep_row = numpy.ones(length, dtype=bool)
        new_heads = heads.copy()
        for start, end, values in merges:
            span = self.doc[start:end]
            root = span.root.i
            self._take_after_root(span, root)
            new_heads[start] = heads[root]
            keep[start + 1 : end] = False
            keep_row[start : end - 1] = False  # the last row of the tensor stands for all
            for attr, value in values.items():
                if attr != "_":
                    self.set(start, attr, value)
            self._later_custom(start, values["_"])
        places = numpy.cumsum(keep) - 1  # tokens that are gone have the place of the one they are in
        self.columns = {name: column[keep] for name, column in columns.items()}
        kept_heads = places[new_heads[keep]]
        self.columns["HEAD"] = (kept_heads - numpy.arange(len(kept_heads))).astype("int32")
        _mend_entities(self.columns)
        if self.tensor is not None and self.tensor.size:
            self.tensor = self.tensor[array_module(self.tensor).asarray(keep_row)]

    def _take_after_root(self, span: Span, root: int) -> None:
        columns, start = self.columns, span.start
        iob, ent_type = columns["ENT_IOB"], columns["ENT_TYPE"]
        new_iob = iob[root]
        if new_iob in (_I, _B):
            goes_on = iob[start] == _I and start > 0 and ent_type[start] == ent_type[root] == ent_type[start - 1]
            new_iob = _I if goes_on else _B
        for name in ("TAG", "POS", "MORPH", "ENT_TYPE", "DEP"):
            columns[name][start] = columns[name][root]
        iob[start] = new_iob
        columns["LEMMA"][start] = self.doc._text_id(span.lemma_)
        columns["NORM"][start] = 0
        columns["SPACY"][start] = columns["SPACY"][span.end - 1]
        vocab = self.doc.vocab
        if vocab.vectors_length > 0 and not vocab.get_vector(span.text).any():
            vocab.set_vector(span.text, span.vector)
        columns["LEX"][start] = _columns.lexeme_refs(self.doc, [span.text])[0]

    def _later_custom(self, i: int, custom: Mapping[str, Any]) -> None:
        for name, value in custom.items():
            self.later.append((int(self.columns["IDX"][i]), name, value))

    def split(self, start_char: int, texts: list[str], targets: list[tuple[int, int]], values: dict[Any, Any]) -> None:
        """Split the token that begins at a character."""
        i = self.token_at(start_char)
        if i == -1:
            raise InvalidIndexError(
                f"The token to be split, {''.join(texts)!r}, is gone: it was merged in the same block."
            )
        added = len(texts) - 1
        new_heads = []
        for head_char, part in targets:
            head = self.token_at(head_char)
            if head == -1:
                raise InvalidIndexError(
                    f"The head of a part of {''.join(texts)!r} is gone: it was merged in the same block."
                )
            new_heads.append((head + added if head > i else head) + part)
        heads = self.heads
        heads[heads > i] += added
        repeats = numpy.ones(len(heads), dtype="int64")
        repeats[i] = len(texts)
        self.columns = {name: numpy.repeat(column, repeats) for name, column in self.columns.items()}
        heads = numpy.repeat(heads, repeats)
        heads[i : i + len(texts)] = new_heads
        if heads.min() < 0 or heads.max() >= len(heads):
            raise InvalidIndexError(
                f"The head of a part of {''.join(texts)!r} is out of range: there are {len(heads)} tokens then."
            )
        self.columns["HEAD"] = (heads - numpy.arange(len(heads))).astype("int32")
        self._fill_parts(i, texts)
        for attr, by_part in values.items():
            if attr != "_":
                for part, value in by_part.items():
                    self.set(i + part, attr, value)
        for part, custom in enumerate(values["_"]):
            self._later_custom(i + part, custom)
        if self.tensor is not None and self.tensor.size:
            xp = array_module(self.tensor)
            rows = xp.zeros((len(texts), *self.tensor.shape[1:]), dtype=self.tensor.dtype)
            self.tensor = xp.concatenate([self.tensor[:i], rows, self.tensor[i + 1 :]])

    def _fill_parts(self, i: int, texts: list[str]) -> None:
        """What the parts do not simply take over from the token."""
        columns, n = self.columns, len(texts)
        parts = slice(i, i + n)
        refs = _columns.lexeme_refs(self.doc, texts)
        columns["LEX"][parts] = refs
        columns["IDX"][parts] = columns["IDX"][i] + numpy.cumsum([0, *map(len, texts[:-1])])
        columns["NORM"][parts] = 0
        if columns["LEMMA"][i]:
            columns["LEMMA"][parts] = [self.doc._text_id(text) for text in texts]
        columns["SPACY"][i : i + n - 1] = 0
        if columns["ENT_IOB"][i] == _B and columns["ENT_TYPE"][i]:
            columns["ENT_IOB"][i + 1 : i + n] = _I
        starts = columns["SENT_START"]
        # The first token of a Doc counts as a start whether or not anybody said so: what follows it tells.
        said = bool(starts[i]) and (i > 0 or (len(starts) > n and bool(starts[n:].all())))
        starts[i + 1 : i + n] = -1 if said else 0

    def finish(self) -> None:
        """Give the Doc its new tokens."""
        doc = self.doc
        _columns.check_heads(self.columns["HEAD"])
        _columns.replace_columns(doc, self.columns)
        _columns.relink(doc, doc.has_annotation("DEP"))
        doc.tensor = self.tensor
        if doc._has_spans():
            for group in doc.spans.values():
                group._realign()
        starts = {int(start): i for i, start in enumerate(doc.column("IDX"))} if self.later else {}
        for start, attr, value in self.later:
            token = doc[starts[start]]
            if isinstance(attr, str):
                token._.set(attr, value)
            else:
                token.lex.set_attrs(**{attribute_name(attr): value})


def _mend_entities(columns: dict[str, Any]) -> None:
    """An I at the start, or after another type, begins an entity."""
    iob, ent_type = columns["ENT_IOB"], columns["ENT_TYPE"]
    if not len(iob):
        return
    begins = numpy.ones(len(iob), dtype=bool)
    begins[1:] = ent_type[1:] != ent_type[:-1]
    iob[begins & (iob == _I)] = _B
