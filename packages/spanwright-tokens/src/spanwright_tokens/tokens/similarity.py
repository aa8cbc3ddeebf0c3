"""Vectors of Docs, Spans and Tokens, and how alike they are."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy

from ..attrs import IDS
from ..errors import InvalidValueError, SpanwrightWarning


def array_module(array: Any) -> Any:
    """The library that an array is of: NumPy, or CuPy, which is then loaded already."""
    if isinstance(array, numpy.ndarray):
        return numpy
    return sys.modules.get(type(array).__module__.partition(".")[0], numpy)


def similarity(one: Any, other: Any) -> float:
    """The cosine of two objects' vectors; 1.0 for objects of the same words, 0.0 if a vector is missing."""
    kind = type(one).__name__
    attr = getattr(one.vocab.vectors, "attr", IDS["ORTH"])
    keys = _keys(one, attr)
    if keys and keys == _keys(other, attr):
        return 1.0
    if one.vocab.vectors.n_keys == 0:
        warnings.warn(
            f"The vocabulary has no word vectors, so {kind}.similarity compares the rows of `doc.tensor`, which says "
            "little about meaning. Use a pipeline with vectors.",
            SpanwrightWarning,
            stacklevel=3,
        )
    if one.vector_norm == 0 or other.vector_norm == 0:
        if not one.has_vector or not other.has_vector:
            warnings.warn(f"{kind}.similarity compares an empty vector.", SpanwrightWarning, stacklevel=3)
        return 0.0
    vector = one.vector
    cosine = array_module(vector).dot(vector, other.vector) / (one.vector_norm * other.vector_norm)
    return float(cosine)


def _keys(obj: Any, attr: int) -> list[int]:
    """What vectors of an object's words go by."""
    if hasattr(obj, "_get_attr"):
        return [int(obj._get_attr(attr))]  # a Lexeme
    if hasattr(obj, "_vector_key"):
        return [obj._vector_key()]  # a Token
    values: list[int] = obj.to_array([attr]).ravel().tolist()
    return values


def norm(vector: Any) -> Any:
    """The length (L2 norm) of a vector."""
    total = (vector**2).sum()
    return array_module(vector).sqrt(total) if total != 0 else 0.0


def mean_vector(doc: Any, tokens: Any) -> Any:
    """The mean of tokens' vectors, or of rows of the tensor; zeros if there are neither."""
    vectors = doc.vocab.vectors
    if len(tokens) and vectors.size:
        return sum(token.vector for token in tokens) / len(tokens)
    if len(tokens) and doc.tensor.size:
        rows = doc.tensor if tokens is doc else tokens.tensor
        return rows.mean(axis=0)
    return array_module(vectors.data).zeros((doc.vocab.vectors_length,), dtype="f")


def word_vector(vocab: Any, key: int) -> Any:
    """The vector that stands under a key; zeros if there is none."""
    vectors = vocab.vectors
    if key in vectors:
        return vectors[key]
    return array_module(vectors.data).zeros((vocab.vectors_length,), dtype="f")


def tokens_have_vector(doc: Any, tokens: Any) -> bool:
    """Whether any token has a vector, or the Doc a tensor if the vocabulary has no vectors."""
    if doc.vocab.vectors.size:
        return any(token.has_vector for token in tokens)
    return bool(doc.tensor.size)


def extended(tensor: Any, more: Any) -> Any:
    """A tensor with more columns; those alone if it is empty."""
    if tensor is None or tensor.size == 0:
        return more.copy()
    if tensor.shape[0] != more.shape[0]:
        raise InvalidValueError(
            f"The tensor must be extended by as many rows as it has: expected {tensor.shape[0]}, found {more.shape[0]}."
        )
    return array_module(tensor).hstack((tensor, more))
