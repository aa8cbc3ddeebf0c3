"""The registered functions that make or load a knowledge base."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwright.errors import InvalidTypeError

from .base import KnowledgeBase
from .in_memory import InMemoryLookupKB

if TYPE_CHECKING:
    from spanwright.vocab import Vocab


def EmptyKB_v1(entity_vector_length: int) -> Callable[[Vocab], KnowledgeBase]:
    """spacy.EmptyKB.v1: makes an empty knowledge base of a given width.

    entity_vector_length: Width of the entities' vectors.
    """

    def make(vocab: Vocab, *others: Any) -> KnowledgeBase:
        if others:
            raise InvalidTypeError(
                "spacy.EmptyKB.v1 has a width of its own, and takes a Vocab alone. Name spacy.EmptyKB.v2 in "
                "generate_empty_kb, and set entity_vector_length of the component."
            )
        return InMemoryLookupKB(vocab, entity_vector_length)

    return make


def EmptyKB_v2() -> Callable[[Vocab, int], KnowledgeBase]:
    """spacy.EmptyKB.v2: makes an empty knowledge base of the width that the component asks for."""
    return InMemoryLookupKB


def KBFromFile_v1(kb_path: Path) -> Callable[[Vocab], KnowledgeBase]:
    """spacy.KBFromFile.v1: loads a knowledge base that was saved with `to_disk`.

    kb_path: Its folder.
    """
    return partial(_load, Path(kb_path))


def _load(path: Path, vocab: Vocab) -> KnowledgeBase:
    kb = InMemoryLookupKB(vocab, entity_vector_length=1)
    kb.from_disk(path)
    return kb
