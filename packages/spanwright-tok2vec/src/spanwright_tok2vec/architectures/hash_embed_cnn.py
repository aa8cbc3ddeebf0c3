"""The standard token vectors: hash embeddings and a convolutional encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tok2vec import Tok2Vec_v2

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc


def HashEmbedCNN_v2(
    *,
    width: int,
    depth: int,
    embed_size: int,
    window_size: int,
    maxout_pieces: int,
    subword_features: bool,
    pretrained_vectors: bool | None,
) -> Model[list[Doc], list[Floats2d]]:
    """spacy.HashEmbedCNN.v2: the standard token vectors, by spacy.MultiHashEmbed.v2 and spacy.MaxoutWindowEncoder.v2.

    width: Width of input and output, which residual connections require to be the same. Advised: 96, 128 or 300.
    depth: Number of convolutional layers. Advised: 2 to 8.
    embed_size: Rows of the table for the words' NORM; the other tables have half as many. Advised: 2000 to 10000.
    window_size: Tokens on either side that a convolution sees; `depth` of them see depth * (window_size * 2 + 1)
        tokens. Advised: 1.
    maxout_pieces: Pieces of the maxout units. Advised: 1 to 3.
    subword_features: Whether prefix, suffix and shape are embedded too. Advised for alphabetic scripts, and not for
        languages whose words are single characters, such as Chinese.
    pretrained_vectors: Whether the vocabulary's static vectors take part.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).
    References: `embed`, `encode`.
    """
    from spanwright.registry import get

    attrs, rows = ["NORM"], [embed_size]
    if subword_features:
        attrs += ["PREFIX", "SUFFIX", "SHAPE"]
        rows += [embed_size // 2] * 3
    embed = get("architectures", "spacy.MultiHashEmbed.v2")(
        width=width, attrs=attrs, rows=rows, include_static_vectors=bool(pretrained_vectors)
    )
    encode = get("architectures", "spacy.MaxoutWindowEncoder.v2")(
        width=width, window_size=window_size, maxout_pieces=maxout_pieces, depth=depth
    )
    return Tok2Vec_v2(embed, encode)
