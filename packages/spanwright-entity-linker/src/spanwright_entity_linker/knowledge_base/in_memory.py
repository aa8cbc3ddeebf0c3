"""A knowledge base in memory: entities with vectors, and aliases with prior probabilities."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import DataFormatError, InvalidTypeError, InvalidValueError, MissingFileError, SpanwrightWarning
from spanwright_tokens.errors import nearest
from spanwright_tokens.io import read_json, replace_file, replace_folder
from spanwright_tokens.vocab.strings import check_strings

from .base import Candidate, KnowledgeBase
from .checks import check_freqs, check_name, check_priors, check_vectors, check_width
from .contents import read_contents, write_contents
from .message import from_message, to_message
from .tables import NOBODY, Aliases, Entities, view

if TYPE_CHECKING:
    from spanwright.tokens import Span
    from spanwright.vocab import Vocab

SHOWN = 1000  # names that a misspelt one is compared with
NO_NAME = "An entity must have a name: the id of an empty text means that a mention is not linked."


class InMemoryLookupKB(KnowledgeBase):
    """Entities and the aliases that they are called by, looked up by the text of a mention.

    vocab: The vocabulary, whose strings the names of entities and aliases are added to.
    entity_vector_length: Width of the entities' vectors. Advised: 64 to 300.

    Facts stand in flat columns; vectors of a loaded base stay in its file, memory-mapped, so that a million entities
    cost little. Raises InvalidValueError (a ValueError) for a width that cannot be, and InvalidTypeError (a TypeError)
    for what is no vocabulary.
    """

    def __init__(self, vocab: Vocab, entity_vector_length: int) -> None:
        if not hasattr(vocab, "strings"):
            raise InvalidTypeError(f"A knowledge base needs a Vocab, such as nlp.vocab, found {type(vocab).__name__}.")
        super().__init__(vocab, check_width(entity_vector_length))
        self._entities = Entities.none(self.entity_vector_length)
        self._aliases = Aliases.none()

    def is_empty(self) -> bool:
        """Whether there are no entities."""
        return not len(self)

    def __len__(self) -> int:
        return self.get_size_entities()

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} with {len(self)} entities and {self.get_size_aliases()} aliases, "
            f"vectors of width {self.entity_vector_length}>"
        )

    def get_size_entities(self) -> int:
        """The number of entities."""
        return len(self._entities)

    def get_entity_strings(self) -> list[str]:
        """The names of all entities, in the order in which they were added."""
        return [self.vocab.strings[key] for key in self._entities.keys]

    def get_size_aliases(self) -> int:
        """The number of aliases."""
        return len(self._aliases)

    def get_alias_strings(self) -> list[str]:
        """All aliases, in the order in which they were added."""
        return [self.vocab.strings[key] for key in self._aliases.keys]

    def contains_entity(self, entity: str) -> bool:
        """Whether there is an entity of this name."""
        return self._key(entity) in self._entities.index

    def contains_alias(self, alias: str) -> bool:
        """Whether there is such an alias."""
        return self._alias_key(alias) in self._aliases.index

    def _key(self, entity: str) -> int:
        return self.vocab.strings[check_name(entity, "An entity's name")]

    def _alias_key(self, alias: str) -> int:
        return self.vocab.strings[check_name(alias, "An alias")]

    # Filling

    def add_entity(self, entity: str, freq: float, entity_vector: Sequence[float]) -> int | None:
        """Add an entity; one that is there already stays as it is, with a warning.

        entity: Its name, such as a Wikidata id.
        freq: How often it occurs in a typical corpus. The linker does not read it.
        entity_vector: Its vector. *Shape:* (entity_vector_length,).

        Returns the string id of the name, or None if it was there. Raises InvalidValueError (a ValueError) for a vector
        of another width, or numbers that are none.
        """
        if entity == "":
            raise InvalidValueError(NO_NAME)
        key = self._key(entity)
        if key in self._entities.index:
            _warn(f"The entity '{entity}' is in the knowledge base already, and stays as it is.")
            return None
        vector = check_vectors([entity_vector], self.entity_vector_length, [entity])[0]
        (number,) = check_freqs([freq], [entity]).tolist()
        self.vocab.strings.add(entity)
        self._entities.append(key, number, vector)
        return key

    def set_entities(self, entity_list: Sequence[str], freq_list: Sequence[float], vector_list: Any) -> None:
        """Set all entities at once, in place of those there are.

        entity_list: Names. One that comes again is passed over, with a warning.
        freq_list: Frequencies.
        vector_list: Vectors, as a list or a matrix. *Shape:* (number of entities, entity_vector_length).

        Aliases keep their candidates by name; a candidate that is no longer an entity is dropped, with a warning.
        Raises InvalidValueError (a ValueError) for lists of different lengths, wrong widths or numbers that are none.
        """
        if not len(entity_list) == len(freq_list) == len(vector_list):
            raise InvalidValueError(
                f"set_entities needs as many names as frequencies and vectors, and got {len(entity_list)}, "
                f"{len(freq_list)} and {len(vector_list)}."
            )
        if "" in entity_list:
            raise InvalidValueError(NO_NAME)
        vectors = check_vectors(vector_list, self.entity_vector_length, entity_list)
        freqs = check_freqs(freq_list, entity_list)
        keys = numpy.asarray([self._key(entity) for entity in entity_list], dtype="uint64")
        kept = numpy.sort(numpy.unique(keys, return_index=True)[1])
        if len(kept) != len(keys):
            again = next(i for i in range(len(keys)) if i >= len(kept) or kept[i] != i)
            _warn(
                f"set_entities: {len(keys) - len(kept)} of the names come again and are passed over, "
                f"such as '{entity_list[again]}'."
            )
            keys, freqs, vectors = keys[kept], freqs[kept], vectors[kept]
        for entity in entity_list:
            self.vocab.strings.add(entity)
        before, self._entities = self._entities, Entities(keys, freqs, vectors)
        self._follow(before)

    def _follow(self, before: Entities) -> None:
        """Point aliases to the entities that have taken the place of others."""
        if not len(self._aliases):
            return
        rows = self._entities.index.rows_of(view(before.keys))
        lost = self._aliases.renumber(numpy.concatenate([[NOBODY], rows + 1]))
        if lost:
            _warn(f"set_entities: {lost} candidates of aliases are no longer entities, and are dropped.")

    def add_alias(self, alias: str, entities: Sequence[str], probabilities: Sequence[float]) -> int | None:
        """Add an alias with its candidates; one that is there already stays as it is, with a warning.

        alias: The text of mentions.
        entities: Names of the entities it may stand for.
        probabilities: For each, the probability that the alias stands for it. They sum to 1 at most.

        Returns the string id of the alias, or None if it was there. Raises InvalidValueError (a ValueError) for an
        empty alias, unknown entities, lists of different lengths, and probabilities that are none or sum past 1.
        """
        if not alias:
            raise InvalidValueError(f"An alias must be a text that is not empty, found {alias!r}.")
        key = self._alias_key(alias)
        if isinstance(entities, str):
            raise InvalidTypeError(f"The alias '{alias}' needs a list of entities, found the text '{entities}'.")
        if len(entities) != len(probabilities):
            raise InvalidValueError(
                f"The alias '{alias}' has {len(entities)} entities and {len(probabilities)} prior probabilities. "
                f"Each entity needs one."
            )
        probs = check_priors(probabilities, alias)
        if key in self._aliases.index:
            _warn(
                f"The alias '{alias}' is in the knowledge base already, and stays as it is. "
                f"append_alias adds an entity to it."
            )
            return None
        numbers = [self._number(entity, alias) for entity in entities]
        if not numbers:
            _warn(f"The alias '{alias}' has no entities: its mentions will have no candidates.")
        self.vocab.strings.add(alias)
        self._aliases.append(key, numbers, probs)
        return key

    def append_alias(self, alias: str, entity: str, prior_prob: float, ignore_warnings: bool = False) -> None:
        """Add one more candidate to an alias. If it is there already it stays as it is, with a warning.

        alias: An alias of the knowledge base.
        entity: Name of an entity of the knowledge base.
        prior_prob: The probability that the alias stands for it.
        ignore_warnings: Whether not to warn.

        Raises InvalidValueError (a ValueError) for an unknown alias or entity, and if the probabilities of the alias
        would sum past 1.
        """
        row = self._aliases.index.get(self._alias_key(alias))
        if row is None:
            hint = nearest(alias, self._some(self._aliases.keys))
            raise InvalidValueError(f"The alias '{alias}' is not in the knowledge base: add_alias adds it.{hint}")
        number = self._number(entity, alias)
        known = list(self._aliases.candidates(row))
        prob = check_priors([*(prob for _, prob in known), prior_prob], alias)[-1]
        if number not in (other for other, _ in known):
            self._aliases.extend(row, number, prob)
        elif not ignore_warnings:
            _warn(f"The alias '{alias}' has the entity '{entity}' already, with its prior probability.")

    def _number(self, entity: str, alias: str) -> int:
        row = self._entities.index.get(self._key(entity))
        if row is None:
            hint = nearest(entity, self._some(self._entities.keys))
            raise InvalidValueError(
                f"The alias '{alias}' names the entity '{entity}', which is not in the knowledge base. "
                f"Add entities before aliases.{hint}"
            )
        return int(row) + 1

    def _some(self, keys: Iterable[int]) -> list[str]:
        return [self.vocab.strings[key] for key, _ in zip(keys, range(SHOWN), strict=False)]

    # Looking up

    def get_candidates(self, mention: Span) -> Iterable[Candidate]:
        """The entities that the text of a mention is an alias of; case matters. An unknown one has none."""
        text = getattr(mention, "text", None)
        if text is None:
            raise InvalidTypeError(
                f"get_candidates takes a mention, a Span, found {type(mention).__name__}. "
                f"get_alias_candidates takes a text."
            )
        return self.get_alias_candidates(text)

    def get_alias_candidates(self, alias: str) -> list[Candidate]:
        """The entities that an alias may stand for, in the order in which they were added. An unknown one has none."""
        key = self._alias_key(alias)
        row = self._aliases.index.get(key)
        if row is None:
            return []
        entities = self._entities
        return [
            Candidate(
                self, entities.keys[number - 1], entities.freqs[number - 1], entities.vectors.row(number - 1), key, prob
            )
            for number, prob in self._aliases.candidates(row)
            if number != NOBODY
        ]

    def get_vector(self, entity: str) -> list[float]:
        """The vector of an entity; zeros for an unknown one."""
        row = self._entities.index.get(self._key(entity))
        return [0.0] * self.entity_vector_length if row is None else self._entities.vectors.row(row).tolist()

    def get_prior_prob(self, entity: str, alias: str) -> float:
        """The probability that the alias stands for the entity; 0.0 if it is not known to."""
        row = self._entities.index.get(self._key(entity))
        alias_row = self._aliases.index.get(self._alias_key(alias))
        if row is None or alias_row is None:
            return 0.0
        return next((prob for number, prob in self._aliases.candidates(alias_row) if number == row + 1), 0.0)

    # Files

    def to_bytes(self, **kwargs: Any) -> bytes:
        """The knowledge base as bytes, which spaCy reads; without the names, which are in the vocabulary."""
        return to_message(self._entities, self._aliases)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> InMemoryLookupKB:
        """Load what `to_bytes` gave; the knowledge base is unchanged if it does not fit.

        Raises DataFormatError (a ValueError).
        """
        self.prepare_bytes(bytes_data)()
        return self

    def prepare_bytes(self, bytes_data: bytes) -> Callable[[], None]:
        """The first half of `from_bytes`: check the message, and return a function that takes what is in it."""
        tables = from_message(bytes_data, "knowledge base")
        return lambda: self._take(*tables)

    def to_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> None:
        """Save the knowledge base to a folder, whole or not at all.

        exclude: Files to leave out: "contents", "strings.json".
        """
        path = _folder(path)
        with replace_folder(path) as folder:
            if "contents" not in exclude:
                self.write_contents(folder / "contents")
            if "strings.json" not in exclude:
                self.vocab.strings.to_disk(folder / "strings.json")

    def from_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> InMemoryLookupKB:
        """Load the knowledge base from a folder; it is unchanged if the files do not fit.

        exclude: Files to leave out: "contents", "strings.json".

        Raises MissingFileError (a FileNotFoundError) and DataFormatError (a ValueError).
        """
        self.prepare(path, exclude)()
        return self

    def prepare(self, path: str | Path, exclude: Iterable[str] = ()) -> Callable[[], None]:
        """The first half of `from_disk`: check the files, and return a function that takes what is in them."""
        path = _folder(path)
        if not path.exists():
            raise NoKnowledgeBaseError(f"{path}: there is no knowledge base here. `spanwright init kb` builds one.")
        tables, strings = None, []
        if "contents" not in exclude:
            tables = read_contents(_file(path / "contents"))
        if "strings.json" not in exclude:
            strings = read_json(_file(path / "strings.json"))
            check_strings(strings, str(path / "strings.json"))

        def take() -> None:
            self.vocab.strings._add_all(strings)
            if tables is not None:
                self._take(*tables)

        return take

    def write_contents(self, file_path: str | Path) -> None:
        """Write entities and aliases to one file, whole or not at all; the names are in the vocabulary."""
        with replace_file(file_path) as file:
            write_contents(file, self._entities, self._aliases)

    def read_contents(self, file_path: str | Path) -> None:
        """Read what `write_contents` wrote; the knowledge base is unchanged if the file does not fit.

        Raises MissingFileError (a FileNotFoundError) and DataFormatError (a ValueError).
        """
        self._take(*read_contents(_file(Path(file_path))))

    def _take(self, entities: Entities, aliases: Aliases) -> None:
        self._entities, self._aliases = entities, aliases
        self.entity_vector_length = entities.vectors.width

    def __getstate__(self) -> dict[str, Any]:
        entities, aliases = self._entities, self._aliases
        aliases.settle()
        state = {name: value for name, value in self.__dict__.items() if name not in ("_entities", "_aliases")}
        # NumPy arrays can be shared with processes that unpickle them.
        state["entities"] = (view(entities.keys), view(entities.freqs), entities.vectors.whole())
        state["aliases"] = tuple(map(view, (aliases.keys, aliases.starts, aliases.numbers, aliases.probs)))
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        self._entities = Entities(*state.pop("entities"))
        self._aliases = Aliases(*state.pop("aliases"))
        self.__dict__.update(state)


class NoKnowledgeBaseError(MissingFileError, ValueError):
    """There is no folder of a knowledge base; spaCy users catch ValueError."""


def _folder(path: str | Path) -> Path:
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise DataFormatError(f"{path}: a knowledge base is a folder, and this is a file.")
    return path


def _file(path: Path) -> Path:
    if not path.is_file():
        raise MissingFileError(f"{path}: this file of the knowledge base is missing.")
    return path


def _warn(text: str) -> None:
    warnings.warn(text, SpanwrightWarning, stacklevel=3)
