"""Augmentation by lower-casing, variants of spelling, and white space."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from spanwright.tokens import Example

from .variants import OrthVariants, add_white_space, check_share, lower_case, orth_variant

if TYPE_CHECKING:
    from spanwright.language import Language

NAME = "spacy.combined_augmenter.v1"


def combined_augmenter_v1(
    lower_level: float,
    orth_level: float,
    orth_variants: dict[str, list[dict[Any, Any]]] | None,
    whitespace_level: float,
    whitespace_per_token: float,
    whitespace_variants: list[str] | None,
) -> Callable[..., Any]:
    """spacy.combined_augmenter.v1: puts examples in lower case, replaces words by variants, and adds white space.

    lower_level: Share of the examples to put in lower case, from 0 to 1.
    orth_level: Share of the examples to change words in, from 0 to 1.
    orth_variants: The variants, as for `spacy.orth_variants.v1`; None changes no words.
    whitespace_level: Share of the examples to add white space to, from 0 to 1.
    whitespace_per_token: White space tokens to add to such an example, as a share of its tokens.
    whitespace_variants: Texts of such tokens, for instance " " and a line end; None adds none.

    Returns a callable: `(nlp, example) -> Iterator[Example]`. Raises InvalidValueError (a ValueError) for shares
    outside of 0 to 1.
    """
    return partial(
        combined_augmenter,
        lower_level=check_share("lower_level", lower_level, NAME),
        orth_level=check_share("orth_level", orth_level, NAME),
        orth_variants=orth_variants,
        whitespace_level=check_share("whitespace_level", whitespace_level, NAME),
        whitespace_per_token=whitespace_per_token,
        whitespace_variants=whitespace_variants,
    )


def combined_augmenter(
    nlp: Language,
    example: Example,
    *,
    lower_level: float = 0.0,
    orth_level: float = 0.0,
    orth_variants: OrthVariants | None = None,
    whitespace_level: float = 0.0,
    whitespace_per_token: float = 0.0,
    whitespace_variants: list[str] | None = None,
) -> Iterator[Example]:
    """The example, changed in each of the three ways with its probability."""
    if random.random() < lower_level:
        example = lower_case(nlp, example)
    if orth_variants and random.random() < orth_level:
        example = orth_variant(nlp, example, orth_variants)
    if whitespace_variants and random.random() < whitespace_level:
        wanted = int(len(example.reference) * whitespace_per_token)
        while wanted > 0:
            text, place = random.choice(whitespace_variants), random.randrange(len(example.reference))
            example = add_white_space(nlp, example, text, place)
            wanted -= 1
    yield example
