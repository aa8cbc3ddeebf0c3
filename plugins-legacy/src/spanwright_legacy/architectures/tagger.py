"""The first version of the tagger's network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc


def Tagger_v1(tok2vec: Model[list[Doc], list[Floats2d]], nO: int | None = None) -> Model[list[Doc], list[Floats2d]]:
    """spacy-legacy.Tagger.v1: token vectors, a linear layer and softmax.

    Unlike spacy.Tagger.v2 it has the older softmax layer, which always gives probabilities.

    tok2vec: Makes a vector of each token.
    nO: Number of tags; inferred from the examples if None.

    Returns a model: list of Docs in, for each a float32 matrix out, whose rows add up to 1.
    *Shape:* (number of tokens, nO). References: `tok2vec`, `softmax`, `output_layer`.
    """
    from spanwright.ml.empty import pass_empty_batches
    from spanwright.registry import get

    softmax: Any = get("layers", "Softmax.v1")
    zeros: Any = get("initializers", "zero_init.v1")
    width = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else None
    output = softmax(nO, width, init_W=zeros())
    model: Model = get("layers", "chain.v1")(tok2vec, get("layers", "with_array.v1")(output))
    for name, node in (("tok2vec", tok2vec), ("softmax", output), ("output_layer", output)):
        model.set_ref(name, node)
    return pass_empty_batches(model)
