"""The first versions of the networks that join embedding and encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc


def Tok2Vec_v1(
    embed: Model[list[Doc], list[Floats2d]], encode: Model[Floats2d, Floats2d]
) -> Model[list[Doc], list[Floats2d]]:
    """spacy-legacy.Tok2Vec.v1: token vectors from an embedding and an encoder that takes one matrix.

    embed: Turns Docs into vectors without context.
    encode: Gives the vectors of a batch their context, as the first versions of the encoders do. Its attribute
        `receptive_field`, if it has one, says how many rows of zeros keep Docs apart.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width of the encoder).
    References: `embed`, `encode`.
    """
    from spanwright.ml.empty import pass_empty_batches
    from spanwright.registry import get

    batch = get("layers", "with_array.v1")(encode, pad=encode.attrs.get("receptive_field", 0))
    model: Model = get("layers", "chain.v1")(embed, batch)
    model.set_dim("nO", encode.get_dim("nO"))
    model.set_ref("embed", embed)
    model.set_ref("encode", encode)
    return pass_empty_batches(model)


def HashEmbedCNN_v1(
    *,
    width: int,
    depth: int,
    embed_size: int,
    window_size: int,
    maxout_pieces: int,
    subword_features: bool,
    pretrained_vectors: bool | None,
) -> Model[list[Doc], list[Floats2d]]:
    """spacy-legacy.HashEmbedCNN.v1: the standard token vectors, with the first version of the embedding.

    width: Width of the vectors. Advised: 96, 128 or 300.
    depth: Number of convolutional layers. Advised: 2 to 8.
    embed_size: Rows of the table for NORM; the others have half as many. Advised: 2000 to 10000.
    window_size: Tokens on either side that one layer sees. Advised: 1.
    maxout_pieces: Linear pieces of which the largest is taken. Advised: 1 to 3.
    subword_features: Whether prefix, suffix and shape are embedded too.
    pretrained_vectors: Whether the vocabulary's vectors take part.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).
    References: `embed`, `encode`.
    """
    from spanwright.registry import get

    attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"] if subword_features else ["NORM"]
    embed = get("architectures", "spacy-legacy.MultiHashEmbed.v1")(
        width=width,
        attrs=attrs,
        rows=[embed_size, *(embed_size // 2 for _ in attrs[1:])],
        include_static_vectors=bool(pretrained_vectors),
    )
    encode = get("architectures", "spacy.MaxoutWindowEncoder.v2")(
        width=width, window_size=window_size, maxout_pieces=maxout_pieces, depth=depth
    )
    return get("architectures", "spacy.Tok2Vec.v2")(embed=embed, encode=encode)
