"""The registered functions that give candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .base import Candidate, KnowledgeBase, get_candidates, get_candidates_batch

if TYPE_CHECKING:
    from spanwright.tokens import Span


def CandidateGenerator_v1() -> Callable[[KnowledgeBase, Span], Iterable[Candidate]]:
    """spacy.CandidateGenerator.v1: the candidates that a knowledge base offers for a mention."""
    return get_candidates


def CandidateBatchGenerator_v1() -> Callable[[KnowledgeBase, Iterable[Span]], Iterable[Iterable[Candidate]]]:
    """spacy.CandidateBatchGenerator.v1: the candidates that a knowledge base offers for each of several mentions."""
    return get_candidates_batch
