"""Attributes of tokens as users write them, as values to be set."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spanwright.attrs import IDS
from spanwright.errors import InvalidTypeError, InvalidValueError, SpanwrightError, SpanwrightWarning
from spanwright.tokens import Token
from spanwright_tokens.attrs import IOB_STRINGS
from spanwright_tokens.errors import nearest
from spanwright_tokens.parts_of_speech import IDS as POS_IDS
from spanwright_tokens.parts_of_speech import NAMES as POS_NAMES
from spanwright_tokens.tokens.attributes import OWN, TEXTS, attribute_name

if TYPE_CHECKING:
    from spanwright.vocab import Vocab

# Attribute id -> value; under "_" a dict of extension attributes.
TokenAttrs = dict[Any, Any]

# What may be set: names as users write them, and ids. The text and the place of a token are its own.
NAMES = {name: attr for name, attr in IDS.items() if not name.startswith("FLAG") and name not in ("", "ORTH", "IDX")}
SETTABLE = frozenset({*NAMES, *NAMES.values()})
ENT_IOB, MORPH, POS = IDS["ENT_IOB"], IDS["MORPH"], IDS["POS"]
LEXICAL_TEXTS = frozenset(IDS[name] for name in ("ORTH", "LOWER", "SHAPE", "PREFIX", "SUFFIX", "LANG"))


def normalize_token_attrs(vocab: Vocab, attrs: Mapping[Any, Any], where: str) -> TokenAttrs:
    """Attributes by id with values as columns hold them; texts become permanent strings.

    where: What is read; errors begin with it.

    Raises InvalidValueError (a ValueError) for an attribute or value that cannot be.
    """
    if not isinstance(attrs, Mapping):
        raise InvalidTypeError(f"{where}: attributes are a dict, found {type(attrs).__name__} ({attrs!r}).")
    normalized: TokenAttrs = {}
    for name, value in attrs.items():
        if name == "_":
            normalized["_"] = _extensions(value, where)
            continue
        attr = _attr(name)
        if attr is None:
            raise InvalidValueError(
                f"{where}: tokens have no attribute {name!r}.{nearest(str(name).upper(), [*NAMES, '_'])}"
            )
        normalized[attr] = _value(vocab, attr, value, where)
    return normalized


def _attr(name: Any) -> int | None:
    if isinstance(name, str):
        return NAMES.get(name.upper())
    return name if name in SETTABLE else None


def drop_unknown_attrs(attrs: Mapping[Any, Any], where: str) -> dict[Any, Any]:
    """Attributes of a file without those that tokens do not have, of which it warns: spaCy saves and ignores them."""
    unknown = [name for name in attrs if name != "_" and _attr(name) is None]
    if unknown:
        warnings.warn(
            f"{where}: tokens have no attribute {', '.join(map(repr, unknown))}; it is left out.",
            SpanwrightWarning,
            stacklevel=2,
        )
    return {name: value for name, value in attrs.items() if name not in unknown}


def _extensions(values: Any, where: str) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise InvalidTypeError(f"{where}: expected a dict of extension attributes under '_', found {values!r}.")
    for name in values:
        if not Token.has_extension(name):
            raise InvalidValueError(
                f"{where}: tokens have no extension attribute {name!r}. Add it first: Token.set_extension({name!r}, "
                "default=None)."
            )
        _, method, getter, setter = Token.get_extension(name) or (None, None, None, None)
        if method is not None or (getter is not None and setter is None):
            raise InvalidValueError(f"{where}: the extension attribute {name!r} of tokens cannot be set.")
    return dict(values)


def _value(vocab: Vocab, attr: int, value: Any, where: str) -> int:
    if attr == MORPH:
        try:
            return int(vocab.morphology.add(value if isinstance(value, (str, Mapping)) else vocab.strings[value]))
        except SpanwrightError as error:
            raise InvalidValueError(f"{where}: {error}") from None
    if attr == POS:
        if isinstance(value, str) and value in POS_IDS:
            return int(POS_IDS[value])
        if isinstance(value, int) and value in POS_NAMES:
            return value
        raise InvalidValueError(
            f"{where}: POS must be a universal part of speech, found {value!r}.{nearest(str(value).upper(), POS_IDS)}"
        )
    if attr == ENT_IOB and value in IOB_STRINGS:
        return IOB_STRINGS.index(value)
    if isinstance(value, str) and (attr in TEXTS or attr in LEXICAL_TEXTS):
        return int(vocab.strings.add(value))
    if isinstance(value, int):
        return int(value)
    kind = "a text or its id" if attr in TEXTS or attr in LEXICAL_TEXTS else "a number or True or False"
    raise InvalidValueError(f"{where}: {attribute_name(attr)} must be {kind}, found {value!r}.")


def set_token_attrs(token: Token, attrs: TokenAttrs) -> None:
    """Set normalized attributes of one token; those that a token does not hold itself are its lexeme's."""
    from spanwright.tokens import scatter

    doc = token.doc
    for attr, value in attrs.items():
        if attr == "_":
            for name, extension in value.items():
                token._.set(name, extension)
        elif attr in OWN:
            column = doc.to_array([attr]).reshape(-1)
            column[token.i] = value & 0xFFFFFFFFFFFFFFFF
            scatter([doc], attr, column)
        else:
            token.lex.set_attrs(**{attribute_name(attr): value})
