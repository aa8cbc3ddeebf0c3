"""Which tokens a span may start and end with."""

from __future__ import annotations

from thinc.api import Model, chain, with_array
from thinc.types import Floats2d

from spanwright.ml.empty import join_empty_batches
from spanwright.tokens import Doc

from ..layers.flattener import flattener


def SpanFinder_v1(
    tok2vec: Model[list[Doc], list[Floats2d]], scorer: Model[Floats2d, Floats2d]
) -> Model[list[Doc], Floats2d]:
    """spacy.SpanFinder.v1: scores each token as the first and as the last token of a span.

    tok2vec: Token vectors: list of Docs in, list of float32 matrices (tokens, width) out.
    scorer: Two scores between 0 and 1 from a token vector, such as spacy.LinearLogistic.v1 with nO = 2.

    Returns a model: list of Docs in, float32 matrix (tokens of all Docs, 2) out. Node references `tok2vec`, `scorer`
    and `logistic_layer` (the scorer for lists of matrices).
    """
    logistic_layer: Model[list[Floats2d], list[Floats2d]] = with_array(scorer)
    model: Model[list[Doc], Floats2d] = chain(tok2vec, logistic_layer, flattener())
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("scorer", scorer)
    model.set_ref("logistic_layer", logistic_layer)
    return join_empty_batches(model)
