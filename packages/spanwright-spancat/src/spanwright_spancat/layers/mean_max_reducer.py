"""One vector for each span."""

from __future__ import annotations

from typing import Any, cast

from thinc.api import Maxout, Model, chain, concatenate, reduce_first, reduce_last, reduce_max, reduce_mean
from thinc.types import Floats2d, Ragged

from spanwright.ml.empty import join_empty_batches


def mean_max_reducer_v1(hidden_size: int) -> Model[Ragged, Floats2d]:
    """spacy.mean_max_reducer.v1: last, first, mean and maximum of the vectors of a span, combined by a maxout layer.

    hidden_size: Width of the vector that stands for a span. Advised: 64 to 256.

    Returns a model: Ragged of float32 token vectors in, one length for each span, and a float32 matrix
    (spans, hidden_size) out. A span has at least one token.
    """
    parts: Model = concatenate(cast(Any, reduce_last()), cast(Any, reduce_first()), reduce_mean(), reduce_max())
    hidden: Model = Maxout(nO=hidden_size, normalize=True, dropout=0.0)
    return join_empty_batches(chain(parts, hidden))
