"""Names of components: checking them, and the error for one that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from spanwright_tokens.errors import nearest

from ..errors import PipelineError


class UnknownComponentError(PipelineError, KeyError):
    """The pipeline has no component of this name."""

    def __init__(self, name: Any, known: Iterable[str], *, where: str = "the pipeline") -> None:
        names = list(known)
        hint = nearest(name, names) if isinstance(name, str) else ""
        there = hint or (f" It has {', '.join(names)}." if names else " It has no components.")
        super().__init__(f"There is no component '{name}' in {where}.{there}")

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> Any:
        return _rebuild, (self.args[0],)


def _rebuild(text: str) -> UnknownComponentError:
    error = UnknownComponentError.__new__(UnknownComponentError)
    error.args = (text,)
    return error


def as_names(value: str | Iterable[str], argument: str) -> list[str]:
    """Names given as one string or several. Raises PipelineError for anything else."""
    if isinstance(value, str):
        return [value]
    names = list(value)
    for name in names:
        if not isinstance(name, str):
            raise PipelineError(f"`{argument}` must hold names of components; found {name!r} ({type(name).__name__}).")
    return names


def position(
    names: Sequence[str], before: str | int | None, after: str | int | None, first: bool | None, last: bool | None
) -> int:
    """Where in a pipeline a component goes.

    names: The components there are.
    before, after: Name or index of a neighbour.
    first, last: Whether it goes to an end. Nothing at all means last.

    Raises PipelineError (a ValueError) if more than one is given, or the neighbour does not exist.
    """
    given = {k: v for k, v in {"before": before, "after": after, "first": first, "last": last}.items() if v is not None}
    if len(given) > 1:
        raise PipelineError(f"A component has one place: {list(given)} exclude each other; found {given}.")
    if not given or last:
        return len(names)
    if first:
        return 0
    ((side, neighbour),) = given.items()
    if isinstance(neighbour, bool):
        raise PipelineError(
            f"{side}={neighbour} does not say where the component goes: before and after take the name or index of a "
            "component, first and last take True."
        )
    if isinstance(neighbour, str):
        if neighbour not in names:
            raise UnknownComponentError(neighbour, names)
        index = names.index(neighbour)
    elif isinstance(neighbour, int):
        if not 0 <= neighbour < len(names):
            raise PipelineError(f"{side}={neighbour}, but the pipeline has {len(names)} components: {list(names)}.")
        index = neighbour
    else:
        raise PipelineError(f"{side} must be the name or index of a component, not {type(neighbour).__name__}.")
    return index + (side == "after")
