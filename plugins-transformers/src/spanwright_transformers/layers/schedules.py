"""Gradient factors that change from step to step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

__all__ = ["NextValue", "copyable", "value_at"]


class NextValue:
    """Gives the next value of a schedule each time it is called.

    schedule: A generator, or a thinc Schedule.
    """

    def __init__(self, schedule: Any) -> None:
        self.schedule = schedule
        self.taken = 0
        self.value = 1.0

    def __call__(self) -> float:
        """The value of this step."""
        self.value = value_at(self.schedule, self.taken)
        self.taken += 1
        return self.value

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "schedule": copyable(self.schedule, self.value)}


def value_at(schedule: Any, step: int) -> float:
    """The value of a schedule for a step; of a generator the next one."""
    return float(schedule(step) if callable(schedule) else next(schedule))


def copyable(schedule: Any, value: float) -> Any:
    """A schedule for a copy: a generator can be neither copied nor pickled, and its current value stands for it."""
    return partial(_constant, value) if isinstance(schedule, Iterator) else schedule


def _constant(value: float, step: int) -> float:
    return value
