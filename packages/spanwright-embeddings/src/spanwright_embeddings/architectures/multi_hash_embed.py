"""Tokens by several of their attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thinc.api import HashEmbed, Maxout, Model, chain, concatenate, list2ragged, ragged2list, with_array
from thinc.types import Floats2d

from ..layers.multi_hash_forward import multi_hash_forward
from .feature_extractor import FeatureExtractor_v1
from .static_vectors import StaticVectors_v2

if TYPE_CHECKING:
    from spanwright.tokens import Doc

FIRST_SEED = 8


def MultiHashEmbed_v2(
    width: int,
    attrs: list[str] | list[int] | list[str | int],
    rows: list[int],
    include_static_vectors: bool,
) -> Model[list[Doc], list[Floats2d]]:
    """spacy.MultiHashEmbed.v2: tokens by several of their attributes.

    Each attribute has its own hash-embedded table; the vectors of a token are concatenated, with its static vector if
    asked for, and mixed by one maxout layer.

    width: Width of the output and of every table. Advised: 64 to 300.
    attrs: The attributes, by name or id. Usual: NORM, PREFIX, SUFFIX, SHAPE.
    rows: Rows of each table, as many numbers as there are attributes. Advised: 1000 to 10000, most for NORM; four rows
        are summed for a value, so few rows tell many values apart.
    include_static_vectors: Whether the vocabulary's vectors, projected to `width`, take part. They are not trained.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).

    Raises ValueError if `attrs` and `rows` differ in length or a name is no attribute.
    """
    if len(rows) != len(attrs):
        from spanwright.errors import InvalidValueError

        raise InvalidValueError(
            f"spacy.MultiHashEmbed.v2: rows needs one number for each of the {len(attrs)} attributes in attrs "
            f"({', '.join(map(str, attrs))}), and has {len(rows)}."
        )
    tables: list[Any] = [
        HashEmbed(width, count, column=i, seed=FIRST_SEED + i, dropout=0.0) for i, count in enumerate(rows)
    ]
    n_parts = len(tables) + bool(include_static_vectors)
    mix: Any = with_array(Maxout(width, width * n_parts, nP=3, dropout=0.0, normalize=True))
    hashed: list[Any] = [FeatureExtractor_v1(attrs), list2ragged(), with_array(concatenate(*tables))]
    model: Model
    if include_static_vectors:
        embed: Any = concatenate(chain(*hashed), StaticVectors_v2(width, dropout=0.0))
        model = chain(embed, mix, ragged2list())
    else:
        model = chain(*hashed, mix, ragged2list())
    model.replace_callbacks(multi_hash_forward, init=model.init)
    return model
