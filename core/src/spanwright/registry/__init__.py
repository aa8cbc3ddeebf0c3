"""Names and who provides them: architectures, factories, scorers, readers and every other registered function.

The index is read from the entry points of installed distributions (groups `spanwright_<registry>`); looking at it
imports nothing, getting a name imports the one module that defines it. The module stands for its one `registry`
object, so that both of these work:

    from spanwright import registry
    from spanwright.registry import registry

    registry.architectures.get("spacy.Tagger.v2")      # the function
    registry.get("architectures", "spacy.Tagger.v2")   # the same
    registry.find("architectures", "spacy.Tagger.v2")  # who provides it, and where: a Provider
    registry.has("architectures", "spacy.Tagger.v2")

    @registry.architectures("my.Net.v1")               # in this process, for notebooks and --code
    def make_net(width: int): ...
"""

from __future__ import annotations

from typing import Any

from ._hints import nearest
from ._index import blocked_distributions
from ._names import Names
from ._prefer import preferring
from ._provider import Provider
from ._registry import Registry

registry = Registry()

__all__ = ["Names", "Provider", "Registry", "blocked_distributions", "nearest", "preferring", "registry"]


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(registry, name)
