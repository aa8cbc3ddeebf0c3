"""A transition model as a plain thinc model: Docs with the tokens of their states in, scores out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy
from thinc.api import Model
from thinc.types import Floats2d

from spanwright.errors import InvalidTypeError

from .steps import Steps
from .transition_model import init, open_steps

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def PlainTransitionModel(
    tok2vec: Model, lower: Model, upper: Model, resize_output: Callable[[Model, int], Any]
) -> Model[list[Any], list[Floats2d]]:
    """The nodes of spacy.TransitionModel.v1 with an upper layer; see spacy.TransitionBasedParser.v3 for its inputs.

    Arguments are those of spacy.TransitionModel.v1.
    """
    return Model(
        "parser_model",
        forward,
        init=start,
        dims={"nI": tok2vec.maybe_get_dim("nI")},
        layers=[tok2vec, lower, upper],
        refs={"tok2vec": tok2vec, "lower": lower, "upper": upper},
        attrs={"has_upper": True, "unseen_classes": set(), "resize_output": resize_output},
    )


def forward(
    model: Model, X: Sequence[tuple[Doc, Any]], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Any]]]:
    """Score the states of each Doc."""
    if not all(isinstance(item, tuple) and len(item) == 2 for item in X):
        raise InvalidTypeError(
            "A spacy.TransitionBasedParser.v3 model takes pairs of a Doc and the tokens of its states (an int32 "
            "matrix); components call it with Docs by way of their transition system."
        )
    docs = [doc for doc, _ in X]
    steps = open_plain_steps(model, docs, is_train)
    starts = numpy.cumsum([0, *map(len, docs)])
    moved = [numpy.where(ids < 0, -1, ids + start) for (_, ids), start in zip(X, starts, strict=False)]
    ids = numpy.ascontiguousarray(numpy.concatenate(moved) if moved else numpy.zeros((0, steps.places)), dtype="int32")
    ends = numpy.cumsum([len(rows) for rows in moved])[:-1]
    if not is_train:
        return _split(model, steps.predict(ids), ends, len(docs)), lambda gradients: []
    scores, backprop = steps.begin_update(ids)

    def backward(gradients: list[Floats2d]) -> list[Any]:
        if gradients:
            backprop(model.ops.xp.concatenate(gradients))
        steps.finish_steps()
        return []

    return _split(model, scores, ends, len(docs)), backward


# What tells such a model from those that give an object for the states of each batch.
PLAIN = forward


def open_plain_steps(model: Model, docs: Sequence[Doc], is_train: bool) -> Steps:
    """The scorer of a batch, with the training's rate of dropout."""
    drop = model.layers[1].attrs["dropout_rate"]
    return open_steps(model, docs, is_train, drop=drop, as_published=False)


def start(model: Model, X: Any = None, Y: Any = None) -> None:
    """Initialise the parts from a sample of Docs, or of pairs of a Doc and its states."""
    docs = None if X is None else [item[0] if isinstance(item, tuple) else item for item in X]
    init(model, docs, Y)


def _split(model: Model, scores: Floats2d, ends: Any, count: int) -> list[Floats2d]:
    return list(model.ops.xp.split(scores, list(map(int, ends)))) if count else []
