"""What `Doc(...)` is given: words, spaces, and annotations as lists of strings."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from ..attrs import IDS, IOB_STRINGS
from ..errors import InvalidTypeError, InvalidValueError, nearest
from ..parts_of_speech import IDS as POS_IDS

if TYPE_CHECKING:
    from .doc import Doc


def text_of(doc: Doc, i: int, word: Any) -> str:
    """The text of word `i`, which is no plain string: an id of a string that is known by now, or a mistake."""
    if isinstance(word, bytes):
        raise InvalidValueError(f"`words` must be strings, but word {i} is bytes: {word!r}. Decode it first.")
    try:
        text: str = word if isinstance(word, str) else doc._text_of(operator.index(word))
    except (TypeError, OverflowError):
        raise InvalidTypeError(
            f"`words` must be strings or ids of strings, but word {i} is {word!r} ({type(word).__name__})."
        ) from None
    if not text:
        raise InvalidValueError(f"Word {i} is an empty string; a token needs at least one character.")
    return text


def spaces_of(words: Sequence[Any], spaces: Any) -> list[Any] | None:
    """Whether a space follows each word; None where that was not given."""
    if spaces is None:
        return None
    found = list(spaces)
    if len(found) != len(words):
        raise InvalidValueError(f"`spaces` must have one boolean per word: expected {len(words)}, found {len(found)}.")
    return found


def annotate(doc: Doc, *, sent_starts: Any, heads: Any, deps: Any, ents: Any, **texts: Any) -> None:
    """Set what the constructor of Doc was given; None means not given.

    texts: tags, pos, morphs, lemmas.
    """
    given = {"heads": heads, "deps": deps, "sent_starts": sent_starts, "ents": ents, **texts}
    given = {name: list(values) for name, values in given.items() if values is not None}
    if not given:
        return
    for name, values in given.items():
        if len(values) != len(doc):
            raise InvalidValueError(f"`{name}` must have one value per word: expected {len(doc)}, found {len(values)}.")
    if given.get("heads") and not given.get("deps"):
        raise InvalidValueError(
            "A Doc takes `heads` only together with `deps`. If there are no labels, give placeholders: "
            "`deps=['dep'] * len(words)`."
        )
    columns: dict[int, Any] = {}
    if "sent_starts" in given:
        columns[IDS["SENT_START"]] = [_sent_start(value) for value in given["sent_starts"]]
    if "ents" in given:
        columns[IDS["ENT_IOB"]], columns[IDS["ENT_TYPE"]] = _entities(doc, given["ents"])
    if given.get("deps"):
        columns[IDS["HEAD"]] = _relative(doc, given.get("heads"))
        columns[IDS["DEP"]] = _labels(doc, "deps", given["deps"])
    if "tags" in given:
        columns[IDS["TAG"]] = _labels(doc, "tags", given["tags"])
    if "pos" in given:
        columns[IDS["POS"]] = [_pos(value) for value in given["pos"]]
    if "morphs" in given:
        columns[IDS["MORPH"]] = _morphs(doc, given["morphs"])
    if "lemmas" in given:
        columns[IDS["LEMMA"]] = [doc._text_id(_string("lemmas", value)) for value in given["lemmas"]]
    if columns and len(doc):
        values = [numpy.array(column, dtype=_dtype(column)).astype("uint64") for column in columns.values()]
        doc.from_array(list(columns), numpy.stack(values, axis=1))


def _dtype(column: Sequence[int]) -> str:
    return "int64" if min(column) < 0 else "uint64"


def _string(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidTypeError(f"`{name}` must hold strings (or None), but found {value!r} ({type(value).__name__}).")
    return value


def _labels(doc: Doc, name: str, values: list[Any]) -> list[int]:
    return [doc.vocab.strings.add(_string(name, value)) for value in values]


def _morphs(doc: Doc, values: list[Any]) -> list[int]:
    return [0 if value is None else doc.vocab.morphology.add(value) for value in values]


def _pos(value: Any) -> int:
    found = POS_IDS.get("" if value is None else value)
    if found is None:
        raise InvalidValueError(
            f"`pos` has {value!r}, which is not a universal part of speech.{nearest(str(value).upper(), POS_IDS)} "
            "Other tags go into `tags`."
        )
    return found


def _sent_start(value: Any) -> int:
    if value is True or value is False:
        return 1 if value else -1
    return int(value) if value in (-1, 1) else 0


def _relative(doc: Doc, heads: list[Any] | None) -> list[int]:
    if not heads:
        return [0] * len(doc)
    for i, head in enumerate(heads):
        if head is not None and not 0 <= head < len(doc):
            raise InvalidValueError(
                f"The head of word {i} must be a position in the Doc, from 0 to {len(doc) - 1}, but found {head}."
            )
    return [0 if head is None else int(head) - i for i, head in enumerate(heads)]


def _entities(doc: Doc, tags: list[Any]) -> tuple[list[int], list[int]]:
    """The columns ENT_IOB and ENT_TYPE of IOB or IOB2 tags."""
    iobs, types = [], []
    inside = ""  # the type that an I may go on with
    for tag in tags:
        iob, label = _split_iob(tag)
        if iob == "I" and label != inside:
            iob = "B"
        inside = label if iob in ("B", "I") else ""
        iobs.append(IOB_STRINGS.index(iob))
        types.append(doc.vocab.strings.add(label))
    return iobs, types


def _split_iob(tag: Any) -> tuple[str, str]:
    if tag is None or tag == "":
        return "", ""
    if tag == "O":
        return "O", ""
    iob, dash, label = tag.partition("-") if isinstance(tag, str) else ("", "", "")
    if iob not in ("B", "I") or not dash or not label:
        raise InvalidValueError(
            f"`ents` must hold tags such as 'B-ORG', 'I-ORG', 'O' or '' (not known), but found {tag!r}."
        )
    return iob, label
