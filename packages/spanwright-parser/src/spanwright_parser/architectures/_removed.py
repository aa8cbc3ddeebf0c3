"""Arguments that a version of a name has no more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from spanwright.errors import InvalidTypeError

F = TypeVar("F", bound=Callable[..., Any])


def without(argument: str, *, see: str) -> Callable[[F], F]:
    """A decorator: giving this argument raises InvalidTypeError (a TypeError) that says which name has it.

    argument: The argument that is gone.
    see: The registered name that has it.
    """

    def decorate(func: F) -> F:
        @wraps(func)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if argument in kwargs:
                raise InvalidTypeError(
                    f"{func.__name__} has no argument '{argument}': its upper layer is always on. "
                    f"{see} has it: name that in the config, or leave {argument} out."
                )
            return func(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return decorate
