"""spacy.Vectors.v1: the table of word vectors of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def Vectors_v1() -> Callable[[Any], Any]:
    """spacy.Vectors.v1: a function that makes an empty table of vectors, default or floret, for a vocabulary."""
    return make_vectors


def make_vectors(vocab: Any) -> Any:
    """An empty table of vectors that shares the vocabulary's strings."""
    from spanwright_tokens.vocab import Vectors

    return Vectors(strings=vocab.strings, name=vocab.cfg.get("vectors_name"))
