"""Checks of the numbers that a knowledge base is filled with."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Sequence
from typing import Any

import numpy

from spanwright.errors import InvalidTypeError, InvalidValueError, SpanwrightWarning

# Rounding errors, as in spaCy.
MOST = 1.00001


def check_width(width: Any) -> int:
    """A width of vectors. Raises InvalidTypeError or InvalidValueError (a TypeError or ValueError)."""
    try:
        number = operator.index(width)
    except TypeError:
        raise InvalidTypeError(f"entity_vector_length must be a whole number, found {width!r}.") from None
    if number < 0:
        raise InvalidValueError(f"entity_vector_length must not be negative, found {number}.")
    return number


def check_vectors(vectors: Any, width: int, entities: Sequence[str]) -> numpy.ndarray:
    """Vectors of entities as a matrix of its own. Raises InvalidValueError (a ValueError) that names the entity."""
    try:
        matrix = numpy.array(vectors, dtype="float32")
    except (ValueError, TypeError):
        matrix = numpy.zeros((0,))
    if matrix.shape != (len(entities), width):
        _find_wrong(vectors, width, entities)
        matrix = matrix.reshape((len(entities), width))
    wrong = ~numpy.isfinite(matrix).all(axis=1)
    if wrong.any():
        entity = entities[int(numpy.flatnonzero(wrong)[0])]
        raise InvalidValueError(
            f"The vector of the entity '{entity}' has values that are no numbers (NaN or infinite)."
        )
    return matrix


def _find_wrong(vectors: Any, width: int, entities: Sequence[str]) -> None:
    for entity, vector in zip(entities, vectors, strict=True):
        try:
            found = numpy.asarray(vector, dtype="float32")
        except (ValueError, TypeError):
            found = None
        if vector is None or found is None or found.ndim != 1:
            raise InvalidValueError(f"The vector of the entity '{entity}' must be a list of {width} numbers.")
        if len(found) != width:
            raise InvalidValueError(
                f"The vector of the entity '{entity}' has {len(found)} values, and this knowledge base has vectors of "
                f"width {width} (entity_vector_length)."
            )


def check_freqs(freqs: Any, entities: Sequence[str]) -> numpy.ndarray:
    """Frequencies as an array. Warns of negative ones; raises InvalidValueError for what is no number."""
    try:
        found = numpy.array(freqs, dtype="float32").reshape((len(entities),))
    except (ValueError, TypeError):
        raise InvalidValueError(f"A frequency of entities is no number; the first entity is '{entities[0]}'.") from None
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


def check_priors(probabilities: Sequence[float], alias: str) -> None:
    """Raise InvalidValueError (a ValueError) for prior probabilities of an alias that cannot be."""
    for prob in probabilities:
        if not isinstance(prob, (int, float, numpy.number)) or not math.isfinite(prob) or prob < 0:
            raise InvalidValueError(
                f"The alias '{alias}' has the prior probability {prob!r}; each must be a number between 0 and 1."
            )
    total = sum(probabilities)
    if total > MOST:
        raise InvalidValueError(
            f"The prior probabilities of the alias '{alias}' sum to {total:.5f}, and must not exceed 1."
        )
