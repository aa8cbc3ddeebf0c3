"""Schedules of either thinc: generators (8.3) and objects that are asked for a step (9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def is_schedule(value: Any) -> bool:
    """Whether a value is a schedule object, as thinc 9 makes them."""
    return callable(value) and not hasattr(value, "__next__")


class PerStep:
    """One value for each training step.

    setting: A number (the same for all steps), a series (a generator or list, whose last value stays), or a schedule
        object.
    """

    def __init__(self, setting: Any) -> None:
        self.setting = setting
        self.series = iter(setting) if hasattr(setting, "__iter__") else None
        self.position = -1
        self.last: Any = None

    def at(self, step: int) -> Any:
        """The value of a step; steps must not go back."""
        if self.series is not None:
            for _ in range(self.position, step):
                self.last = next(self.series, self.last)
            self.position = max(self.position, step)
            return self.last
        return self.setting(step) if is_schedule(self.setting) else self.setting


class Counted:
    """The values of a schedule as one series that counts how many have been drawn, so that it can be wound forward."""

    def __init__(self, setting: Any) -> None:
        self.drawn = 0
        source = setting.to_generator() if hasattr(setting, "to_generator") else iter(setting)
        # A real generator: batchers may look at the type.
        self.series = self._count(source)

    def _count(self, source: Iterator[Any]) -> Iterator[Any]:
        for value in source:
            self.drawn += 1
            yield value

    def forward(self, drawn: int) -> None:
        """Draw until `drawn` values have been drawn in all."""
        while self.drawn < drawn:
            next(self.series)


def count_schedules(block: Mapping[str, Any], path: str, resolve: Any) -> tuple[dict[str, Any], dict[str, Counted]]:
    """A batcher's block with its schedules replaced by counted series.

    path: Dotted path of the block.
    resolve: Gives the object of a dotted path.

    Returns the block, and the series by path. A schedule object of thinc 9 becomes a series only for the batchers of
    spaCy's names, which take both; a batcher of someone else's may know only objects.
    """
    series: dict[str, Counted] = {}
    takes_both = str(block.get("@batchers", "")).startswith("spacy.")

    def walk(inner: Mapping[str, Any], where: str) -> Any:
        if "@schedules" in inner:
            made = resolve(where)
            if hasattr(made, "__next__") or (takes_both and hasattr(made, "to_generator")):
                series[where] = Counted(made)
                return series[where].series
            return made
        return {k: walk(v, f"{where}.{k}") if isinstance(v, Mapping) else v for k, v in inner.items()}

    return walk(block, path), series
