"""thinc's own names (`Adam.v1`, `reduce_mean.v1`), served from thinc's registries."""

from __future__ import annotations

from typing import Any

from ._provider import THINC, Provider, describe

THINC_REGISTRIES = frozenset({"layers", "initializers", "optimizers", "schedules", "losses", "datasets", "ops"})


def _thinc_registry(registry: str) -> Any:
    # Importing thinc.api is what fills the registries.
    import thinc.api

    return getattr(thinc.api.registry, registry, None)


def has(registry: str, name: str) -> bool:
    """Whether thinc knows the name; imports thinc."""
    names = _thinc_registry(registry)
    return names is not None and bool(name in names)


def get(registry: str, name: str) -> Any:
    """The function that thinc registers under a name it has."""
    return _thinc_registry(registry).get(name)


def provider(registry: str, name: str) -> Provider:
    """The row for a name that thinc has."""
    import importlib_metadata

    row = describe(registry, name, get(registry, name))
    top = row.module.partition(".")[0]
    distribution, version = top, None
    try:
        version = importlib_metadata.version(top)
    except importlib_metadata.PackageNotFoundError:
        distribution = "thinc"
    return Provider(registry, name, row.module, row.qualname, distribution, version, THINC)


def names(registry: str) -> list[str]:
    """What thinc has registered, without loading other distributions' entry points."""
    import catalogue

    if _thinc_registry(registry) is None:
        return []
    return sorted(path[2] for path in list(catalogue.REGISTRY) if path[:2] == ("thinc", registry) and len(path) == 3)
