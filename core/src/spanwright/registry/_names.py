"""One registry: the names of one kind (`registry.architectures`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ._provider import Provider

if TYPE_CHECKING:
    from ._registry import Registry

T = TypeVar("T")


class Names:
    """The names of one kind, and what they stand for.

    Used as a decorator it registers a function in this process:

        @registry.architectures("my.Net.v1")
        def make_net(width: int): ...
    """

    def __init__(self, owner: Registry, name: str) -> None:
        self._owner = owner
        self.name = name

    @overload
    def __call__(self, name: str) -> Callable[[T], T]: ...

    @overload
    def __call__(self, name: str, func: T) -> T: ...

    def __call__(self, name: str, func: Any = None) -> Any:
        """Register a function under a name; without `func`, return a decorator that does."""
        return self.register(name, func=func)

    def register(self, name: str, *, func: Any = None) -> Any:
        """Register a function under a name; without `func`, return a decorator that does.

        The same function again (module and qualified name, as when a notebook cell runs twice) replaces itself.
        Raises RegistryConflict, naming both, if another provider has the name and none is preferred.
        """
        if func is not None:
            return self._owner.add(self.name, name, func)
        return lambda func: self._owner.add(self.name, name, func)

    def get(self, name: str) -> Any:
        """The registered object; its leaf module is imported if need be. See `Registry.get`."""
        return self._owner.get(self.name, name)

    def has(self, name: str) -> bool:
        """Whether some provider offers the name; imports no plugin."""
        return self._owner.has(self.name, name)

    def find(self, name: str) -> Provider:
        """Who offers the name and where its code is; imports no plugin."""
        return self._owner.find(self.name, name)

    def names(self) -> list[str]:
        """All names, sorted; imports no plugin."""
        return self._owner.names(self.name)

    def get_all(self) -> Mapping[str, Any]:
        """All names with their objects, each imported when its value is read."""
        return LazyNames(self)

    def remove(self, name: str) -> None:
        """Forget a function that was registered in this process. Raises RegistryMiss if there is none."""
        self._owner.remove(self.name, name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.has(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __repr__(self) -> str:
        return f"<registry {self.name}: {len(self)} names>"


class LazyNames(Mapping[str, Any]):
    """A read-only mapping from names to objects that imports an object when it is looked up."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return self._names.get(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<{len(self)} names of {self._names.name}>"
