"""What any knowledge base offers, and what a candidate is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import InvalidTypeError, UnsupportedError

if TYPE_CHECKING:
    from spanwright.tokens import Span
    from spanwright.vocab import Vocab


class Candidate:
    """An entity that a mention may stand for.

    kb: The knowledge base.
    entity_hash: String id of the entity.
    entity_freq: Its frequency.
    entity_vector: Its vector. *Shape:* (width,).
    alias_hash: String id of the mention's text.
    prior_prob: Probability that the alias stands for the entity, whatever the context.
    """

    __slots__ = ("_vector", "alias_hash", "entity_freq", "entity_hash", "kb", "prior_prob")

    def __init__(
        self,
        kb: KnowledgeBase,
        entity_hash: int,
        entity_freq: float,
        entity_vector: Sequence[float] | numpy.ndarray,
        alias_hash: int,
        prior_prob: float,
    ) -> None:
        self.kb = kb
        self.entity_hash = entity_hash
        self.entity_freq = entity_freq
        self.alias_hash = alias_hash
        self.prior_prob = prior_prob
        self._vector = entity_vector

    @property
    def entity(self) -> int:
        """String id of the entity."""
        return self.entity_hash

    @property
    def entity_(self) -> str:
        """Name of the entity."""
        return self.kb.vocab.strings[self.entity_hash]

    @property
    def alias(self) -> int:
        """String id of the alias."""
        return self.alias_hash

    @property
    def alias_(self) -> str:
        """The alias."""
        return self.kb.vocab.strings[self.alias_hash]

    @property
    def entity_vector(self) -> list[float]:
        """The entity's vector."""
        return self._vector.tolist() if isinstance(self._vector, numpy.ndarray) else list(self._vector)

    def __repr__(self) -> str:
        return f"<Candidate {self.entity_!r} for {self.alias_!r}, prior probability {self.prior_prob:.3g}>"


class KnowledgeBase:
    """Base class of knowledge bases. A subclass defines `get_candidates`, `get_vector` and the four ways to save.

    vocab: The vocabulary, whose strings the names of entities and aliases are added to.
    entity_vector_length: Width of the entities' vectors.

    Raises InvalidTypeError (a TypeError) if it is made itself.
    """

    def __init__(self, vocab: Vocab, entity_vector_length: int) -> None:
        if type(self) is KnowledgeBase:
            raise InvalidTypeError(
                "KnowledgeBase only says what knowledge bases offer. Make an InMemoryLookupKB, or a subclass."
            )
        self.vocab = vocab
        self.entity_vector_length = entity_vector_length

    def get_candidates_batch(self, mentions: Iterable[Span]) -> Iterable[Iterable[Candidate]]:
        """The candidates of each of several mentions. By default `get_candidates` of each."""
        return [self.get_candidates(mention) for mention in mentions]

    def get_candidates(self, mention: Span) -> Iterable[Candidate]:
        """The entities that a mention may stand for; nothing for an unknown one."""
        raise self._undefined("get_candidates")

    def get_vectors(self, entities: Iterable[str]) -> Iterable[Sequence[float]]:
        """The vectors of entities, by their names."""
        return [self.get_vector(entity) for entity in entities]

    def get_vector(self, entity: str) -> Sequence[float]:
        """The vector of an entity."""
        raise self._undefined("get_vector")

    def to_bytes(self, **kwargs: Any) -> bytes:
        """The knowledge base as bytes."""
        raise self._undefined("to_bytes")

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Any:
        """Load what `to_bytes` gave."""
        raise self._undefined("from_bytes")

    def to_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> None:
        """Save the knowledge base."""
        raise self._undefined("to_disk")

    def from_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> Any:
        """Load what `to_disk` saved."""
        raise self._undefined("from_disk")

    def _undefined(self, method: str) -> UnsupportedError:
        return UnsupportedError(
            f"The class {type(self).__name__} does not define `{method}`, which KnowledgeBase leaves to its subclasses."
        )


def get_candidates(kb: KnowledgeBase, mention: Span) -> Iterable[Candidate]:
    """What the knowledge base offers for a mention."""
    return kb.get_candidates(mention)


def get_candidates_batch(kb: KnowledgeBase, mentions: Iterable[Span]) -> Iterable[Iterable[Candidate]]:
    """What the knowledge base offers for each of several mentions."""
    return kb.get_candidates_batch(mentions)
