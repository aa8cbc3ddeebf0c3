"""The tagger's network: token vectors, a linear layer and softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thinc.api import Model, Softmax_v2, chain, with_array, zero_init
from thinc.types import Floats2d

from spanwright.ml.empty import pass_empty_batches

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def Tagger_v2(
    tok2vec: Model[list[Doc], list[Floats2d]],
    nO: int | None = None,  # noqa: N803
    normalize: bool = False,
) -> Model[list[Doc], list[Floats2d]]:
    """spacy.Tagger.v2: scores for the labels of each token, from its vector by a linear layer and softmax.

    tok2vec: Makes a vector of each token.
    nO: Number of labels; inferred from the component's labels if None.
    normalize: Whether prediction gives probabilities. Without, it gives the layer's raw outputs, which is faster and
        has the same maximum. Training always gives probabilities.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, nO).
    References: `tok2vec`, `softmax`, `output_layer`.
    """
    width = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else None
    output = Softmax_v2(nO, width, init_W=zero_init, normalize_outputs=normalize)
    model: Model[list[Doc], list[Floats2d]] = pass_empty_batches(chain(tok2vec, with_array(output)))
    for name, node in (("tok2vec", tok2vec), ("softmax", output), ("output_layer", output)):
        model.set_ref(name, node)
    return model
