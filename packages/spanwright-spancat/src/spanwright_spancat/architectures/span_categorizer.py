"""Label scores of candidate spans."""

from __future__ import annotations

from typing import Any, cast

from thinc.api import Model, chain, list2ragged, with_getitem
from thinc.types import Floats2d, Ragged

from spanwright.ml.extract_spans import extract_spans
from spanwright.tokens import Doc

from ..layers.span_forward import SpanForward


def SpanCategorizer_v1(
    tok2vec: Model[list[Doc], list[Floats2d]], reducer: Model[Ragged, Floats2d], scorer: Model[Floats2d, Floats2d]
) -> Model[tuple[list[Doc], Ragged], Floats2d]:
    """spacy.SpanCategorizer.v1: scores the labels of candidate spans.

    tok2vec: Token vectors: list of Docs in, list of float32 matrices (tokens, width) out.
    reducer: One vector for each span from those of its tokens, such as spacy.mean_max_reducer.v1.
    scorer: Label scores from the vector of a span, such as spacy.LinearLogistic.v1.

    Returns a model: a list of Docs and their candidates (Ragged, data int32 (candidates, 2): start and end token, one
    number of candidates for each Doc) in, float32 matrix (candidates, labels) out. Node references `tok2vec`,
    `reducer` and `scorer`.
    """
    vectors = with_getitem(0, chain(tok2vec, cast(Any, list2ragged())))
    model: Model[Any, Any] = chain(cast(Any, vectors), extract_spans(), reducer, scorer)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("reducer", reducer)
    model.set_ref("scorer", scorer)
    model.replace_callbacks(SpanForward(), init=model.init)
    return model
