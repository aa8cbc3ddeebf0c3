"""The attributes of tokens as integer features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from thinc.api import Model
from thinc.types import Ints2d

from ..layers.features import check_columns, doc_features

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def FeatureExtractor_v1(columns: Sequence[str | int]) -> Model[list[Doc], list[Ints2d]]:
    """spacy.FeatureExtractor.v1: the attributes of tokens as integer features.

    columns: Names or ids of token attributes ("NORM", "PREFIX", 65, ...), in the order of the output's columns.

    Returns a model without weights: a list of Docs (or Spans) in, for each a uint64 matrix out.
    *Shape:* (number of tokens, number of columns). Nothing flows back.

    Raises ValueError for an attribute that does not exist.
    """
    check_columns(columns)
    return Model("extract_features", forward, attrs={"columns": columns})


def forward(
    model: Model[list[Doc], list[Ints2d]], docs: Sequence[Any], is_train: bool
) -> tuple[list[Ints2d], Callable[[list[Ints2d]], list[Doc]]]:
    """One integer matrix for each Doc."""
    features: list[Any] = doc_features(docs, model.attrs["columns"])

    def backprop(d_features: list[Ints2d]) -> list[Doc]:
        return []

    return [model.ops.asarray2i(matrix, dtype="uint64") for matrix in features], backprop
