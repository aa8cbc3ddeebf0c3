"""Custom attributes of Docs, Tokens and Spans: `doc._.name`."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InvalidAttributeError, InvalidValueError, nearest

if TYPE_CHECKING:
    from .doc import Doc
    from .span import Span
    from .token import Token

# (default, method, getter, setter)
Extension = tuple[Any, "Callable[..., Any] | None", "Callable[..., Any] | None", "Callable[..., Any] | None"]
State = tuple[dict[str, Extension], dict[str, Extension], dict[str, Extension]]

# Who may register more attributes when one is asked for that is not there; it is called once.
_source: Callable[[], object] | None = None
_asking = False
_lock = threading.RLock()


class Underscore:
    """The custom attributes of one Doc, Token or Span.

    Values are kept in `doc.user_data` under ("._.", name, start, end): both None for a Doc, the start in characters
    for a Token, both for a Span.

    extensions: name -> (default, method, getter, setter).
    obj: whose attributes these are.
    """

    __slots__ = ("_doc", "_end", "_extensions", "_obj", "_start")
    mutable_types = (dict, list, set)
    doc_extensions: dict[str, Extension] = {}
    span_extensions: dict[str, Extension] = {}
    token_extensions: dict[str, Extension] = {}

    def __init__(
        self,
        extensions: Mapping[str, Extension],
        obj: Doc | Span | Token,
        start: int | None = None,
        end: int | None = None,
    ) -> None:
        for name, value in (("_extensions", extensions), ("_obj", obj), ("_start", start), ("_end", end)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_doc", obj.doc)

    def __dir__(self) -> list[str]:
        return ["get", "has", "set", *self._extensions]

    def __getattr__(self, name: str) -> Any:
        default, method, getter, _ = self._find(name)
        if getter is not None:
            return getter(self._obj)
        if method is not None:
            return _bound(method, self._obj)
        key = self._key(name)
        user_data = self._doc.user_data
        if key in user_data:
            return user_data[key]
        if isinstance(default, self.mutable_types):
            # Each object gets its own copy, which is kept: the caller may add to it.
            user_data[key] = copy.copy(default)
            return user_data[key]
        return default

    def __setattr__(self, name: str, value: Any) -> None:
        setter = self._find(name)[3]
        if setter is not None:
            setter(self._obj, value)
        else:
            self._doc.user_data[self._key(name)] = value

    def has(self, name: str) -> bool:
        """Whether there is an attribute of that name."""
        return name in self._extensions or (ask_once() and name in self._extensions)

    def get(self, name: str) -> Any:
        """An attribute's value by its name."""
        return Underscore.__getattr__(self, name)

    def set(self, name: str, value: Any) -> None:
        """Set an attribute by its name."""
        Underscore.__setattr__(self, name, value)

    def _find(self, name: str) -> Extension:
        try:
            return self._extensions[name]
        except KeyError:
            if ask_once() and name in self._extensions:
                found: Extension = self._extensions[name]
                return found
            kind = type(self._obj).__name__
            raise InvalidAttributeError(
                f"{kind} has no custom attribute {name!r}.{nearest(name, self._extensions)} Register it with "
                f"`{kind}.set_extension({name!r}, default=None)`."
            ) from None

    def _key(self, name: str) -> tuple[str, str, int | None, int | None]:
        return ("._.", name, self._start, self._end)

    @classmethod
    def get_state(cls) -> State:
        """All custom attributes: those of tokens, spans and Docs; for another process."""
        return cls.token_extensions, cls.span_extensions, cls.doc_extensions

    @classmethod
    def load_state(cls, state: State) -> None:
        """Take over what `get_state` gave."""
        cls.token_extensions, cls.span_extensions, cls.doc_extensions = state


def _bound(method: Callable[..., Any], obj: Any) -> Callable[..., Any]:
    bound = functools.partial(method, obj)
    bound.__doc__ = f"Called with the object it belongs to as the first argument. {method.__doc__ or ''}".rstrip()
    return bound


def _registered(kind: str) -> dict[str, Extension]:
    if kind == "Doc":
        return Underscore.doc_extensions
    return Underscore.span_extensions if kind == "Span" else Underscore.token_extensions


def custom_attributes(kind: str, obj: Any, start: int | None, end: int | None) -> Underscore:
    """`obj._`, for an object of the class that is called `kind`."""
    return Underscore(_registered(kind), obj, start, end)


def ask_for_more(source: Callable[[], object] | None) -> None:
    """Set what is called, once, when a custom attribute is first asked for that is not registered.

    source: registers what else there is; None for nobody. Whatever it raises is passed on, and it is called again
        the next time.
    """
    global _source
    _source = source


def ask_once() -> bool:
    """Whether more attributes may have been registered."""
    global _source, _asking
    if _source is None:
        return False
    with _lock:  # other threads wait until all are registered
        if _asking:
            return False
        if _source is not None:
            _asking = True
            try:
                _source()
                _source = None
            finally:
                _asking = False
        return True


def add(kind: str, name: str, options: dict[str, Any]) -> None:
    """Register a custom attribute; `options` are those of `set_extension`."""
    force = options.pop("force", False)
    if name in _registered(kind) and not force:
        raise InvalidValueError(
            f"{kind} has a custom attribute {name!r} already. To replace it, call "
            f"`{kind}.set_extension({name!r}, ..., force=True)`."
        )
    _registered(kind)[name] = get_ext_args(**options)


def get(kind: str, name: str) -> Extension | None:
    """What is registered under a name, or None."""
    return _registered(kind)[name] if has(kind, name) else None


def has(kind: str, name: str) -> bool:
    """Whether something is registered under a name."""
    return name in _registered(kind) or (ask_once() and name in _registered(kind))


def remove(kind: str, name: str) -> Extension:
    """Take a custom attribute away; returns what was registered."""
    if not has(kind, name):
        raise InvalidValueError(f"{kind} has no custom attribute {name!r}.{nearest(name, _registered(kind))}")
    return _registered(kind).pop(name)


def get_ext_args(**options: Any) -> Extension:
    """The (default, method, getter, setter) that options of `set_extension` make. Raises `InvalidValueError`."""
    unknown = sorted(set(options) - {"default", "method", "getter", "setter"})
    if unknown:
        raise InvalidValueError(
            f"`set_extension` has no option {unknown[0]!r}: it takes `default`, `method`, `getter`, `setter`, `force`."
        )
    method, getter, setter = (options.get(option) for option in ("method", "getter", "setter"))
    if setter is not None and getter is None:
        raise InvalidValueError("A custom attribute with a `setter` needs a `getter` too.")
    given = [option for option in ("default", "method", "getter") if option in options]
    given = [option for option in given if option == "default" or options[option] is not None]
    if len(given) != 1:
        raise InvalidValueError(
            "A custom attribute takes exactly one of `default`, `method` and `getter` (which may have a `setter`), but "
            f"found {' and '.join(given) or 'none'}."
        )
    for option, value in (("setter", setter), ("getter", getter), ("method", method)):
        if value is not None and not callable(value):
            raise InvalidValueError(f"The `{option}` of a custom attribute must be callable, but found {value!r}.")
    return (options.get("default"), method, getter, setter)


def is_writable_attr(extension: Extension) -> bool:
    """Whether a custom attribute can be set: it has a setter, or no function at all."""
    _, method, getter, setter = extension
    return setter is not None or (method is None and getter is None)
