"""Components that merge, split and clean: merge_entities and its like, token_splitter, doc_cleaner."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from spanwright.errors import DataFormatError, InvalidAttributeError, InvalidValueError, SpanwrightWarning
from spanwright.language import Language
from spanwright.strings import get_string_id
from spanwright.tokens import Doc, Span
from spanwright_tokens.io import read_json_bytes, write_json_bytes

from ..files import load_parts, pack_parts, save_parts, unpack_parts

_Self = TypeVar("_Self", bound="Configured")


@Language.factory("merge_noun_chunks", requires=["token.dep", "token.tag", "token.pos"], retokenizes=True)
def make_merge_noun_chunks(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """merge_noun_chunks: makes one token of each noun chunk."""
    return merge_noun_chunks


@Language.factory("merge_entities", requires=["doc.ents", "token.ent_iob", "token.ent_type"], retokenizes=True)
def make_merge_entities(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """merge_entities: makes one token of each entity."""
    return merge_entities


@Language.factory("merge_subtokens", requires=["token.dep"], retokenizes=True)
def make_merge_subtokens(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """merge_subtokens: makes one token of tokens that a parser has marked as parts of one."""
    return merge_subtokens


@Language.factory("token_splitter", default_config={"min_length": 25, "split_length": 10}, retokenizes=True)
def make_token_splitter(nlp: Language, name: str, *, min_length: int = 0, split_length: int = 0) -> TokenSplitter:
    """token_splitter: makes several tokens of a long one.

    min_length: Tokens of as many characters or more are split; 0 splits none.
    split_length: Characters of each part; the last may have fewer.
    """
    return TokenSplitter(min_length=min_length, split_length=split_length)


@Language.factory("doc_cleaner", default_config={"attrs": {"tensor": None, "_.trf_data": None}, "silent": True})
def make_doc_cleaner(nlp: Language, name: str, *, attrs: dict[str, Any], silent: bool) -> DocCleaner:
    """doc_cleaner: sets attributes of the Doc, to let go of what is no longer needed.

    attrs: Attribute -> value, such as {"tensor": null, "_.trf_data": null}.
    silent: Whether to pass over attributes that a Doc lacks; otherwise there is a warning.
    """
    return DocCleaner(attrs, silent=silent)


def merge_noun_chunks(doc: Doc) -> Doc:
    """Make one token of each noun chunk, with the tag and dependency of its root."""
    return _merge(doc, doc.noun_chunks if doc.has_annotation("DEP") else ())


def merge_entities(doc: Doc) -> Doc:
    """Make one token of each entity, with the tag and dependency of its root and the entity's label."""
    return _merge(doc, doc.ents, lambda entity: {"ent_type": entity.label})


def _merge(doc: Doc, spans: Iterable[Span], more: Callable[[Span], dict[str, Any]] = lambda span: {}) -> Doc:
    """One token for each span: what its root is, and more."""
    found = [(span, span.root) for span in spans]
    with doc.retokenize() as retokenizer:
        for span, root in found:
            retokenizer.merge(span, {"tag": root.tag, "dep": root.dep, **more(span)})
    return doc


def merge_subtokens(doc: Doc, label: str = "subtok") -> Doc:
    """Make one token of tokens with a dependency label that marks parts, and the token after them.

    label: The dependency label.

    Raises InvalidValueError (a ValueError) if the Doc has no dependencies.
    """
    if len(doc) and not doc.has_annotation("DEP"):
        raise InvalidValueError("merge_subtokens: no token has a dependency label; add a parser before it.")
    is_part = doc.to_array("DEP").reshape(-1) == np.uint64(get_string_id(label))
    # Where runs of parts begin, and the tokens after them.
    edges = np.flatnonzero(np.diff(is_part.astype(np.int8), prepend=0, append=0)).tolist()
    with doc.retokenize() as retokenizer:
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            retokenizer.merge(doc[start : end + 1])
    return doc


class Configured:
    """A component that consists of its settings, which are saved with it."""

    def _get_config(self) -> dict[str, Any]:
        raise NotImplementedError

    def _set_config(self, config: dict[str, Any]) -> None:
        raise NotImplementedError

    def _load(self, parts: dict[str, bytes], where: str) -> None:
        if "cfg" in parts:
            config = read_json_bytes(parts["cfg"], where=where)
            if not isinstance(config, dict):
                raise DataFormatError(f"{where}: a dict of settings is needed, found {type(config).__name__}.")
            self._set_config(config)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The settings as bytes."""
        return pack_parts({"cfg": write_json_bytes(self._get_config()).decode("utf8")}, ())

    def from_bytes(self: _Self, data: bytes, *, exclude: Iterable[str] = ()) -> _Self:
        """Load what `to_bytes` gave. Raises DataFormatError (a ValueError)."""
        name = type(self).__name__
        unpack_parts(data, ["cfg"], (), component=name, apply=lambda parts: self._load(parts, name))
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the settings to a folder, whole or not at all."""
        save_parts(path, {"cfg": write_json_bytes(self._get_config())}, ())

    def from_disk(self: _Self, path: str | Path, *, exclude: Iterable[str] = ()) -> _Self:
        """Load the settings of a folder. Raises MissingFileError (a FileNotFoundError) or DataFormatError."""
        self._load(load_parts(path, ["cfg"], (), component=type(self).__name__), str(Path(path) / "cfg"))
        return self


class TokenSplitter(Configured):
    """Makes several tokens of each long one; each part depends on the part before.

    min_length, split_length: See `make_token_splitter`.
    """

    def __init__(self, min_length: int = 0, split_length: int = 0) -> None:
        self.min_length = min_length
        self.split_length = split_length

    def __call__(self, doc: Doc) -> Doc:
        """Split the long tokens of a Doc, and return it."""
        size = self.split_length
        if self.min_length <= 0 or size <= 0:
            return doc
        with doc.retokenize() as retokenizer:
            for token in doc:
                text = token.text
                if len(text) >= self.min_length:
                    parts = [text[i : i + size] for i in range(0, len(text), size)]
                    retokenizer.split(token, parts, [(token, i) for i in range(len(parts))], {})
        return doc

    def _get_config(self) -> dict[str, Any]:
        return {"min_length": self.min_length, "split_length": self.split_length}

    def _set_config(self, config: dict[str, Any]) -> None:
        self.min_length = config.get("min_length", 0)
        self.split_length = config.get("split_length", 0)


class DocCleaner(Configured):
    """Sets attributes of Docs, to let go of what is no longer needed.

    attrs, silent: See `make_doc_cleaner`.
    """

    def __init__(self, attrs: Mapping[str, Any], *, silent: bool = True) -> None:
        if not isinstance(attrs, Mapping):
            raise InvalidValueError(f"doc_cleaner: attrs must be a dict of attributes and values, found {attrs!r}.")
        self.cfg: dict[str, Any] = {"attrs": dict(attrs), "silent": silent}

    def __call__(self, doc: Doc) -> Doc:
        """Set the attributes of a Doc, and return it."""
        for path, value in self.cfg["attrs"].items():
            *owners, last = path.split(".")
            target: Any = doc
            for owner in owners:
                target = getattr(target, owner, None) if target is not None else None
            if target is not None and hasattr(target, last):
                try:
                    setattr(target, last, value)
                except AttributeError as error:
                    raise InvalidAttributeError(
                        f"doc_cleaner cannot set the attribute {path!r} of a Doc: {error}"
                    ) from None
            elif not self.cfg["silent"]:
                warnings.warn(
                    f"doc_cleaner: a Doc has no attribute {path!r} to be set.", SpanwrightWarning, stacklevel=2
                )
        return doc

    def _get_config(self) -> dict[str, Any]:
        return self.cfg

    def _set_config(self, config: dict[str, Any]) -> None:
        self.cfg.update(config)
