"""Knowledge bases: entities, aliases, candidates."""

from .base import Candidate, KnowledgeBase, get_candidates, get_candidates_batch
from .in_memory import InMemoryLookupKB

__all__ = ["Candidate", "InMemoryLookupKB", "KnowledgeBase", "get_candidates", "get_candidates_batch"]
