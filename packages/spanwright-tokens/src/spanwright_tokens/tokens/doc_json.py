"""A Doc as a dict for JSON, in the layout of spaCy's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import DataFormatError, InvalidValueError, nearest
from .chars import token_at_char
from .combine import is_custom

if TYPE_CHECKING:
    from .doc import Doc

# attribute -> key of a token's dict
_TOKEN_KEYS = {"TAG": "tag", "POS": "pos", "MORPH": "morph", "LEMMA": "lemma", "DEP": "dep"}


def to_json(doc: Doc, underscore: Iterable[str] | None) -> dict[str, Any]:
    """A Doc as a dict; see `Doc.to_json`."""
    data: dict[str, Any] = {"text": doc.text}
    if doc.has_annotation("ENT_IOB"):
        data["ents"] = [{"start": ent.start_char, "end": ent.end_char, "label": ent.label_} for ent in doc.ents]
    if doc.has_annotation("SENT_START"):
        data["sents"] = [{"start": sent.start_char, "end": sent.end_char} for sent in doc.sents]
    if doc.cats:
        data["cats"] = doc.cats
    data["tokens"] = _tokens(doc)
    if doc.spans:
        data["spans"] = {
            key: [
                {"start": span.start_char, "end": span.end_char, "label": span.label_, "kb_id": span.kb_id_}
                for span in group
            ]
            for key, group in doc.spans.items()
        }
    if underscore:
        data.update(_custom(doc, list(underscore)))
    return data


def _tokens(doc: Doc) -> list[dict[str, Any]]:
    keys = {attr: key for attr, key in _TOKEN_KEYS.items() if doc.has_annotation(attr)}
    tokens = []
    for token in doc:
        entry: dict[str, Any] = {"id": token.i, "start": token.idx, "end": token.idx + len(token)}
        for attr, key in keys.items():
            entry[key] = token.morph.to_json() if attr == "MORPH" else getattr(token, key + "_")
        if "DEP" in keys:
            entry["head"] = token.head.i
        tokens.append(entry)
    return tokens


def _custom(doc: Doc, names: list[str]) -> dict[str, Any]:
    """The custom attributes of these names: of the Doc through getters too, of tokens and spans as they are kept."""
    data: dict[str, Any] = {}
    found = set()
    for name in names:
        if doc.has_extension(name):
            data.setdefault("_", {})[name] = _fits_json(name, doc._.get(name))
            found.add(name)
    for key, value in list(doc.user_data.items()):
        if not is_custom(key) or key[1] not in names:
            continue
        _, name, start, end = key
        found.add(name)
        _fits_json(name, value)
        if start is not None and end is None:
            data.setdefault("underscore_token", {}).setdefault(name, []).append({"start": start, "value": value})
        elif start is not None:
            entry = {"start": start, "end": end, "value": value}
            data.setdefault("underscore_span", {}).setdefault(name, []).append(entry)
    for name in names:
        if name not in found:
            known = {key[1] for key in doc.user_data if is_custom(key)}
            raise InvalidValueError(f"There is no custom attribute {name!r} to put into JSON.{nearest(name, known)}")
    return data


def _fits_json(name: str, value: Any) -> Any:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        raise InvalidValueError(f"The custom attribute {name!r} does not fit into JSON: {value!r}.") from None
    return value


# Reading


def from_json(doc: Doc, data: dict[str, Any], validate: bool) -> Doc:
    """Fill an empty Doc from a dict; see `Doc.from_json`."""
    if len(doc):
        raise InvalidValueError(f"Only an empty Doc can be loaded into, but this one has {len(doc)} tokens.")
    mistakes = find_mistakes(data) if validate else []
    if mistakes:
        raise DataFormatError("This is not the JSON of a Doc: " + "; ".join(mistakes) + ".")
    words, spaces, positions = _words_and_spaces(data)
    annotations = _annotations(data["tokens"], positions, len(words))
    if "heads" in annotations and "deps" not in annotations:
        raise InvalidValueError("The tokens have `head` without `dep`: a Doc takes heads only together with labels.")
    loaded = type(doc)(doc.vocab, words=words, spaces=spaces, arena=doc.arena, **annotations)
    loaded.cats = data.get("cats") or {}
    if not loaded.has_annotation("DEP"):
        for sent in data.get("sents") or ():
            span = _span(loaded, sent, "sentence")
            span[0].is_sent_start = True
            for token in span[1:]:
                token.is_sent_start = False
    if "ents" in data and data["ents"] is not None:
        loaded.ents = [_span(loaded, ent, "entity") for ent in data["ents"]]
    for key, group in (data.get("spans") or {}).items():
        loaded.spans[key] = [_span(loaded, span, "span") for span in group]
    _set_custom(loaded, data)
    doc._take(loaded)
    doc.cats = loaded.cats
    doc.user_data.update(loaded.user_data)
    return doc


def _words_and_spaces(data: dict[str, Any]) -> tuple[list[str], list[bool], list[int]]:
    """Words and spaces that rebuild the text, and for each token of the JSON its word's position.

    Whitespace between tokens that is no single space becomes a word of its own.
    """
    text = data["text"]
    words: list[str] = []
    spaces: list[bool] = []
    positions: list[int] = []
    at = 0
    for token in data["tokens"]:
        start, end = token["start"], token["end"]
        gap = text[at:start]
        if start < at or end <= start or end > len(text) or gap.strip():
            raise DataFormatError(
                f"Token {token.get('id', len(positions))} of the JSON, from {start} to {end}, does not follow the one "
                f"before it, which ends at {at}, in the text of {len(text)} characters."
            )
        if gap.startswith(" ") and words:
            spaces[-1] = True
            gap = gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
        positions.append(len(words))
        words.append(text[start:end])
        spaces.append(False)
        at = end
    rest = text[at:]
    if rest.strip():
        raise DataFormatError(f"The tokens of the JSON end at {at}, but the text goes on: {rest[:20]!r}.")
    if rest.startswith(" ") and words:
        spaces[-1] = True
        rest = rest[1:]
    if rest:
        words.append(rest)
        spaces.append(False)
    return words, spaces, positions


def _annotations(tokens: list[dict[str, Any]], positions: list[int], length: int) -> dict[str, Any]:
    """The arguments of Doc that the tokens' dicts stand for."""
    arguments: dict[str, Any] = {}
    for key, argument in (
        ("tag", "tags"), ("pos", "pos"), ("morph", "morphs"), ("lemma", "lemmas"), ("dep", "deps"), ("head", "heads")
    ):  # fmt: skip
        having = sum(key in token for token in tokens)
        if not having:
            continue
        if having < len(tokens):
            raise InvalidValueError(
                f"All tokens of the JSON must have the same annotations, but {len(tokens) - having} of {len(tokens)} "
                f"lack {key!r}."
            )
        values: list[Any] = [None] * length
        for token, position in zip(tokens, positions, strict=True):
            values[position] = _head(token, positions) if key == "head" else token[key]
        arguments[argument] = values
    return arguments


def _head(token: dict[str, Any], positions: list[int]) -> int:
    head = token["head"]
    if not isinstance(head, int) or not 0 <= head < len(positions):
        raise DataFormatError(
            f"The head of the token at character {token['start']} of the JSON must be the number of a token, "
            f"from 0 to {len(positions) - 1}, but is {head!r}."
        )
    return positions[head]


def _span(doc: Doc, entry: dict[str, Any], what: str) -> Any:
    start, end = entry["start"], entry["end"]
    span = doc.char_span(start, end, label=entry.get("label", ""), kb_id=entry.get("kb_id", ""))
    if span is None:
        raise InvalidValueError(f"The {what} from {start} to {end} does not begin and end where tokens do.")
    return span


def _set_custom(doc: Doc, data: dict[str, Any]) -> None:
    """Set custom attributes, registering those that are new."""
    from .span import Span
    from .token import Token

    for name, value in (data.get("_") or {}).items():
        if not doc.has_extension(name):
            doc.set_extension(name, default=None)
        doc._.set(name, value)
    for cls, section in ((Token, "underscore_token"), (Span, "underscore_span")):
        for name, entries in (data.get(section) or {}).items():
            if not cls.has_extension(name):
                cls.set_extension(name, default=None)
            for entry in entries:
                if cls is Token:
                    obj: Any = doc[token_at_char(doc, entry["start"])]
                else:
                    obj = _span(doc, entry, "span")
                obj._.set(name, entry["value"])


# Checking the form


def find_mistakes(data: Any) -> list[str]:
    """What is wrong with the form of a Doc's JSON, in words; nothing if it is right."""
    if not isinstance(data, dict):
        return [f"expected a table, found {type(data).__name__}"]
    mistakes = []
    for key, kind, needed in (
        ("text", str, True), ("tokens", list, True), ("ents", list, False), ("sents", list, False),
        ("cats", dict, False), ("spans", dict, False), ("_", dict, False), ("underscore_token", dict, False),
        ("underscore_span", dict, False),
    ):  # fmt: skip
        if data.get(key) is None:
            mistakes += [f"{key!r} is missing"] if needed else []
        elif not isinstance(data[key], kind):
            mistakes.append(f"{key!r} must be a {kind.__name__}, found {type(data[key]).__name__}")
    if mistakes:
        return mistakes
    mistakes += _entry_mistakes("tokens", data["tokens"], {"id": int, "start": int, "end": int})
    mistakes += _entry_mistakes("ents", data.get("ents"), {"start": int, "end": int, "label": str})
    mistakes += _entry_mistakes("sents", data.get("sents"), {"start": int, "end": int})
    for key, group in (data.get("spans") or {}).items():
        mistakes += _entry_mistakes(f"spans.{key}", group, {"start": int, "end": int, "label": str})
    for label, score in (data.get("cats") or {}).items():
        if not isinstance(score, float):
            mistakes.append(f"cats.{label} must be a float, found {score!r}")
    return mistakes


def _entry_mistakes(where: str, entries: Any, kinds: dict[str, type]) -> list[str]:
    if entries is not None and not isinstance(entries, list):
        return [f"{where} must be a list, found {type(entries).__name__}"]
    mistakes = []
    for i, entry in enumerate(entries or ()):
        if not isinstance(entry, dict):
            mistakes.append(f"{where}[{i}] must be a table, found {entry!r}")
            continue
        for key, kind in kinds.items():
            if not isinstance(entry.get(key), kind) or isinstance(entry.get(key), bool):
                mistakes.append(f"{where}[{i}].{key} must be {kind.__name__}, found {entry.get(key)!r}")
        for key, value in entry.items():
            if key not in kinds and not isinstance(value, (str, int)):
                mistakes.append(f"{where}[{i}].{key} must be a string or a whole number, found {value!r}")
    return mistakes
