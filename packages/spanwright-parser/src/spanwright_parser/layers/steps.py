"""The scores of the states of one batch: token vectors once, then a small product for each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy
from thinc.api import Model, NumpyOps

from spanwright.ml.kernels import use_kernels

from .._kernels.hidden import add_to_tokens, hidden, widen
from . import precomputable_affine as affine

if TYPE_CHECKING:
    from spanwright.tokens import Doc

Array = Any  # of floats or row numbers, on any device
Backprop = Callable[[Array], None]


@dataclass
class Record:
    """What a training step leaves for the backward pass."""

    ids: Array
    which: Any
    vectors: Any  # with the dropout, as the upper layer saw them
    dropout: Any
    d_scores: Any = None


class Steps:
    """Scores the actions in each state of a batch of Docs.

    docs: The batch.
    tok2vec, lower, upper: The parts of the model; `upper` is None where the lower layer's sums are the scores.
    unseen: Actions that training has not met; they get the lowest score of a batch of states, and no gradient.
    is_train: Whether to keep what the backward pass needs.
    drop: Dropout rate of the hidden vectors in training.
    as_published: Whether the gradient of the lower layer's weights is the published one, in which a missing token
        counts as the last of the batch.

    States are given as the transition system has them (with a method `features`), or as the rows of their feature
    tokens in the batch: an int32 matrix, -1 where a token is missing.
    """

    def __init__(
        self,
        docs: Sequence[Doc],
        tok2vec: Model,
        lower: Model,
        upper: Model | None,
        *,
        unseen: set[int],
        is_train: bool,
        drop: float = 0.0,
        as_published: bool = True,
    ) -> None:
        self.lower, self.upper = lower, upper
        self.ops: Any = lower.ops
        self.is_train, self.drop, self.as_published = is_train, drop, as_published
        self._backprop_tokens: Callable[[Any], Any] | None = None
        self.tokens: Any
        if any(len(doc) for doc in docs):
            self.tokens, self._backprop_tokens = tok2vec(docs, is_train)
        else:
            self.tokens = self.ops.alloc2f(0, lower.get_dim("nI"))
        self.places, self.pieces = lower.get_dim("nF"), lower.get_dim("nP")
        width = lower.get_dim("nO") * self.pieces
        table: Any = lower(self.tokens, is_train)[0]
        self.table = table.reshape((-1, self.places, width))
        bias: Any = lower.get_param("b")
        self.bias = bias.reshape(-1)
        # Copied to the device once a batch, not once a step: models are made with the upper layer on the CPU.
        self._last: Any = None
        if upper is not None:
            self._last = self.ops.asarray(upper.get_param("W")), self.ops.asarray(upper.get_param("b"))
        outputs = (lower if upper is None else upper).get_dim("nO")
        self._seen = numpy.ones((outputs,), dtype="float32")
        self._seen[[number for number in unseen if number < outputs]] = 0.0
        self._extra = 0
        self._records: list[Record] = []
        self._whole = use_kernels()

    @property
    def nO(self) -> int:
        """Number of actions."""
        return len(self._seen)

    def add_unseen(self, count: int) -> None:
        """Score further actions, which the model knows nothing of, like those that training has not met."""
        self._extra = count
        self._seen = numpy.concatenate([self._seen, numpy.zeros((count,), dtype="float32")])

    @property
    def on_cpu(self) -> bool:
        """Whether the compiled kernels serve."""
        return isinstance(self.ops, NumpyOps) and isinstance(self.table, numpy.ndarray)

    @property
    def unseen(self) -> numpy.ndarray:
        """Which actions training has not met. *Shape:* (nO,), bool."""
        return self._seen == 0.0

    def class_is_unseen(self, action: int) -> bool:
        """Whether an action's score is masked."""
        return bool(self._seen[action] == 0.0)

    def mark_class_unseen(self, action: int) -> None:
        """Mask an action's score from now on."""
        self._seen[action] = 0.0

    def mark_class_seen(self, action: int) -> None:
        """Score an action like any other from now on."""
        self._seen[action] = 1.0

    def clear_memory(self) -> None:
        """Drop what was kept for the backward pass."""
        self._records, self._backprop_tokens = [], None

    # Forward

    def __call__(self, states: Any, is_train: bool) -> tuple[Array, Backprop]:
        """The scores of states, and in training the function that takes their gradient."""
        return self.begin_update(states) if is_train else (self.predict(states), _nothing)

    def predict(self, states: Any, rows: Any = None) -> Array:
        """The scores of the actions in each state. *Shape:* (number of states, nO).

        rows: Which states of the batch; by default all.
        """
        return self._score(self._hidden(self._features(states, rows))[0])

    def begin_update(self, states: Any, rows: Any = None) -> tuple[Array, Backprop]:
        """The scores, and a function that takes their gradient; the backward pass itself runs in `finish_steps`."""
        ids = self._features(states, rows)
        vectors, which = self._hidden(ids)
        dropout = None
        if self.upper is not None and self.drop > 0:
            dropout = self._draw(vectors.shape)
            vectors = vectors * dropout
        record = Record(ids, which, vectors, dropout)

        def backprop(d_scores: Array) -> None:
            # Scores that were replaced by the lowest one teach nothing.
            record.d_scores = d_scores * self.ops.asarray(self._seen) if self.unseen.any() else d_scores
            self._records.append(record)

        return self._score(vectors), backprop

    def _features(self, states: Any, rows: Any) -> Array:
        ids = states.features(self.places, rows) if hasattr(states, "features") else states
        return ids if self.on_cpu else self.ops.asarray(ids, dtype="int32")

    def _hidden(self, ids: Array) -> tuple[Array, Any]:
        if self.on_cpu:
            return hidden(self.table, ids, self.bias, self.pieces)
        sums = self.table[ids + 1, self.ops.xp.arange(self.places)].sum(axis=1) + self.bias
        if self.pieces == 1:
            passed = sums >= 0
            return sums * passed, passed
        return self.ops.maxout(sums.reshape((ids.shape[0], -1, self.pieces)))

    def _draw(self, shape: tuple[int, ...]) -> Array:
        # From numpy on every device, as published.
        return self.ops.asarray(NumpyOps().get_dropout_mask(shape, self.drop))

    def _score(self, vectors: Array) -> Array:
        scores = vectors
        if self._last is not None:
            W, b = self._last
            scores = self.ops.gemm(vectors, W, trans2=True)
            scores += b
        if self._extra:
            blank = self.ops.alloc2f(scores.shape[0], self._extra)
            scores = self.ops.xp.concatenate([scores, blank], axis=1)
        if scores.size and self.unseen.any():
            known = scores[:, : scores.shape[1] - self._extra]
            scores[:, self.ops.asarray(self.unseen)] = self.ops.xp.nanmin(known)
        return scores

    # Backward

    def finish_steps(self, golds: Any = None) -> Array:
        """Pass the gradients of all steps back, through all states at once; returns that of the token vectors.

        golds: Not used; spaCy's callers give it.
        """
        records, self._records = self._records, []
        lower, n_tokens = self.lower, self.tokens.shape[0]
        if not records:
            d_tokens = self.ops.alloc2f(*self.tokens.shape)
        elif not self._whole and self.as_published:
            d_tokens = self._one_by_one(records)
        else:
            d_sums = self._d_sums(records)
            ids = self.ops.xp.concatenate([record.ids for record in records])
            if self.on_cpu:
                table = self.ops.alloc3f(n_tokens + 1, self.places, d_sums.shape[1])
                add_to_tokens(table, ids, d_sums)
            else:
                table = affine.collect(lower, d_sums, ids, n_tokens)
            affine.learn(lower, self.tokens, table, d_sums.sum(axis=0), as_published=self.as_published)
            d_tokens = affine.d_tokens(lower, table)
        if self._backprop_tokens is not None:
            self._backprop_tokens(d_tokens)
        self._backprop_tokens = None
        return d_tokens

    def _one_by_one(self, records: list[Record]) -> Array:
        """The backward pass of each step by itself, in the order of the peer's sums."""
        d_tokens = self.ops.alloc2f(self.tokens.shape[0] + 1, self.tokens.shape[1])
        for record in records:
            d_sums = self._d_sums([record]).reshape((-1, self.lower.get_dim("nO"), self.pieces))
            d_states = affine.backward(self.lower, self.tokens, d_sums, record.ids)
            self.ops.scatter_add(d_tokens, record.ids.reshape(-1), d_states.reshape((-1, d_states.shape[2])))
        return d_tokens[:-1]

    def _d_sums(self, records: list[Record]) -> Array:
        """The gradient of the sums of all states."""
        xp = self.ops.xp
        gradient = xp.concatenate([self.ops.asarray(record.d_scores) for record in records])
        gradient = gradient[:, : self.nO - self._extra]
        if self.upper is not None:
            vectors = xp.concatenate([record.vectors for record in records])
            gradient = self._through_upper(gradient, vectors)
            if records[0].dropout is not None:
                gradient *= xp.concatenate([record.dropout for record in records])
        which = xp.concatenate([record.which for record in records])
        if self.on_cpu:
            return widen(numpy.ascontiguousarray(gradient, dtype="float32"), which, self.pieces)
        if self.pieces == 1:
            return gradient * which
        return self.ops.backprop_maxout(gradient, which, self.pieces).reshape((gradient.shape[0], -1))

    def _through_upper(self, gradient: Array, vectors: Array) -> Array:
        upper: Any = self.upper
        d_W = self.ops.gemm(gradient, vectors, trans1=True)
        upper.inc_grad("W", upper.ops.asarray(_as_on(upper.ops, d_W)))
        upper.inc_grad("b", upper.ops.asarray(_as_on(upper.ops, gradient.sum(axis=0))))
        return self.ops.gemm(gradient, self._last[0])


def _as_on(ops: Any, array: Any) -> Any:
    """An array as the other device takes it."""
    return array.get() if isinstance(ops, NumpyOps) and hasattr(array, "get") else array


def _nothing(d_scores: Array) -> None:
    return None
