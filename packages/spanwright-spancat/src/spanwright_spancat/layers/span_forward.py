"""The pass of SpanCategorizer over candidates, as the callback of its outermost node.

Instead of cutting every candidate out of the token vectors, the reducer's weights are multiplied with the tokens of a
block once, as far as they apply to the last, the first and the mean vector: what spans share is computed once. Only the
maximum needs a product for each span. Whenever the nodes are not what the architectures of this distribution put there,
the data is not on the CPU, or kernels are switched off (SPANWRIGHT_KERNELS), the nodes themselves run.

In prediction candidates go through in blocks, so that memory has a bound whichever way is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from thinc.api import Model, to_numpy
from thinc.backends import NumpyOps
from thinc.layers.chain import forward as chain_forward
from thinc.layers.concatenate import forward as concatenate_forward
from thinc.layers.dropout import forward as dropout_forward
from thinc.layers.layernorm import forward as layernorm_forward
from thinc.layers.maxout import forward as maxout_forward
from thinc.layers.reduce_first import forward as first_forward
from thinc.layers.reduce_last import forward as last_forward
from thinc.layers.reduce_max import forward as max_forward
from thinc.layers.reduce_mean import forward as mean_forward
from thinc.layers.with_getitem import forward as getitem_forward
from thinc.types import Ragged

from spanwright.ml.empty import MatrixUnlessEmpty
from spanwright.ml.extract_spans import forward as extract_forward
from spanwright.ml.kernels import use_kernels

from .reduction import Block, Reduction, Weights

Floats = NDArray[np.float32]

# Spans that go through together: enough to keep matrix products busy, few enough for their sums to stay in the cache.
BLOCK = 1024
# What node by node may be held for the candidates of a batch, in MiB.
MEMORY = 256
# Copies of a span's vectors that are held at once when nodes run: cut out, gradients of their indices, reduced.
COPIES = 3
BYTES = 4


class Nodes(NamedTuple):
    """The nodes of a reducer that the pass replaces."""

    maxout: Model
    norm: Model
    dropout: Model


class SpanForward:
    """Callback `forward(model, (docs, spans), is_train)` of the outermost node.

    memory: About how many MiB the candidates of a batch may take in prediction where nodes run one by one.
    """

    __slots__ = ("_weights", "memory")

    def __init__(self, memory: int = MEMORY) -> None:
        self.memory = memory
        self._weights: dict[int, Weights] = {}

    def __reduce__(self) -> Any:
        return SpanForward, (self.memory,)

    def __deepcopy__(self, memo: Any) -> SpanForward:
        return SpanForward(self.memory)

    def __call__(self, model: Any, inputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        """Score the candidates of a batch."""
        if not len(inputs[1].dataXd) and model.has_dim("nO"):
            return model.ops.alloc2f(0, model.get_dim("nO")), lambda d_scores: inputs
        nodes = find_nodes(model) if use_kernels() else None
        plain = len(model.layers) != 4 or model.layers[0]._func is not getitem_forward
        if plain or (is_train and nodes is None):
            return chain_forward(model, inputs, is_train)
        (tokens, spans), backprop_tokens = model.layers[0](inputs, is_train)
        if nodes is not None and fits(nodes, tokens, spans):
            run = _train if is_train else _predict
            return run(model, self._weights_of(nodes), nodes, (tokens, spans), backprop_tokens)
        if is_train:
            return _go_on(model, (tokens, spans), backprop_tokens)
        return _in_pieces(model, (tokens, spans), self.memory << 20), _no_backward(model, inputs)

    def _weights_of(self, nodes: Nodes) -> Weights:
        """The weights in the order that the pass reads them; arranged again if a number of them has changed."""
        W: Any = nodes.maxout.get_param("W")
        weights = self._weights.get(nodes.maxout.id)
        if weights is None or not weights.is_of(W):
            weights = Weights(W)
            self._weights = {nodes.maxout.id: weights}
        return weights


def find_nodes(model: Model) -> Nodes | None:
    """with_getitem >> extract_spans >> (last | first | mean | max) >> maxout >> layernorm >> dropout >> any scorer."""
    if len(model.layers) != 4 or model.layers[1]._func is not extract_forward:
        return None
    reducer = model.layers[2]
    if len(reducer.layers) != 2 or not _is_reducer(reducer) or reducer.layers[0]._func is not concatenate_forward:
        return None
    parts = [node._func for node in reducer.layers[0].layers]
    if parts != [last_forward, first_forward, mean_forward, max_forward]:
        return None
    hidden = reducer.layers[1]
    if not _is_chain(hidden) or not _is_chain(hidden.layers[0]):
        return None
    (maxout, norm), dropout = hidden.layers[0].layers, hidden.layers[1]
    expected = ((maxout, maxout_forward), (norm, layernorm_forward), (dropout, dropout_forward))
    return Nodes(maxout, norm, dropout) if all(node._func is forward for node, forward in expected) else None


def _is_reducer(node: Model) -> bool:
    forward = node._func.forward if isinstance(node._func, MatrixUnlessEmpty) else node._func
    return forward is chain_forward


def _is_chain(node: Model) -> bool:
    return node._func is chain_forward and len(node.layers) == 2


def fits(nodes: Nodes, tokens: Ragged, spans: Ragged) -> bool:
    """Whether the pass can take these weights and this data."""
    if not isinstance(nodes.maxout.ops, NumpyOps):
        return False
    if not (nodes.maxout.has_param("W") and nodes.norm.has_param("G")):
        return False
    params: list[Any] = [nodes.maxout.get_param("W"), nodes.maxout.get_param("b")]
    params += [nodes.norm.get_param("G"), nodes.norm.get_param("b")]
    X, bounds = tokens.dataXd, spans.dataXd
    if any(type(array) is not np.ndarray or array.dtype != np.float32 for array in (*params, X)):
        return False
    if not len(X) or X.ndim != 2 or bounds.ndim != 2 or bounds.shape[1] != 2:
        return False
    return params[0].shape[1] < 256 and params[0].shape[2] == 4 * X.shape[1]


def _absolute(tokens: Ragged, spans: Ragged) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Starts and ends of the spans as rows of the token vectors."""
    lengths = np.asarray(tokens.lengths, dtype="int64")
    offsets = np.repeat(np.cumsum(lengths) - lengths, np.asarray(spans.lengths))
    bounds = np.asarray(spans.dataXd)
    return (bounds[:, 0] + offsets).astype("int32"), (bounds[:, 1] + offsets).astype("int32")


def blocks(starts: NDArray[np.int32], ends: NDArray[np.int32]) -> Iterator[Block]:
    """Cut spans into blocks of neighbours; spans that come in another order are sorted first."""
    n = len(starts)
    edges = np.arange(0, n, BLOCK)
    order: Any = None
    if n > BLOCK:
        reach = np.maximum.reduceat(ends, edges) - np.minimum.reduceat(starts, edges)
        if int(reach.sum()) > 2 * (int(ends.max()) - int(starts.min())):
            order = np.argsort(starts, kind="stable")
            starts, ends = starts[order], ends[order]
    for edge in edges.tolist():
        part = slice(edge, min(edge + BLOCK, n))
        yield Block(part if order is None else order[part], starts[part], ends[part])


def _predict(
    model: Any, weights: Weights, nodes: Nodes, inputs: tuple[Ragged, Ragged], backprop_tokens: Any
) -> tuple[Any, Callable]:
    tokens, spans = inputs
    scorer = model.layers[3]
    X = np.ascontiguousarray(tokens.dataXd)
    reduction = Reduction(X, weights, *_params(nodes))
    scores: Any = None
    total = len(spans.dataXd)
    for block in blocks(*_absolute(tokens, spans)):
        found = scorer.predict(reduction.forward(block))
        if scores is None:
            scores = np.empty((total, found.shape[1]), dtype=found.dtype)
        scores[block.rows] = found
    if scores is None:
        scores = scorer.predict(np.zeros((0, weights.hidden), dtype="float32"))

    def backprop(d_scores: Any) -> Any:
        # Prediction is not meant to be followed by a backward pass; if it is, the nodes themselves do the work.
        return _go_on(model, inputs, backprop_tokens)[1](d_scores)

    return scores, backprop


def _train(
    model: Any, weights: Weights, nodes: Nodes, inputs: tuple[Ragged, Ragged], backprop_tokens: Any
) -> tuple[Any, Callable]:
    tokens, spans = inputs
    X = np.ascontiguousarray(tokens.dataXd)
    reduction = Reduction(X, weights, *_params(nodes))
    vectors = np.empty((len(spans.dataXd), weights.hidden), dtype="float32")
    mask = _dropout_mask(nodes.dropout, vectors.shape)
    kept = list(blocks(*_absolute(tokens, spans)))
    traces = []
    for block in kept:
        vectors[block.rows], trace = reduction.forward_traced(block, None if mask is None else mask[block.rows])
        traces.append(trace)
    scores, backprop_scores = model.layers[3](vectors, True)

    def backprop(d_scores: Any) -> Any:
        d_vectors = np.asarray(backprop_scores(d_scores))
        gradient = reduction.gradient()
        for block, trace in zip(kept, traces, strict=True):
            gradient.add(block, trace, d_vectors[block.rows], None if mask is None else mask[block.rows])
        sums: list[tuple[Model, str, Any]] = [
            (nodes.norm, "b", gradient.shift()),
            (nodes.norm, "G", gradient.scale()),
            (nodes.maxout, "b", gradient.bias()),
            (nodes.maxout, "W", gradient.weights()),
        ]
        for node, name, d_param in sums:
            node.inc_grad(name, d_param)
        return backprop_tokens((Ragged(gradient.tokens, tokens.lengths), spans))  # type: ignore[arg-type]

    return scores, backprop


def _params(nodes: Nodes) -> tuple[Floats, Floats, Floats]:
    bias: Any = nodes.maxout.get_param("b")
    return bias, *(np.ascontiguousarray(nodes.norm.get_param(name)) for name in ("G", "b"))


def _dropout_mask(node: Model, shape: tuple[int, int]) -> Floats | None:
    rate = node.attrs["dropout_rate"]
    if rate == 0 or not node.attrs["is_enabled"]:
        return None
    return np.ascontiguousarray(node.ops.get_dropout_mask(shape, rate), dtype=np.float32)


# Node by node.


def _go_on(model: Any, inputs: tuple[Ragged, Ragged], backprop_tokens: Any) -> tuple[Any, Callable]:
    """Run the nodes after the first one."""
    output: Any = inputs
    callbacks = []
    for node in model.layers[1:]:
        output, callback = node(output, True)
        callbacks.append(callback)

    def backprop(d_output: Any) -> Any:
        for callback in reversed(callbacks):
            d_output = callback(d_output)
        return backprop_tokens(d_output)

    return output, backprop


def _in_pieces(model: Any, inputs: tuple[Ragged, Ragged], budget: int) -> Any:
    """The scores of candidates, so many at a time as the budget (in bytes) has room for."""
    tokens, spans = inputs
    pieces = list(_cut(tokens, spans, budget))
    found = []
    for piece in pieces:
        output: Any = (tokens, piece)
        for node in model.layers[1:]:
            output = node.predict(output)
        found.append(output)
    return found[0] if len(found) == 1 else model.ops.xp.concatenate(found)


def _cut(tokens: Ragged, spans: Ragged, budget: int) -> Iterator[Ragged]:
    """The spans in order, in pieces whose tokens fit into the budget, each with a number of spans for every Doc."""
    bounds, counts = to_numpy(spans.dataXd), to_numpy(spans.lengths)
    if not len(bounds) or bounds.shape[1] != 2:
        yield spans
        return
    rows = np.cumsum((bounds[:, 1].astype("int64") - bounds[:, 0]).clip(min=1))
    width = max(1, int(np.prod(tokens.dataXd.shape[1:])))
    room = max(1, budget // (width * BYTES * COPIES))
    if rows[-1] <= room:
        yield spans
        return
    last: Any = np.cumsum(counts)
    start = 0
    while start < len(rows):
        before = int(rows[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(rows, before + room, side="right")))
        # Most Docs have no candidate in a piece.
        inside = np.minimum(last, stop).clip(min=start) - np.minimum(last - counts, stop).clip(min=start)
        piece: Any = spans.dataXd[start:stop]
        yield Ragged(piece, _like(spans.lengths, inside))
        start = stop


def _like(array: Any, values: NDArray[Any]) -> Any:
    from thinc.api import get_array_module

    return get_array_module(array).asarray(values, dtype="int32")


def _no_backward(model: Any, inputs: Any) -> Callable[[Any], Any]:
    def backprop(d_scores: Any) -> Any:
        return chain_forward(model, inputs, False)[1](d_scores)

    return backprop
