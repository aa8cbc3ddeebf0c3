"""Which distribution the user prefers where two offer one name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from ..errors import RegistryError
from ._index import canonical
from ._provider import Provider

_scoped: ContextVar[Mapping[str, str]] = ContextVar("spanwright_prefer", default=MappingProxyType({}))


class Preferences:
    """Choices made for the process, for one config, or in the environment, in falling order of precedence."""

    def __init__(self) -> None:
        self._chosen: dict[str, str] = {}

    def set(self, registry: str, name: str, distribution: str) -> None:
        """Prefer one distribution (or, for functions of this process, a module) for one name."""
        self._chosen[f"{registry}:{name}"] = distribution

    def wanted(self, registry: str, name: str) -> str | None:
        """The distribution preferred for a name, if any."""
        key = f"{registry}:{name}"
        for choices in (_scoped.get(), self._chosen, _from_environment()):
            if key in choices:
                return choices[key]
        return None

    def choose(self, registry: str, name: str, rows: Sequence[Provider]) -> Provider | None:
        """The preferred one of several providers, or None."""
        wanted = self.wanted(registry, name)
        if wanted is None:
            return None
        for row in rows:
            if row.distribution is not None and canonical(row.distribution) == canonical(wanted):
                return row
            if row.distribution is None and row.module == wanted:
                return row
        return None


@contextmanager
def preferring(choices: Mapping[str, str] | None) -> Iterator[None]:
    """Prefer distributions inside a `with` block; `choices` is the `prefer` of a config's [spanwright] block.

    choices: "registry:name" -> distribution, for instance {"factories:tagger": "my-tagger"}.
    """
    token = _scoped.set({**_scoped.get(), **(choices or {})})
    try:
        yield
    finally:
        _scoped.reset(token)


def _from_environment() -> dict[str, str]:
    """SPANWRIGHT_PREFER, such as `architectures:spacy.Tagger.v2=my-tagger,factories:tagger=my-tagger`."""
    text = os.environ.get("SPANWRIGHT_PREFER", "")
    choices = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, equals, distribution = item.rpartition("=")
        if not equals or ":" not in key:
            raise RegistryError(
                f"SPANWRIGHT_PREFER has an item '{item}'. Expected registry:name=distribution, for instance "
                "architectures:spacy.Tagger.v2=spanwright-tagger; separate several by commas."
            )
        choices[key.strip()] = distribution.strip()
    return choices
