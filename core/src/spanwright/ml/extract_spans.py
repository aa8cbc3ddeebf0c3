"""Layer that cuts spans out of sequences of vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from thinc.api import Model, to_numpy
from thinc.types import Floats2d, Ints2d, Ragged

from spanwright_tokens.errors import InvalidValueError

InT = tuple[Ragged, Ragged]
OutT = Ragged


def extract_spans_v1() -> Model[InT, OutT]:
    """spacy.extract_spans.v1: the vectors of each span, out of the vectors of all tokens.

    Input: token vectors (Ragged, data float (n_tokens, width), one length per Doc) and spans (Ragged, data int
    (n_spans, 2) with start and end token within the Doc, one number of spans per Doc). Output: Ragged, data float
    (total of the spans' lengths, width), one length per span. Spans may overlap.

    Raises InvalidValueError (a ValueError) if the spans are not pairs, or not of the same Docs.
    """
    return Model("extract_spans", forward, init=init)


extract_spans = extract_spans_v1


def forward(model: Model[InT, OutT], inputs: InT, is_train: bool) -> tuple[OutT, Callable[[Ragged], Any]]:
    """Gather; backward adds the gradients of all spans over a token."""
    ops = model.ops
    tokens, spans = inputs
    bounds = to_numpy(spans.dataXd)
    rows = _span_rows(bounds, to_numpy(spans.lengths), to_numpy(tokens.lengths))
    indices = ops.asarray1i(cast(Any, rows))
    if len(rows):
        starts_ends = cast(Ints2d, spans.dataXd)
        outputs = Ragged(tokens.dataXd[indices], starts_ends[:, 1] - starts_ends[:, 0])
    else:
        # The layers above reduce over the lengths, which give a zero row for each Doc.
        outputs = Ragged(
            ops.xp.zeros(tokens.dataXd.shape, dtype=tokens.dataXd.dtype),
            ops.xp.zeros((len(tokens.lengths),), dtype="i"),
        )
    shape, lengths = tokens.dataXd.shape, tokens.lengths

    def backprop(d_outputs: Ragged) -> tuple[Ragged, Ragged]:
        d_tokens = ops.alloc2f(*shape)
        if len(rows):
            ops.scatter_add(d_tokens, indices, cast(Floats2d, d_outputs.dataXd))
        return Ragged(d_tokens, lengths), spans

    return outputs, backprop


def init(model: Model[InT, OutT], X: InT | None = None, Y: OutT | None = None) -> None:  # noqa: N803
    """Nothing to set: the layer has no parameters and no dimensions."""


def _span_rows(bounds: np.ndarray, spans_per_doc: np.ndarray, tokens_per_doc: np.ndarray) -> np.ndarray:
    """Rows of the token vectors that the spans cover, span after span: (5, 9), (8, 10) -> 5 6 7 8 8 9."""
    if bounds.ndim != 2 or bounds.shape[1] != 2:
        raise InvalidValueError(
            "extract_spans: the spans must be an array of (start, end) pairs, shape (n_spans, 2), "
            f"but the shape is {tuple(bounds.shape)}."
        )
    if len(spans_per_doc) != len(tokens_per_doc):
        raise InvalidValueError(
            f"extract_spans: got token vectors of {len(tokens_per_doc)} Docs, but spans of {len(spans_per_doc)}. "
            "Both must come from the same batch."
        )
    first_row = np.cumsum(tokens_per_doc) - tokens_per_doc
    starts = bounds[:, 0].astype("int64") + np.repeat(first_row, spans_per_doc)
    lengths = (bounds[:, 1].astype("int64") - bounds[:, 0]).clip(min=0)
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(starts, lengths) + within
