"""The first version of the entity linker's network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc


def EntityLinker_v1(tok2vec: Model[list[Doc], list[Floats2d]], nO: int | None = None) -> Model[list[Doc], Floats2d]:
    """spacy-legacy.EntityLinker.v1: a vector for each Doc, the mean of its token vectors with two layers on it.

    Unlike spacy.EntityLinker.v2 it knows nothing of entities: the component gives it sentences as Docs.

    tok2vec: Makes a vector of each token.
    nO: Width of the vectors, which is that of the knowledge base's; the component sets it if None.

    Returns a model: list of Docs in, a float32 matrix out. *Shape:* (number of Docs, nO). References: `tok2vec`,
    `output_layer`.
    """
    from spanwright.ml.empty import score_empty_batches
    from spanwright.registry import get

    layers: dict[str, Any] = {
        name: get("layers", f"{name}.v1")
        for name in ("chain", "list2ragged", "reduce_mean", "residual", "Maxout", "Linear")
    }
    chain = layers["chain"]
    width = tok2vec.maybe_get_dim("nO")
    hidden = layers["residual"](layers["Maxout"](nO=width, nI=width, nP=2, dropout=0.0))
    output = layers["Linear"](nO=nO, nI=width)
    # Pairs of pairs, as the published graph has them.
    means = chain(chain(tok2vec, layers["list2ragged"]()), layers["reduce_mean"]())
    model: Model = chain(chain(means, hidden), output)
    for name, node in (("output_layer", output), ("tok2vec", tok2vec)):
        model.set_ref(name, node)
    return score_empty_batches(model)
