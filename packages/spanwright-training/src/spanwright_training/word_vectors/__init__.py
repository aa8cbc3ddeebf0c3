"""Word vectors from the text formats of the field, made into a vocabulary's table."""

from __future__ import annotations

from .convert import convert_vectors
from .reading import TextVectors, read_vectors

__all__ = ["TextVectors", "convert_vectors", "read_vectors"]
