"""From files of entities and aliases to a knowledge base."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import InvalidValueError
from spanwright_tokens.errors import nearest
from spanwright_tokens.vocab.vectors import to_numpy

from ..knowledge_base import InMemoryLookupKB
from ..knowledge_base.checks import MOST
from .problems import KBFilesError, Problems
from .rows import read_rows
from .values import WrongValueError, read_number, read_text, read_vector

if TYPE_CHECKING:
    from spanwright.vocab import Vocab

ENTITY_KEYS = ("id", "freq", "vector", "name", "description")
ALIAS_KEYS = ("alias", "entity", "prob", "entities", "probabilities")
SHOWN = 1000  # names that a misspelt one is compared with


@dataclass
class _Entities:
    """Columns of the entities."""

    names: dict[str, int] = field(default_factory=dict)  # with their lines
    freqs: list[float] = field(default_factory=list)
    vectors: list[Any] = field(default_factory=list)


def build_kb(
    entities: str | Path, aliases: str | Path, *, vocab: Vocab | None = None, nlp: Any = None
) -> InMemoryLookupKB:
    """A knowledge base from two files, CSV with a header or JSONL.

    entities: One in a row: `id`, and optionally `freq` (0), `vector` (a list; in CSV numbers divided by blanks),
        `description`, `name` (not read).
    aliases: In CSV one pair in a row: `alias`, `entity`, `prob`. In JSONL such objects, or `alias` with `entities` and
        `probabilities`.
    vocab: The vocabulary of the knowledge base; a new one by default.
    nlp: A pipeline with word vectors: an entity without a vector gets that of its description.

    Raises KBFilesError (a ValueError) with every problem of both files, by line; MissingFileError (a
    FileNotFoundError); InvalidValueError (a ValueError) for other formats.
    """
    from spanwright.vocab import Vocab

    found: list[tuple[str, int, str]] = []
    read = _read_entities(Path(entities), Problems(str(entities), found), nlp)
    pairs = _read_aliases(Path(aliases), Problems(str(aliases), found), read)
    if found:
        raise KBFilesError(found)
    if not read.names:
        raise InvalidValueError(f"{entities}: there is no entity in it.")
    if not pairs:
        raise InvalidValueError(f"{aliases}: there is no alias in it.")
    kb = InMemoryLookupKB(Vocab() if vocab is None else vocab, len(read.vectors[0]))
    kb.set_entities(list(read.names), read.freqs, numpy.asarray(read.vectors, dtype="float32"))
    for alias, of_alias in pairs.items():
        kb.add_alias(alias, list(of_alias), list(of_alias.values()))
    return kb


def _read_entities(path: Path, problems: Problems, nlp: Any) -> _Entities:
    read = _Entities()
    first: tuple[int, int] | None = None
    for line, row in read_rows(path, problems, needed=("id",), known=ENTITY_KEYS):
        try:
            name = read_text(row, "id")
            if name in read.names:
                raise WrongValueError(f"the entity '{name}' stands in line {read.names[name]} already")
            # A faulty one is known all the same: its aliases are no faults of theirs.
            read.names[name] = line
            freq = read_number(row.get("freq", 0.0), "freq")
            vector = _vector(row, nlp)
            first = first or (len(vector), line)
            if len(vector) != first[0]:
                raise WrongValueError(
                    f"the vector has {len(vector)} values, and that of line {first[1]} has {first[0]}"
                )
            read.freqs.append(freq)
            read.vectors.append(vector)
        except WrongValueError as error:
            problems.add(line, str(error))
    return read


def _vector(row: dict[str, Any], nlp: Any) -> Any:
    if "vector" in row:
        return read_vector(row["vector"])
    if nlp is None:
        raise WrongValueError("there is no 'vector'. Give one, or a pipeline with word vectors and a 'description'")
    vector = to_numpy(nlp.make_doc(read_text(row, "description")).vector)
    if not len(vector):
        raise InvalidValueError("The pipeline has no word vectors to make vectors of descriptions from.")
    return vector


def _read_aliases(path: Path, problems: Problems, entities: _Entities) -> dict[str, dict[str, float]]:
    pairs: dict[str, dict[str, float]] = {}
    for line, row in read_rows(path, problems, needed=("alias", "entity", "prob"), known=ALIAS_KEYS):
        try:
            alias = read_text(row, "alias")
            of_alias = pairs.setdefault(alias, {})
            for entity, prob in _candidates(row, alias):
                # Without any entity the fault is that of the other file.
                if entities.names and entity not in entities.names:
                    hint = nearest(entity, list(entities.names)[:SHOWN])
                    raise WrongValueError(f"the alias '{alias}' names the entity '{entity}', which is not known.{hint}")
                if entity in of_alias:
                    raise WrongValueError(f"the alias '{alias}' has the entity '{entity}' already")
                of_alias[entity] = prob
                total = sum(of_alias.values())
                if total > MOST:
                    raise WrongValueError(f"the probabilities of the alias '{alias}' sum to {total:.4f}, above 1")
        except WrongValueError as error:
            problems.add(line, str(error))
    return pairs


def _candidates(row: dict[str, Any], alias: str) -> list[tuple[str, float]]:
    if "entities" not in row and "probabilities" not in row:
        entity = read_text(row, "entity")
        if "prob" not in row:
            raise WrongValueError("'prob' is missing")
        return [(entity, read_number(row["prob"], "prob", most=1))]
    names, probs = row.get("entities"), row.get("probabilities")
    if not isinstance(names, list) or not isinstance(probs, list) or len(names) != len(probs):
        raise WrongValueError("'entities' and 'probabilities' must be lists of the same length")
    if not names:
        raise WrongValueError(f"the alias '{alias}' has no entities")
    numbers = [read_number(prob, "probabilities", most=1) for prob in probs]
    return [(read_text({"entities": name}, "entities"), prob) for name, prob in zip(names, numbers, strict=True)]
