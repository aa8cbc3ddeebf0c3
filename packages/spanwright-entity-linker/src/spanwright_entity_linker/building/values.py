"""Values of a row: texts, numbers and vectors, checked."""

from __future__ import annotations

import math
from typing import Any

LARGEST = 3.4028234e38  # of float32
SHOWN = 40  # characters of a wrong value


class WrongValueError(ValueError):
    """What is wrong with a value; caught where its line is known."""


def read_text(row: dict[str, Any], key: str) -> str:
    """A text that is not empty."""
    value = row.get(key, "")
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError(f"'{key}' must be a text that is not empty, found {value!r}")
    try:
        value.encode("utf8")
    except UnicodeEncodeError:
        raise WrongValueError(f"'{key}' is {value!r}, which UTF-8 cannot express") from None
    return value


def read_number(value: Any, key: str, *, most: float = math.inf) -> float:
    """A number that is not negative, and no greater than `most`."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise WrongValueError(f"'{key}' must be a number, found {value!r}") from None
    except OverflowError:
        number = math.inf
    if not 0 <= number <= min(most, LARGEST):
        bound = f"between 0 and {most:g}" if most < LARGEST else "0 or more, and not greater than float32 allows"
        raise WrongValueError(f"'{key}' must be {bound}, found {repr(value)[:SHOWN]}")
    return number


def read_vector(value: Any) -> list[float]:
    """A list of numbers; in a text they are divided by blanks."""
    parts = value.split() if isinstance(value, str) else value
    try:
        if not isinstance(parts, list) or not parts:
            raise TypeError
        vector = [float(part) for part in parts]
    except (TypeError, ValueError):
        raise WrongValueError(f"'vector' must be numbers, found {str(value)[:SHOWN]!r}") from None
    except OverflowError:
        vector = [math.inf]
    if not all(abs(number) <= LARGEST for number in vector):
        raise WrongValueError("'vector' has values that are no numbers (NaN or infinite), or too great")
    return vector
