"""Lists and dicts that say, when someone writes to them, which method does what was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from ..errors import UnsupportedError


def _refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise UnsupportedError(self.advice)


class FrozenList(list[Any]):
    """A list computed on demand: equal to, and read like, any list, but closed to changes.

    advice: The error text for attempts to change it; it names the method to call instead.
    """

    def __init__(self, values: Iterable[Any] = (), *, advice: str = "This list cannot be changed.") -> None:
        super().__init__(values)
        self.advice = advice

    append = clear = extend = insert = pop = remove = reverse = sort = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> Any:
        return list, (list(self),)


class FrozenDict(dict[str, Any]):
    """A dict computed on demand, closed to changes.

    advice: The error text for attempts to change it.
    """

    def __init__(
        self, values: Mapping[str, Any] | None = None, *, advice: str = "This dict cannot be changed."
    ) -> None:
        super().__init__(values or {})
        self.advice = advice

    clear = pop = popitem = setdefault = update = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


class LazyView(Mapping[str, Any]):
    """A read-only mapping whose values are looked up one by one: listing its keys imports nothing.

    names: Gives the keys.
    get_value: Gives the value of one key, or raises KeyError.
    advice: The error text for attempts to write.
    """

    def __init__(self, names: Callable[[], Iterable[str]], get_value: Callable[[str], Any], *, advice: str) -> None:
        self._names = names
        self._get_value = get_value
        self.advice = advice

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return sum(1 for _ in self._names())

    def __contains__(self, key: object) -> bool:
        return key in set(self._names())

    def __getitem__(self, key: str) -> Any:
        return self._get_value(key)

    __setitem__ = __delitem__ = update = pop = clear = _refuse
