"""The entity linker's network: a vector for each entity, from the tokens of its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thinc.api import Linear, Maxout, Model, chain, list2ragged, reduce_mean, residual, tuplify
from thinc.types import Floats2d

from spanwright import registry

from ..layers.per_entity import rows_of_nothing
from ..layers.span_maker import span_maker

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def EntityLinker_v2(
    tok2vec: Model[list[Doc], list[Floats2d]],
    nO: int | None = None,  # noqa: N803
) -> Model[list[Doc], Floats2d]:
    """spacy.EntityLinker.v2: a vector for each entity: the mean of its sentence's token vectors, and two layers on it.

    tok2vec: Makes a vector of each token.
    nO: Width of the vectors, which is that of the knowledge base's; the component sets it if None.

    Returns a model: list of Docs in, a float32 matrix out with a row for each entity of each Doc, in order. *Shape:*
    (number of entities, nO). References: `tok2vec`, `output_layer`.
    """
    width = tok2vec.maybe_get_dim("nO")
    extract_spans: Any = registry.get("layers", "spacy.extract_spans.v1")
    output = Linear(nO=nO, nI=width)
    tokens_and_spans = tuplify(chain(tok2vec, list2ragged()), span_maker())
    hidden = residual(Maxout(nO=width, nI=width, nP=2, dropout=0.0))
    # Pairs of pairs, as the published graph has them.
    means: Model = chain(chain(tokens_and_spans, extract_spans()), reduce_mean())
    model: Model = chain(chain(means, hidden), output)
    model.set_ref("output_layer", output)
    model.set_ref("tok2vec", tok2vec)
    # Tells the factory that the network finds the entities' sentences itself.
    model.attrs["include_span_maker"] = True
    return rows_of_nothing(model)
