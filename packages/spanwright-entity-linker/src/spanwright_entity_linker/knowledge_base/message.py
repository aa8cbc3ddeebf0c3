"""A knowledge base as one message, in spaCy's layout: JSON in msgpack."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy

from spanwright.errors import DataFormatError
from spanwright_tokens.io import dump_msgpack, read_json_bytes, read_parts

from .checks import WIDEST
from .contents import make_aliases, make_entities
from .tables import Aliases, Entities, view

PARTS = ("header", "entity_vectors", "entries", "aliases")


def to_message(entities: Entities, aliases: Aliases) -> bytes:
    """The columns as a message."""
    aliases.settle()
    spans = [slice(start, end) for start, end in pairwise(aliases.starts)]
    lengths = numpy.diff(view(aliases.starts)).tolist()
    heads = list(zip(aliases.keys.tolist(), lengths, strict=True))
    numbers, probs = aliases.numbers.tolist(), aliases.probs.tolist()
    rows = zip(entities.keys.tolist(), entities.freqs.tolist(), range(len(entities)), strict=True)
    parts = {
        "header": [len(entities), len(aliases), entities.vectors.width],
        "entity_vectors": entities.vectors.whole().tolist(),
        "entries": list(rows),
        # Each list is JSON by itself, inside of JSON.
        "aliases": [_dump(heads), _dump([numbers[span] for span in spans]), _dump([probs[span] for span in spans])],
    }
    return dump_msgpack({name: _dump(value) for name, value in parts.items()})


def from_message(data: bytes, where: str) -> tuple[Entities, Aliases]:
    """The columns of a message, checked. Raises DataFormatError (a ValueError)."""
    parts = read_parts(data, where=where, names=PARTS)
    missing = [name for name in PARTS if name not in parts]
    if missing:
        raise DataFormatError(f"{where}: this is no knowledge base: the part '{missing[0]}' is missing.")
    loaded = {name: read_json_bytes(parts[name], where=f"{where}, {name}") for name in PARTS}
    try:
        return _columns(loaded, where)
    except DataFormatError:
        raise
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, RecursionError) as error:
        raise DataFormatError(f"{where}: this is no knowledge base, or a damaged one: {error}") from error


def _columns(loaded: dict[str, Any], where: str) -> tuple[Entities, Aliases]:
    count, n_aliases, width = (int(value) for value in loaded["header"])
    if not 0 <= width <= WIDEST:
        raise DataFormatError(f"{where}: the header speaks of vectors with {width} values. This is no knowledge base.")
    entries = loaded["entries"]
    heads, numbers, probs = (json.loads(part) for part in loaded["aliases"])
    if (len(entries), len(heads), len(numbers), len(probs)) != (count, n_aliases, n_aliases, n_aliases):
        raise DataFormatError(f"{where}: the header speaks of {count} entities and {n_aliases} aliases; others follow.")
    # spaCy writes an empty row where it has skipped one.
    vectors = [row for row in loaded["entity_vectors"] if row] if width else [[]] * count
    wrong = [len(row) for row in vectors if len(row) != width]
    if wrong:
        raise DataFormatError(f"{where}: a vector has {wrong[0]} values, and the header says {width}.")
    with numpy.errstate(over="ignore"):
        matrix = numpy.asarray(vectors, dtype="float32").reshape((len(vectors), width))
    if not numpy.isfinite(matrix).all():
        raise DataFormatError(f"{where}: a vector has values that are no numbers (NaN or infinite).")
    entities = make_entities(
        numpy.asarray([entry[0] for entry in entries], dtype="uint64"),
        numpy.asarray([entry[1] for entry in entries], dtype="float32"),
        numpy.asarray([entry[2] for entry in entries], dtype="int64"),
        matrix,
        where,
    )
    lengths = [len(found) for found in numbers]
    if lengths != [len(found) for found in probs]:
        raise DataFormatError(f"{where}: an alias has not as many prior probabilities as entities.")
    aliases = make_aliases(
        numpy.asarray([key for key, _ in heads], dtype="uint64"),
        lengths,
        numpy.asarray([number for found in numbers for number in found], dtype="int64"),
        numpy.asarray([prob for found in probs for prob in found], dtype="float32"),
        len(entities),
        where,
    )
    return entities, aliases


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
