"""Checks of the numbers that a knowledge base is filled with."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Sequence
from typing import Any

import numpy

from spanwright.errors import InvalidTypeError, InvalidValueError, SpanwrightWarning
from spanwright_tokens.vocab.vectors import to_numpy

# Rounding errors, as in spaCy.
MOST = 1.00001
WIDEST = 1 << 24  # values of a vector; more is a slip, or a damaged file


def check_name(name: Any, what: str) -> str:
    """A name or alias as it is. Raises InvalidTypeError (a TypeError) for what is no text.

    what: Such as "An entity's name", for the error.
    """
    if not isinstance(name, str):
        raise InvalidTypeError(f"{what} must be a text, found {name!r} of type {type(name).__name__}.")
    return name


def check_width(width: Any) -> int:
    """A width of vectors. Raises InvalidTypeError or InvalidValueError (a TypeError or ValueError)."""
    try:
        number = operator.index(width)
    except TypeError:
        raise InvalidTypeError(f"entity_vector_length must be a whole number, found {width!r}.") from None
    if number < 0:
        raise InvalidValueError(f"entity_vector_length must not be negative, found {number}.")
    if number > WIDEST:
        raise InvalidValueError(f"entity_vector_length must be {WIDEST} or less, found {number}.")
    return number


def check_vectors(vectors: Any, width: int, entities: Sequence[str]) -> numpy.ndarray:
    """Vectors of entities as a matrix of its own. Raises InvalidValueError (a ValueError) that names the entity."""
    matrix = _as_floats(vectors)
    if matrix is None or matrix.shape != (len(entities), width):
        rows = [_row(vector, width, entity) for vector, entity in zip(vectors, entities, strict=True)]
        matrix = numpy.asarray(rows, dtype="float32").reshape((len(entities), width))
    wrong = ~numpy.isfinite(matrix).all(axis=1)
    if wrong.any():
        entity = entities[int(numpy.flatnonzero(wrong)[0])]
        raise InvalidValueError(
            f"The vector of the entity '{entity}' has values that are no numbers (NaN or infinite)."
        )
    return matrix


def _row(vector: Any, width: int, entity: str) -> numpy.ndarray:
    found = _as_floats(vector)
    if vector is None or found is None or found.ndim != 1:
        raise InvalidValueError(f"The vector of the entity '{entity}' must be a list of {width} numbers.")
    if len(found) != width:
        raise InvalidValueError(
            f"The vector of the entity '{entity}' has {len(found)} values, and this knowledge base has vectors of "
            f"width {width} (entity_vector_length)."
        )
    return found


def _as_floats(values: Any) -> numpy.ndarray | None:
    """Numbers as an array of their own, in the memory of the CPU; None for what is none."""
    try:
        found = numpy.asarray(to_numpy(values))
        # What is too great becomes infinite, and is refused as such.
        with numpy.errstate(over="ignore"):
            return None if found.dtype.kind == "c" else found.astype("float32")
    except (ValueError, TypeError, OverflowError):
        return None


def check_freqs(freqs: Any, entities: Sequence[str]) -> numpy.ndarray:
    """Frequencies as an array. Warns of negative ones; raises InvalidValueError for what is no number."""
    found = _as_floats(freqs)
    if found is None or found.size != len(entities):
        raise InvalidValueError(f"A frequency of entities is no number; the first entity is '{entities[0]}'.")
    found = found.reshape((len(entities),))
    wrong = numpy.flatnonzero(~numpy.isfinite(found))
    if len(wrong):
        row = int(wrong[0])
        raise InvalidValueError(f"The frequency of the entity '{entities[row]}' is {found[row]}, which is no number.")
    negative = numpy.flatnonzero(found < 0)
    if len(negative):
        row = int(negative[0])
        warnings.warn(
            f"The entity '{entities[row]}' has the frequency {found[row]:g}; a frequency is 0 or more.",
            SpanwrightWarning,
            stacklevel=4,
        )
    return found


def check_priors(probabilities: Sequence[Any], alias: str) -> list[float]:
    """Prior probabilities of an alias as plain numbers. Raises InvalidValueError (a ValueError) if they cannot be."""
    found = [_prior(prob, alias) for prob in probabilities]
    total = sum(found)
    if total > MOST:
        raise InvalidValueError(
            f"The prior probabilities of the alias '{alias}' sum to {total:.5f}, and must not exceed 1."
        )
    return found


def _prior(prob: Any, alias: str) -> float:
    try:
        number = math.nan if isinstance(prob, (str, bytes)) else float(prob)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InvalidValueError(
            f"The alias '{alias}' has the prior probability {prob!r}; each must be a number between 0 and 1."
        )
    return number
