"""Functions that set more on Docs than `Doc._.trf_data`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spanwright.tokens import Doc

    from .data_classes import FullTransformerBatch

__all__ = ["configure_null_annotation_setter", "null_annotation_setter", "null_annotation_setter_v1"]


def null_annotation_setter(docs: Sequence[Doc], trf_data: FullTransformerBatch) -> None:
    """Set nothing."""


def null_annotation_setter_v1() -> Callable[[Sequence[Doc], FullTransformerBatch], None]:
    """spacy-transformers.null_annotation_setter.v1: sets nothing more on the Docs."""
    return null_annotation_setter


configure_null_annotation_setter = null_annotation_setter_v1
