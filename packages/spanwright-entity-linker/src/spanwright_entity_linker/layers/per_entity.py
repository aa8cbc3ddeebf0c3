"""Networks with a row for each entity: batches without any, and the rows of chosen sentences alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from thinc.api import Model, Ragged

if TYPE_CHECKING:
    from spanwright.tokens import Doc

STAGES = 4  # extract_spans, reduce_mean, residual, linear


class NoRowsForNothing:
    """The forward of a node, not run for batches without an entity: some layers refuse those."""

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.forward = forward

    def __call__(self, model: Model, docs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Run the node on a batch; one without entities gives a matrix without rows."""
        if model.has_dim("nO") and not any(doc.ents for doc in docs):
            return model.ops.alloc2f(0, model.get_dim("nO")), lambda gradient: list(docs)
        return self.forward(model, docs, is_train)


def rows_of_nothing(model: Model) -> Model:
    """Let a network take batches without an entity; return it."""
    model.replace_callbacks(NoRowsForNothing(model._func), init=model.init)
    return model


def encode_sentences(model: Model, docs: Sequence[Doc], bounds: Sequence[tuple[int, int]]) -> Any:
    """What a network of the graph of spacy.EntityLinker.v2 gives for one sentence of each Doc, or None for another.

    bounds: Start and end of the sentence in its Doc.

    The network itself gives a row for each entity, and copies the vectors of a sentence for each entity in it.
    """
    stages: list[Model] = []
    node = model
    for _ in range(STAGES):
        if len(node.layers) != 2:
            return None
        stages.insert(0, node.layers[1])
        node = node.layers[0]
    if stages[0].name != "extract_spans" or len(node.layers) != 2 or node.layers[1].name != "span_maker":
        return None
    spans = Ragged(model.ops.asarray2i(bounds), model.ops.asarray1i([1] * len(docs)))
    rows: Any = (node.layers[0].predict(list(docs)), spans)
    for stage in stages:
        rows = stage.predict(rows)
    return rows
