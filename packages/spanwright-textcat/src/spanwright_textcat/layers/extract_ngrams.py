"""Counting the n-grams of Docs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from thinc.api import Model

from spanwright.attrs import LOWER
from spanwright.errors import InvalidValueError
from spanwright.tokens import gather

from .._kernels import ngrams as kernels

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def extract_ngrams_v1(ngram_size: int, attr: int = LOWER) -> Model[list[Doc], tuple[Any, Any, Any]]:
    """spacy.extract_ngrams.v1: which n-grams a Doc has, and how often.

    ngram_size: Longest n-gram, in tokens; all from one token up are counted. Advised: 1 to 3.
    attr: Attribute of the tokens, as its id (`spanwright.attrs`); by default LOWER.

    Returns a model: list of Docs in, three arrays out: the ids of the distinct n-grams of each Doc in ascending order
    (uint64; of one token the attribute, of several a 64-bit MurmurHash of them), how often each occurs (float32), and
    the number of ids of each Doc (int32). There is no gradient.

    Raises InvalidValueError (a ValueError) if ngram_size is below 1.
    """
    if ngram_size < 1:
        raise InvalidValueError(f"ngram_size is the longest n-gram in tokens: at least 1, but got {ngram_size}.")
    return Model("extract_ngrams", forward, attrs={"ngram_size": ngram_size, "attr": attr})


def forward(model: Model, docs: Sequence[Doc], is_train: bool) -> tuple[tuple[Any, Any, Any], Callable[[Any], list]]:
    """Callback of the node."""
    lengths = np.fromiter(map(len, docs), dtype="int32", count=len(docs))
    ids = np.ascontiguousarray(gather(docs, model.attrs["attr"])[:, 0]) if len(docs) else np.zeros(0, dtype="uint64")
    arrays: Any = kernels.count_ngrams(ids, lengths, model.attrs["ngram_size"])
    keys, counts, found = (model.ops.asarray(array) for array in arrays)
    return (keys, counts, found), no_gradient


def no_gradient(d_output: Any) -> list:
    """The backward pass of a layer whose input is no number."""
    return []
