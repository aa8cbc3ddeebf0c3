"""Augmentation by variants of spelling, mostly of punctuation."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from spanwright.tokens import Example

from .variants import OrthVariants, check_share, orth_variant

if TYPE_CHECKING:
    from spanwright.language import Language


def orth_variants_v1(level: float, lower: float, orth_variants: dict[str, list[dict[Any, Any]]]) -> Callable[..., Any]:
    """spacy.orth_variants.v1: replaces words by variants of them, such as typographic quotes by plain ones.

    level: Share of the examples to change, from 0 to 1.
    lower: Share of those to put in lower case too.
    orth_variants: `{"single": [{"tags": ["NFP"], "variants": ["…", "..."]}], "paired": [{"tags": ["``", "''"],
        "variants": [["'", "'"], ["‘", "’"]]}]}`; usually read from a file with `srsly.read_json.v1`.

    Returns a callable: `(nlp, example) -> Iterator[Example]`. Raises InvalidValueError (a ValueError) for shares
    outside of 0 to 1.
    """
    return partial(
        orth_variants_augmenter,
        orth_variants=orth_variants,
        level=check_share("level", level, "spacy.orth_variants.v1"),
        lower=check_share("lower", lower, "spacy.orth_variants.v1"),
    )


def orth_variants_augmenter(
    nlp: Language, example: Example, orth_variants: OrthVariants, *, level: float = 0.0, lower: float = 0.0
) -> Iterator[Example]:
    """The example, with variants of its words with the probability `level`."""
    changes = random.random() < level
    yield orth_variant(nlp, example, orth_variants, lower=random.random() < lower) if changes else example
