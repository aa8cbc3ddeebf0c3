"""Knowledge bases; they live in the distribution spanwright-entity-linker and are imported when asked for."""

from ._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "KnowledgeBase": "factories:entity_linker",
        "InMemoryLookupKB": "factories:entity_linker",
        "Candidate": "factories:entity_linker",
        "get_candidates": "factories:entity_linker",
        "get_candidates_batch": "factories:entity_linker",
    },
)
