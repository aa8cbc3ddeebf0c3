"""Augmentation by lower-casing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from spanwright.tokens import Example

from .variants import check_share, lower_case

if TYPE_CHECKING:
    from spanwright.language import Language


def lower_case_v1(level: float) -> Callable[..., Any]:
    """spacy.lower_case.v1: puts some of the examples in lower case.

    level: Share of the examples, from 0 to 1; 0.1 to 0.3 is usual.

    Returns a callable: `(nlp, example) -> Iterator[Example]`. Raises InvalidValueError (a ValueError) for another
    share.
    """
    return partial(lower_casing_augmenter, level=check_share("level", level, "spacy.lower_case.v1"))


def lower_casing_augmenter(nlp: Language, example: Example, *, level: float) -> Iterator[Example]:
    """The example, in lower case with the probability `level`."""
    yield lower_case(nlp, example) if random.random() < level else example
