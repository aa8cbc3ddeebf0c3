"""Gold annotation as plain dicts: made into a reference Doc, and written out of one."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, MissingKeyError, SpanwrightWarning, nearest
from .alignment import token_bounds
from .doc import Doc
from .iob import biluo_tags_to_spans, doc_to_biluo_tags, offsets_to_biluo_tags
from .span import Span

logger = logging.getLogger("spanwright")

# What users write -> the attribute.
TOKEN_KEYS = {
    "words": "ORTH",
    "spaces": "SPACY",
    "tags": "TAG",
    "pos": "POS",
    "morphs": "MORPH",
    "lemmas": "LEMMA",
    "heads": "HEAD",
    "deps": "DEP",
    "sent_starts": "SENT_START",
}
DOC_KEYS = {"cats": "cats", "links": "links", "spans": "spans", "entities": "entities", "ner": "entities"}
IGNORED_KEYS = ("text", "raw", "ids", "brackets")


def doc_from_dict(predicted: Doc, example_dict: Mapping[str, Any]) -> Doc:
    """The reference Doc that a dict describes; see `Example.from_dict`."""
    tokens, annotation = _sorted_keys(example_dict)
    words: Sequence[str]
    spaces: Sequence[bool] | None
    if not _has_values(tokens.get("ORTH")):
        words, spaces = [token.text for token in predicted], [bool(token.whitespace_) for token in predicted]
    else:
        words, spaces = tokens["ORTH"], tokens.get("SPACY")
        if not _has_values(spaces):
            spaces = _guess_spaces(example_dict.get("text", example_dict.get("raw")), words)
    for key, values in tokens.items():
        if key not in ("ORTH", "SPACY"):
            _check_length(key, values, words)
    doc = Doc(
        predicted.vocab,
        words=words,
        spaces=spaces,
        tags=_strings(tokens, "TAG"),
        pos=_strings(tokens, "POS"),
        lemmas=_strings(tokens, "LEMMA"),
    )
    _add_entities(doc, annotation.get("entities"))
    _add_spans(doc, annotation.get("spans"))
    _add_columns(doc, tokens)
    _add_links(doc, annotation.get("links"))
    doc.cats.update(annotation.get("cats") or {})
    return doc


def _sorted_keys(example_dict: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Token annotation by attribute name, and annotation of the whole Doc."""
    token_items = dict(example_dict.get("token_annotation") or {})
    doc_items = dict(example_dict.get("doc_annotation") or {})
    for key, value in example_dict.items():
        if key in ("token_annotation", "doc_annotation") or value is None:
            continue
        if key in DOC_KEYS:
            doc_items[key] = value
        else:
            token_items[key] = value
    tokens, annotation = {}, {}
    for key, value in token_items.items():
        if key in IGNORED_KEYS:
            continue
        name = key if key in TOKEN_KEYS.values() else TOKEN_KEYS.get(key.lower())
        if name is None:
            raise _unknown_key("token", key, [*TOKEN_KEYS, *TOKEN_KEYS.values(), *DOC_KEYS])
        tokens[name] = value
    for key, value in doc_items.items():
        if key in DOC_KEYS:
            annotation[DOC_KEYS[key]] = value
        elif value:
            raise UnknownDocKeyError(*_unknown_key("doc", key, DOC_KEYS).args)
    if "HEAD" in tokens and tokens.pop("SENT_START", None) is not None:
        logger.debug("Example.from_dict: 'sent_starts' is ignored, because 'heads' set the sentences.")
    return tokens, annotation


class UnknownDocKeyError(InvalidValueError, KeyError):
    """A kind of document annotation that does not exist."""

    __str__ = MissingKeyError.__str__


def _unknown_key(kind: str, key: str, known: Iterable[str]) -> MissingKeyError:
    return MissingKeyError(
        f"Example.from_dict: unknown key {key!r} in the {kind} annotation.{nearest(key, known)} The keys are: "
        f"{', '.join(TOKEN_KEYS)}, text, {', '.join(DOC_KEYS)}."
    )


def _has_values(values: Sequence[Any] | None) -> bool:
    return values is not None and any(value is not None for value in values)


def _check_length(key: str, values: Sequence[Any], words: Sequence[str]) -> None:
    if values is None or isinstance(values, str) or len(values) != len(words):
        found = "None" if values is None else f"{len(values)} values"
        raise InvalidValueError(
            f"Example.from_dict: {key} must have one value a token, but there are {len(words)} tokens and {found}. "
            "Give 'words' too if the annotation belongs to another tokenization than the predicted Doc's."
        )


def _strings(tokens: Mapping[str, Any], key: str) -> Sequence[str] | None:
    """The values of a key if there are any; all must be strings."""
    if key not in tokens:
        return None
    values = tokens[key]
    wrong = sorted({type(value).__name__ for value in values if not isinstance(value, str)})
    if wrong:
        raise InvalidTypeError(
            f"Example.from_dict: the values of {key} must be strings, but there are values of type {', '.join(wrong)}. "
            "Use '' for a missing value."
        )
    return values


def _ternary(value: Any) -> int:
    """1 yes, -1 no, 0 not known."""
    if isinstance(value, bool):
        return 1 if value else -1
    if value is None:
        return 0
    return {0: 0, 1: 1}.get(value, -1)


def _add_columns(doc: Doc, tokens: Mapping[str, Any]) -> None:
    strings, morphology = doc.vocab.strings, doc.vocab.morphology
    converters: dict[str, Callable[[int, Any], int]] = {
        "HEAD": lambda i, head: 0 if head is None else head - i,
        "DEP": lambda i, dep: 0 if dep is None else strings.add(dep),
        "SENT_START": lambda i, value: _ternary(value),
        "MORPH": lambda i, morph: morphology.add(morph),
    }
    if "DEP" in tokens:
        _strings({"DEP": [dep for dep in tokens["DEP"] if dep is not None]}, "DEP")
    present = [key for key in converters if key in tokens]
    if not present or not len(doc):
        return
    array = np.empty((len(doc), len(present)), dtype="uint64")
    for column, key in enumerate(present):
        values = [converters[key](i, value) for i, value in enumerate(tokens[key])]
        # Ids use all 64 bits, relative positions are signed: both fit the 64 bits of the array.
        array[:, column] = np.asarray([value & 0xFFFFFFFFFFFFFFFF for value in values], dtype="uint64")
    doc.from_array(present, array)


def _add_entities(doc: Doc, entities: Any) -> None:
    if entities is None:
        return
    if not isinstance(entities, (list, tuple)):
        raise _bad_entities(entities)
    if not len(entities):
        doc.set_ents([])
        return
    first = entities[0]
    if isinstance(first, (list, tuple)):
        spans = biluo_tags_to_spans(doc, offsets_to_biluo_tags(doc, entities))
    elif first is None or isinstance(first, str):
        _warn_of_iob(entities)
        spans = biluo_tags_to_spans(doc, entities)
    elif isinstance(first, Span):
        spans = list(entities)
    else:
        raise _bad_entities(first)
    doc.set_ents([span for span in spans if span.label], missing=[span for span in spans if not span.label])


def _warn_of_iob(tags: Sequence[str | None]) -> None:
    prefixes = {tag[:2] for tag in tags if tag}
    if "B-" in prefixes and "L-" not in prefixes:
        warnings.warn(
            "Example.from_dict: 'entities' has tags that begin with 'B-' and none with 'L-', so these look like "
            "IOB tags. Their entities are lost: convert them with iob_to_biluo.",
            SpanwrightWarning,
            stacklevel=5,
        )


def _bad_entities(found: Any) -> InvalidValueError:
    return InvalidValueError(
        "Example.from_dict: 'entities' must be a list of (start_char, end_char, label) or one BILUO tag a token, but "
        f"there is {type(found).__name__}: {found!r}."
    )


def _add_spans(doc: Doc, groups: Any) -> None:
    if not groups:
        return
    if not isinstance(groups, Mapping) or not all(isinstance(group, list) for group in groups.values()):
        raise InvalidValueError(
            "Example.from_dict: 'spans' must be a dict from the group's name to a list of (start_char, end_char[, "
            f"label[, kb_id]]), but it is {groups!r}."
        )
    for name, group in groups.items():
        doc.spans[name] = [_char_span(doc, name, item) for item in group]


def _char_span(doc: Doc, name: str, item: Any) -> Span:
    if not isinstance(item, (list, tuple)) or not 2 <= len(item) <= 4:
        raise InvalidValueError(
            f"Example.from_dict: a span of the group {name!r} must be (start_char, end_char[, label[, kb_id]]), but "
            f"it is {item!r}."
        )
    start, end, label, kb_id = (*item, 0, 0)[:4] if len(item) < 4 else item
    span = doc.char_span(start, end, label=label, kb_id=kb_id)
    if span is None:
        raise InvalidValueError(
            f"Example.from_dict: the span {tuple(item)} of the group {name!r} ({doc.text[start:end]!r}) does not "
            "start and end at token boundaries."
        )
    return span


def _add_links(doc: Doc, links: Mapping[tuple[int, int], Mapping[str, float]] | None) -> None:
    starts, ends = token_bounds(doc)
    first_at = {start: i for i, start in enumerate(starts.tolist())}
    last_at = {end: i for i, end in enumerate(ends.tolist())}
    for (start_char, end_char), candidates in (links or {}).items():
        right = [kb_id for kb_id, probability in candidates.items() if probability == 1.0]
        if len(right) > 1:
            raise InvalidValueError(
                f"Example.from_dict: the link at ({start_char}, {end_char}) gives the probability 1.0 to {right}; only "
                "one id may have it, the others must have 0.0."
            )
        if not right:
            continue
        first, last = first_at.get(start_char), last_at.get(end_char)
        if first is None or last is None:
            raise InvalidValueError(
                f"Example.from_dict: the link at ({start_char}, {end_char}) does not start and end at token boundaries."
            )
        for i in range(first, last + 1):
            doc[i].ent_kb_id_ = right[0]


def _guess_spaces(text: str | None, words: Sequence[str]) -> list[bool] | None:
    """Whether a blank follows each word in the text; a word that is not found there counts as followed by one."""
    if text is None:
        return None
    spaces, position = [], 0
    for word in words:
        start = text.find(word, position)
        if start < 0:
            spaces.append(True)
            continue
        position = start + len(word)
        spaces.append(text[position : position + 1] == " ")
    return spaces


def example_to_dict(doc: Doc) -> dict[str, Any]:
    """The annotation of a reference Doc as a dict; see `Example.to_dict`."""
    return {
        "doc_annotation": {
            "cats": dict(doc.cats),
            "entities": doc_to_biluo_tags(doc),
            "spans": {
                name: [(span.start_char, span.end_char, span.label_, span.kb_id_) for span in group]
                for name, group in doc.spans.items()
            },
            "links": {(ent.start_char, ent.end_char): {ent.kb_id_: 1.0} for ent in doc.ents if ent.kb_id_},
        },
        "token_annotation": {
            "ORTH": [token.text for token in doc],
            "SPACY": [bool(token.whitespace_) for token in doc],
            "TAG": [token.tag_ for token in doc],
            "LEMMA": [token.lemma_ for token in doc],
            "POS": [token.pos_ for token in doc],
            "MORPH": [str(token.morph) for token in doc],
            "HEAD": [token.head.i for token in doc],
            "DEP": [token.dep_ for token in doc],
            "SENT_START": [int(bool(token.is_sent_start)) for token in doc],
        },
    }
