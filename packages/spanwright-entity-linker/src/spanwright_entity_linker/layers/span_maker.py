"""Layer that finds the sentences of entities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy
from thinc.api import Model
from thinc.types import Ragged

from ..sentences import sentence_starts, window

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def span_maker(n_sents: int = 0) -> Model[list[Doc], Ragged]:
    """The sentence that each entity begins in, with neighbours.

    n_sents: How many sentences to take before it and after it.

    Input: Docs; those without sentence boundaries count as one sentence. Output: Ragged, data int (n_entities, 2) with
    start and end token within the Doc, one number of entities per Doc.
    """
    return Model("span_maker", forward, attrs={"n_sents": n_sents})


def forward(model: Model, docs: list[Doc], is_train: bool) -> tuple[Ragged, Callable[[Any], Any]]:
    """Find them; nothing flows back."""
    spans = [_of_entities(doc, model.attrs["n_sents"]) for doc in docs]
    lengths = model.ops.asarray1i([len(found) for found in spans])
    data: Any = numpy.concatenate([numpy.zeros((0, 2), dtype="int32"), *spans])
    return Ragged(model.ops.asarray2i(data), lengths), lambda gradient: []


def _of_entities(doc: Doc, n_sents: int) -> numpy.ndarray:
    starts = [ent.start for ent in doc.ents]
    if not starts:
        return numpy.zeros((0, 2), dtype="int32")
    sentences = sentence_starts(doc, missing="whole")
    return numpy.asarray([window(sentences, len(doc), start, start + 1, n_sents) for start in starts], dtype="int32")
