"""Greedy parsing: token vectors for the batch, then the compiled loop, or step by step where that does not serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy
from thinc.api import Model, NumpyOps
from thinc.layers.linear import forward as linear_forward
from thinc.layers.list2array import forward as list2array_forward

from spanwright.listener import Listener

from ..layers.plain_model import PLAIN, open_plain_steps
from ..layers.transition_model import open_steps, parts
from ..transitions import PackedWeights, States, parse, parse_parts
from .learning import parse_in_steps

if TYPE_CHECKING:
    from spanwright.tokens import Doc


class GreedyParser:
    """Follows the best actions of a model. Keeps the weights as the compiled loop wants them, until they change."""

    def __init__(self) -> None:
        self._weights = PackedWeights()

    def __reduce__(self) -> Any:
        return GreedyParser, ()

    def run(self, model: Model, docs: Sequence[Doc], states: States, n_moves: int, n_threads: int = 1) -> None:
        """Advance states to their ends.

        model: Such as spacy.TransitionBasedParser.v2 makes.
        docs: The batch.
        states: At the beginnings of the Docs.
        n_moves: Number of actions; those beyond the model's are scored like unseen ones.
        n_threads: Threads that share the states.
        """
        if serves(model):
            body, project = split(model.layers[0])
            weights = self._pack(model, project, n_moves)
            # What a listener brings is there already: sharing that out costs more than it gains.
            if n_threads == 1 or any(isinstance(node, Listener) for node in body.walk()):
                parse(states, token_vectors(body, docs), weights, n_threads=n_threads)
            else:
                parse_parts(states, lambda start, stop: token_vectors(body, docs[start:stop]), weights, n_threads)
            return
        steps = open_plain_steps(model, docs, False) if model._func is PLAIN else open_steps(model, docs, False, drop=0)
        steps.add_unseen(n_moves - steps.nO)
        parse_in_steps(steps, states)

    def _pack(self, model: Any, project: Model | None, n_moves: int) -> Any:
        _, lower, last = parts(model)
        W: Any = lower.get_param("W")
        b, pad = lower.get_param("b"), lower.get_param("pad")
        U, c = (None, None) if last is None else (last.get_param("W"), last.get_param("b"))
        known = W.shape[1] if U is None else len(U)
        more = n_moves - known
        if more and U is not None:
            U, c = _grown(U, 0, more), _grown(c, 0, more)
        elif more:
            W, b, pad = _grown(W, 1, more), _grown(b, 0, more), _grown(pad, 2, more)
        unseen = {*model.attrs["unseen_classes"], *range(known, n_moves)}
        P, d = (None, None) if project is None else (project.get_param("W"), project.get_param("b"))
        return self._weights.get(W, b, pad, U, c, unseen, P, d)


def serves(model: Model) -> bool:
    """Whether the compiled loop computes what the model does."""
    lower = model.layers[1]
    if not isinstance(lower.ops, NumpyOps) or not isinstance(lower.get_param("W"), numpy.ndarray):
        return False
    # In v2, prediction leaves negative sums of one piece as they are; in v3 they become 0.
    return not (model._func is PLAIN and lower.get_dim("nP") == 1)


def split(vectors: Model) -> tuple[Model, Model | None]:
    """The layers that make token vectors, and the last one, if it is linear: the compiled loop can compute that itself,
    and does so without the interpreter and for each token alone, so that a batch does not change the answers."""
    layers = vectors.layers
    if [layer._func for layer in layers[1:]] != [list2array_forward, linear_forward]:
        return vectors, None
    linear = layers[2]
    ready = isinstance(linear.ops, NumpyOps) and linear.has_param("W") and linear.get_param("W").ndim == 2
    return (layers[0], linear) if ready else (vectors, None)


def token_vectors(model: Model, docs: Sequence[Doc]) -> Sequence[Any]:
    """An array for each Doc, of a model that gives these or one array for all."""
    found: Any = model.predict(docs)
    if isinstance(found, (list, tuple)):
        return found
    return numpy.split(found, numpy.cumsum([len(doc) for doc in docs])[:-1])


def _grown(array: Any, axis: int, more: int) -> Any:
    return numpy.pad(array, [(0, more if number == axis else 0) for number in range(array.ndim)])
