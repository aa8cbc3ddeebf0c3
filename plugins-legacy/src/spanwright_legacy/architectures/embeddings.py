"""The first versions of the embeddings, which look static vectors up by spacy-legacy.StaticVectors.v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc

FIRST_SEED = 8


def MultiHashEmbed_v1(
    width: int, attrs: list[str | int], rows: list[int], include_static_vectors: bool
) -> Model[list[Doc], list[Floats2d]]:
    """spacy-legacy.MultiHashEmbed.v1: tokens by several of their attributes.

    Unlike spacy.MultiHashEmbed.v2 it gives a word without a static vector the last vector of the table.

    width: Width of the output and of every table. Advised: 64 to 300.
    attrs: The attributes, by name or id.
    rows: Rows of each table, as many numbers as there are attributes. Advised: 1000 to 10000.
    include_static_vectors: Whether the vocabulary's vectors take part.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).

    Raises ValueError if `attrs` and `rows` differ in length.
    """
    from spanwright.registry import get

    if len(rows) != len(attrs):
        from spanwright.errors import InvalidValueError

        raise InvalidValueError(
            f"spacy-legacy.MultiHashEmbed.v1: rows needs one number for each of the {len(attrs)} attributes in attrs, "
            f"and has {len(rows)}."
        )
    make_table = get("layers", "HashEmbed.v1")
    tables = [make_table(width, n, column=i, seed=FIRST_SEED + i, dropout=0.0) for i, n in enumerate(rows)]
    hashed = _features(attrs, get("layers", "concatenate.v1")(*tables))
    width_in = width * (len(tables) + bool(include_static_vectors))
    if include_static_vectors:
        static = get("layers", "spacy-legacy.StaticVectors.v1")(width, dropout=0.0)
        return _mix([get("layers", "concatenate.v1")(_chain(*hashed), static)], width, width_in)
    return _mix(hashed, width, width_in)


def CharacterEmbed_v1(
    width: int, rows: int, nM: int, nC: int, include_static_vectors: bool, feature: int | str = "LOWER"
) -> Model[list[Doc], list[Floats2d]]:
    """spacy-legacy.CharacterEmbed.v1: tokens by their characters and one attribute.

    Unlike spacy.CharacterEmbed.v2 it gives a word without a static vector the last vector of the table.

    width: Width of the output and of the attribute's embedding. Advised: 64 to 300.
    rows: Rows of the attribute's table. Advised: 2000 to 10000.
    nM: Width of the vector of one byte. Advised: 16 to 64.
    nC: Bytes of a word, from its start and its end. Advised: 3 to 8.
    include_static_vectors: Whether the vocabulary's vectors take part.
    feature: The attribute, by name or id.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).

    Raises ValueError if `feature` is no attribute.
    """
    from spanwright.attrs import attr_id
    from spanwright.registry import get

    characters = _chain(get("layers", "spacy.CharEmbed.v1")(nM=nM, nC=nC), get("layers", "list2ragged.v1")())
    table = get("layers", "HashEmbed.v1")(nO=width, nV=rows, column=0, seed=5)
    parts = [characters, _chain(*_features([attr_id(feature)], table))]
    width_in = nM * nC + width
    if include_static_vectors:
        parts.append(get("layers", "spacy-legacy.StaticVectors.v1")(width, dropout=0.0))
        width_in += width
    return _mix([get("layers", "concatenate.v1")(*parts)], width, width_in)


def _features(attrs: list[Any], tables: Any) -> list[Any]:
    """From Docs to the embeddings of their attributes, as the links of a chain."""
    from spanwright.registry import get

    extract = get("layers", "spacy.FeatureExtractor.v1")(attrs)
    return [extract, get("layers", "list2ragged.v1")(), get("layers", "with_array.v1")(tables)]


def _mix(links: list[Any], width: int, width_in: int) -> Model[list[Doc], list[Floats2d]]:
    """The links, and a maxout layer from so many columns to the width."""
    from spanwright.ml.empty import pass_empty_batches
    from spanwright.registry import get

    maxout = get("layers", "Maxout.v1")(width, width_in, nP=3, dropout=0.0, normalize=True)
    return pass_empty_batches(_chain(*links, get("layers", "with_array.v1")(maxout), get("layers", "ragged2list.v1")()))


def _chain(*links: Any) -> Any:
    from spanwright.registry import get

    return get("layers", "chain.v1")(*links)
