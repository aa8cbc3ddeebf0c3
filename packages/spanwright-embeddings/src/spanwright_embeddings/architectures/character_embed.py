"""Tokens by their characters and one attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thinc.api import HashEmbed, Maxout, Model, chain, concatenate, list2ragged, ragged2list, with_array
from thinc.types import Floats2d

from ..layers.char_embed import CharEmbed_v1
from ..layers.empty import forward_unless_empty
from .feature_extractor import FeatureExtractor_v1
from .static_vectors import StaticVectors_v2

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def CharacterEmbed_v2(
    width: int,
    rows: int,
    nM: int,
    nC: int,
    include_static_vectors: bool,
    feature: int | str = "LOWER",
) -> Model[list[Doc], list[Floats2d]]:
    """spacy.CharacterEmbed.v2: tokens by their characters and one attribute.

    The first and last `nC` bytes of a word (alternately from the start and from the end), a hash embedding of one
    attribute and, if asked for, the static vector are concatenated and mixed by one maxout layer.

    width: Width of the output and of the attribute's embedding. Advised: 64 to 300.
    rows: Rows of the attribute's table. Advised: 2000 to 10000.
    nM: Width of the vector of one byte. Advised: 16 to 64.
    nC: Bytes of a word. Advised: 3 to 8, more for languages with long words or several bytes to a letter.
    include_static_vectors: Whether the vocabulary's vectors take part.
    feature: The attribute, by name or id.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).

    Raises ValueError if `feature` is no attribute.
    """
    from spanwright.attrs import attr_id

    attribute: Any = chain(
        FeatureExtractor_v1([attr_id(feature)]),
        list2ragged(),
        with_array(HashEmbed(nO=width, nV=rows, column=0, seed=5)),
    )
    parts: list[Any] = [chain(CharEmbed_v1(nM=nM, nC=nC), list2ragged()), attribute]
    mixed = nM * nC + width
    if include_static_vectors:
        parts.append(StaticVectors_v2(width, dropout=0.0))
        mixed += width
    mix: Any = with_array(Maxout(width, mixed, nP=3, dropout=0.0, normalize=True))
    model: Model = chain(concatenate(*parts), mix, ragged2list())
    model.replace_callbacks(forward_unless_empty, init=model.init)
    return model
