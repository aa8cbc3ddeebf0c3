"""Token vectors: embed, then encode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thinc.api import Model, chain
from thinc.types import Floats2d

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def Tok2Vec_v2(
    embed: Model[list[Doc], list[Floats2d]],
    encode: Model[list[Floats2d], list[Floats2d]],
) -> Model[list[Doc], list[Floats2d]]:
    """spacy.Tok2Vec.v2: token vectors made by an embedding and an encoding network.

    embed: Makes vectors of tokens that do not depend on context, such as spacy.MultiHashEmbed.v2.
    encode: Puts context into them, such as spacy.MaxoutWindowEncoder.v2. Its width must be that of `embed`.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width of `encode`).
    References: `embed`, `encode`.
    """
    model: Model[list[Doc], list[Floats2d]] = chain(embed, encode)
    if encode.has_dim("nO"):
        model.set_dim("nO", encode.get_dim("nO"))
    model.set_ref("embed", embed)
    model.set_ref("encode", encode)
    return model
