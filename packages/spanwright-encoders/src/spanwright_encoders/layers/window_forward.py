"""The fast forward and backward pass of MaxoutWindowEncoder, as the callback of its outermost node.

It computes what the nodes below compute one after another, in one compiled pass for each layer. Whenever those nodes
are not what the architecture put there, the data is not on the CPU, or kernels are switched off (SPANWRIGHT_KERNELS),
the nodes themselves run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from thinc.api import Model
from thinc.backends import NumpyOps
from thinc.layers.chain import forward as chain_forward
from thinc.layers.dropout import forward as dropout_forward
from thinc.layers.expand_window import forward as expand_window_forward
from thinc.layers.layernorm import forward as layernorm_forward
from thinc.layers.maxout import forward as maxout_forward
from thinc.layers.residual import forward as residual_forward
from thinc.layers.with_array import forward as plain_forward

from spanwright.ml.kernels import use_kernels

from .._kernels import window
from .empty import is_empty, pass_empty

Floats = NDArray[np.float32]

# Rows that go through all layers together in prediction: few enough to stay in the cache, enough to keep the packed
# weights busy.
CHUNK = 2048
# Packed weights that one forward keeps. Copies of a model share it.
KEPT = 32


class Layer(NamedTuple):
    """The nodes of one convolution."""

    maxout: Model
    norm: Model
    dropout: Model
    window_size: int


class WindowForward:
    """Callback `forward(model, Xs, is_train)` of the node `with_array` around the convolutions."""

    __slots__ = ("_packed",)

    def __init__(self) -> None:
        self._packed: dict[int, window.Packed] = {}

    def __reduce__(self) -> Any:
        return WindowForward, ()

    def __deepcopy__(self, memo: Any) -> WindowForward:
        return WindowForward()

    def __call__(self, model: Any, Xs: Any, is_train: bool) -> tuple[Any, Callable]:
        if is_empty(Xs):
            return pass_empty(Xs)
        layers = find_layers(model) if use_kernels() else None
        if layers is None or not _fits(layers, Xs):
            return plain_forward(model, Xs, is_train)
        packed = [(layer, self._pack(layer)) for layer in layers]
        if is_train:
            return _train(model.attrs["pad"], packed, Xs)
        return _predict(model.attrs["pad"], packed, Xs), _no_backward(model, Xs)

    def _pack(self, layer: Layer) -> window.Packed:
        """The layer's weights in the kernel's order; packed again if a single bit of them has changed."""
        W: Any = layer.maxout.get_param("W")
        b: Any = layer.maxout.get_param("b")
        packed = self._packed.get(layer.maxout.id)
        if packed is None or not packed.is_of(W, b):
            packed = window.Packed(W, b)
            # Other threads may do the same: take a list of the keys first, and let a key be gone already.
            for oldest in list(self._packed)[: max(0, len(self._packed) - KEPT + 1)]:
                self._packed.pop(oldest, None)
            self._packed[layer.maxout.id] = packed
        return packed


def find_layers(model: Model) -> list[Layer] | None:
    """The convolutions inside of a `with_array` node; None if there is anything else."""
    if len(model.layers) != 1:
        return None
    inner = model.layers[0]
    blocks = inner.layers if inner._func is chain_forward else [inner]
    layers = [_find_layer(block) for block in blocks]
    found = [layer for layer in layers if layer is not None]
    if len(found) != len(layers) or len({layer.window_size for layer in found}) != 1:
        return None
    return found


def _find_layer(block: Model) -> Layer | None:
    """residual(expand_window >> ((maxout >> layernorm) >> dropout))"""
    if block._func is not residual_forward or not _is_chain(block.layers[0]):
        return None
    expand, pieces = block.layers[0].layers
    if expand._func is not expand_window_forward or not _is_chain(pieces) or not _is_chain(pieces.layers[0]):
        return None
    (maxout, norm), dropout = pieces.layers[0].layers, pieces.layers[1]
    expected = ((maxout, maxout_forward), (norm, layernorm_forward), (dropout, dropout_forward))
    if any(node._func is not forward for node, forward in expected):
        return None
    return Layer(maxout, norm, dropout, expand.attrs["window_size"])


def _is_chain(node: Model) -> bool:
    return node._func is chain_forward and len(node.layers) == 2


def _fits(layers: list[Layer], Xs: Any) -> bool:
    """Whether the kernel can take these weights and this data."""
    if not isinstance(Xs, (list, tuple)):
        return False
    width = None
    for layer in layers:
        if not isinstance(layer.maxout.ops, NumpyOps):
            return False
        if not (layer.maxout.has_param("W") and layer.norm.has_param("G")):
            return False
        params: list[Any] = [layer.maxout.get_param("W"), layer.maxout.get_param("b")]
        params += [layer.norm.get_param("G"), layer.norm.get_param("b")]
        if any(type(p) is not np.ndarray or p.dtype != np.float32 for p in params):
            return False
        nO, nP, nI = params[0].shape
        if nP > window.LARGEST_PIECES or nI != nO * (2 * layer.window_size + 1) or (width or nO) != nO:
            return False
        width = nO
    return all(type(X) is np.ndarray and X.dtype == np.float32 and X.ndim == 2 and X.shape[1] == width for X in Xs)


def _vector(node: Model, name: str) -> Floats:
    return np.ascontiguousarray(node.get_param(name))


def _no_backward(model: Model, Xs: Any) -> Callable:
    """Prediction is not meant to be followed by a backward pass; if it is, the nodes themselves do the work."""

    def backprop(dYs: Sequence[Floats]) -> Any:
        return plain_forward(model, Xs, False)[1](dYs)

    return backprop


# Prediction: Docs are grouped into chunks, with rows of zeros between them as far as the layers can see.


def _predict(pad: int, packed: list[tuple[Layer, window.Packed]], Xs: Sequence[Floats]) -> list[Floats]:
    run = _ChunkRunner(pad, packed)
    outputs: list[Floats] = []
    waiting: list[Floats] = []
    rows = pad
    for X in Xs:
        if waiting and rows + len(X) + pad > CHUNK:
            outputs.extend(run(waiting))
            waiting, rows = [], pad
        if len(X) > CHUNK:
            outputs.append(run.long(X))
        else:
            waiting.append(X)
            rows += len(X) + (pad if len(X) else 0)
            continue
    if waiting:
        outputs.extend(run(waiting))
    return outputs


class _ChunkRunner:
    """Runs all layers over chunks, in two buffers that are used again for the next chunk."""

    def __init__(self, pad: int, packed: list[tuple[Layer, window.Packed]]) -> None:
        self.pad = pad
        self.window_size = packed[0][0].window_size
        self.steps = [(weights, _vector(layer.norm, "G"), _vector(layer.norm, "b")) for layer, weights in packed]
        self.width = packed[0][1].width
        self.buffers: tuple[Floats, Floats] | None = None

    def __call__(self, Xs: Sequence[Floats]) -> list[Floats]:
        """The outputs of a few Docs, each in memory of its own."""
        pad, first = self.pad, self.window_size
        rows = pad + sum(len(X) + pad for X in Xs if len(X))
        x, y = self._take(rows)
        starts, at = [], first
        for X in Xs:
            if len(X):
                x[at : at + pad] = 0
                at += pad
                x[at : at + len(X)] = X
            starts.append(at)
            at += len(X)
        x[at:] = 0
        x = self._run(x, y, rows)
        return [x[start : start + len(X)].copy() for start, X in zip(starts, Xs, strict=True)]

    def long(self, X: Floats) -> Floats:
        """The output of one long Doc, in pieces that see as far into their neighbours as the layers can."""
        output = np.empty_like(X, order="C")
        for start in range(0, len(X), CHUNK):
            stop = min(start + CHUNK, len(X))
            before, after = min(self.pad, start), min(self.pad, len(X) - stop)
            rows = stop - start + 2 * self.pad
            x, y = self._take(rows)
            x[:] = 0
            at = self.window_size + self.pad
            x[at - before : at + stop - start + after] = X[start - before : stop + after]
            x = self._run(x, y, rows)
            output[start:stop] = x[at : at + stop - start]
        return output

    def _take(self, rows: int) -> tuple[Floats, Floats]:
        """Two buffers for so many rows and the guard around them; the guard of the second is zero."""
        size = self.window_size + rows + window.guard(self.window_size)
        if self.buffers is None or len(self.buffers[0]) < size:
            self.buffers = (
                np.empty((size, self.width), dtype=np.float32),
                np.empty((size, self.width), dtype=np.float32),
            )
        x, y = (buffer[:size] for buffer in self.buffers)
        x[: self.window_size] = 0
        y[: self.window_size] = 0
        y[self.window_size + rows :] = 0
        return x, y

    def _run(self, x: Floats, y: Floats, rows: int) -> Floats:
        for weights, scale, shift in self.steps:
            window.forward(x, rows, self.window_size, weights, scale, shift, y)
            x, y = y, x
        return x


# Training: the whole batch in one buffer for each layer, laid out as the nodes would (dropout masks depend on it).


def _train(
    pad: int, packed: list[tuple[Layer, window.Packed]], Xs: Sequence[Floats]
) -> tuple[list[Floats], Callable[[Sequence[Floats]], list[Floats]]]:
    size = packed[0][0].window_size
    lengths = [len(X) for X in Xs]
    layout = _Layout(pad, size, packed[0][1].width, lengths)
    x = layout.fill(Xs)
    inputs, traces = [], []
    for layer, weights in packed:
        trace = window.Trace(layout.rows, layout.width, _dropout_mask(layer.dropout, (layout.rows, layout.width)))
        y = np.zeros_like(x)
        window.forward(x, layout.rows, size, weights, _vector(layer.norm, "G"), _vector(layer.norm, "b"), y, trace)
        inputs.append(x)
        traces.append(trace)
        x = y

    def backprop(dYs: Sequence[Floats]) -> list[Floats]:
        dY = layout.inside(layout.fill(dYs))
        for (layer, _), X, trace in zip(reversed(packed), reversed(inputs), reversed(traces), strict=True):
            dY = _layer_backward(layer, X, trace, dY, layout.rows)
        return [dY[start - size : start - size + n] for start, n in zip(layout.starts, lengths, strict=True)]

    return [x[start : start + n] for start, n in zip(layout.starts, lengths, strict=True)], backprop


class _Layout:
    """Where the rows of each Doc stand in the buffer of a batch: `pad` rows before, between and after them."""

    def __init__(self, pad: int, window_size: int, width: int, lengths: list[int]) -> None:
        self.window_size, self.width, self.lengths = window_size, width, lengths
        self.starts: list[int] = []
        at = window_size
        for n in lengths:
            at += pad if n else 0  # a Doc without a token takes no room
            self.starts.append(at)
            at += n
        self.rows = at + pad - window_size

    def fill(self, Xs: Sequence[Floats]) -> Floats:
        buffer = np.zeros((self.window_size + self.rows + window.guard(self.window_size), self.width), dtype=np.float32)
        for start, X in zip(self.starts, Xs, strict=True):
            buffer[start : start + len(X)] = X
        return buffer

    def inside(self, buffer: Floats) -> Floats:
        return buffer[self.window_size : self.window_size + self.rows]


def _dropout_mask(node: Model, shape: tuple[int, int]) -> Floats | None:
    rate = node.attrs["dropout_rate"]
    if rate == 0 or not node.attrs["is_enabled"]:
        return None
    return np.ascontiguousarray(node.ops.get_dropout_mask(shape, rate), dtype=np.float32)


def _layer_backward(layer: Layer, X: Floats, trace: window.Trace, dY: Floats, rows: int) -> Floats:
    """Add up the gradients of one layer's weights; return that of its input."""
    W: Any = layer.maxout.get_param("W")
    nO, nP, nI = W.shape
    dZ, d_bias, d_scale, d_shift = window.backward(dY, trace, _vector(layer.norm, "G"), nP)
    layer.norm.inc_grad("b", d_shift)
    layer.norm.inc_grad("G", d_scale)
    layer.maxout.inc_grad("b", d_bias)
    flat = np.ascontiguousarray(W).reshape(nO * nP, nI)
    size, width = layer.window_size, nO
    dW: Any = np.empty((nO * nP, nI), dtype=np.float32)
    d_wide = np.zeros((rows + 2 * size, width), dtype=np.float32)
    for i in range(2 * size + 1):
        columns = slice(i * width, (i + 1) * width)
        dW[:, columns] = dZ.T @ X[i : i + rows]
        d_wide[i : i + rows] += dZ @ flat[:, columns]
    layer.maxout.inc_grad("W", dW.reshape(nO, nP, nI))
    return dY + d_wide[size : size + rows]
