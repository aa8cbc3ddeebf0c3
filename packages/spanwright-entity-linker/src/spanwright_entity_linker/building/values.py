"""Values of a row: texts, numbers and vectors, checked."""

from __future__ import annotations

import math
from typing import Any


class WrongValueError(ValueError):
    """What is wrong with a value; caught where its line is known."""


def read_text(row: dict[str, Any], key: str) -> str:
    """A text that is not empty."""
    value = row.get(key, "")
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError(f"'{key}' must be a text that is not empty, found {value!r}")
    return value


def read_number(value: Any, key: str, *, most: float = math.inf) -> float:
    """A number that is not negative, and no greater than `most`."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise WrongValueError(f"'{key}' must be a number, found {value!r}") from None
    if not 0 <= number <= most or not math.isfinite(number):
        bound = "0 or more" if most == math.inf else f"between 0 and {most:g}"
        raise WrongValueError(f"'{key}' must be {bound}, found {value!r}")
    return number


def read_vector(value: Any) -> list[float]:
    """A list of numbers; in a text they are divided by blanks."""
    parts = value.split() if isinstance(value, str) else value
    try:
        vector = [float(part) for part in parts]
    except (TypeError, ValueError):
        raise WrongValueError(f"'vector' must be numbers, found {str(value)[:40]!r}") from None
    if not all(map(math.isfinite, vector)):
        raise WrongValueError("'vector' has values that are no numbers (NaN or infinite)")
    return vector
