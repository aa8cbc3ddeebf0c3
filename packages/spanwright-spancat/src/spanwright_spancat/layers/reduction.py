"""Vectors of spans: last, first, mean and largest vector, a maxout layer and its normalisation, block by block."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._kernels import spans as kernel

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


class Block(NamedTuple):
    """Some spans: which of the batch they are, and their tokens."""

    rows: Any
    starts: Ints
    ends: Ints

    @property
    def reach(self) -> slice:
        """The tokens from the first start to the last end."""
        return slice(int(self.starts.min()), int(self.ends.max()))

    @property
    def is_dense(self) -> bool:
        """Whether there are more spans than tokens, so that a product for each token is the cheaper one."""
        reach = self.reach
        return len(self.starts) > reach.stop - reach.start


class Weights:
    """The weights of the maxout layer, arranged as products need them.

    W: *Shape:* (hidden, pieces, 4 * width), the inputs in the order last, first, mean, largest.
    """

    def __init__(self, W: Floats) -> None:
        self.source = W.copy()
        self.hidden, self.pieces, inputs = W.shape
        self.width = inputs // 4
        self.columns = self.hidden * self.pieces
        # Piece after piece, so that the largest one is found column by column.
        self.whole = np.ascontiguousarray(W.transpose(2, 1, 0)).reshape((inputs, self.columns))
        parts = self.whole.reshape((4, self.width, self.columns))
        self.of_tokens = np.ascontiguousarray(parts[:3].transpose(1, 0, 2)).reshape((self.width, 3 * self.columns))
        self.of_maxima = parts[3]

    def is_of(self, W: Floats) -> bool:
        """Whether these are the numbers of `W`."""
        return np.array_equal(self.source, W)

    def arranged(self, d_whole: NDArray[Any]) -> Floats:
        """A gradient in the order of `whole`, in that of the parameter."""
        shape = (4 * self.width, self.pieces, self.hidden)
        return np.ascontiguousarray(d_whole.reshape(shape).transpose(2, 1, 0), dtype="float32")


class Reduction:
    """Gives spans their vectors.

    X: Token vectors. *Shape:* (n_tokens, width).
    weights: Of the maxout layer. bias: Its bias. *Shape:* (hidden, pieces).
    scale, shift: Of the normalisation. *Shape:* (hidden,).
    """

    def __init__(self, X: Floats, weights: Weights, bias: Floats, scale: Floats, shift: Floats) -> None:
        self.X, self.weights, self.scale, self.shift = X, weights, scale, shift
        self.bias = np.ascontiguousarray(bias.T).reshape(-1)

    def forward(self, block: Block) -> Floats:
        """The vectors of some spans (n, hidden)."""
        return self._run(block, None, None)

    def forward_traced(self, block: Block, mask: Floats | None) -> tuple[Floats, kernel.Trace]:
        """The vectors, and what their gradients will need. mask: Of dropout."""
        trace = kernel.Trace(len(block.starts), self.weights.hidden)
        return self._run(block, mask, trace), trace

    def _run(self, block: Block, mask: Floats | None, trace: kernel.Trace | None) -> Floats:
        weights = self.weights
        out = np.empty((len(block.starts), weights.hidden), dtype="float32")
        tables: dict[str, Any] = {}
        if block.is_dense:
            maxima, _ = kernel.maxima(self.X, block.starts, block.ends)
            sums = maxima @ weights.of_maxima
            tables = self._tables(block.reach)
        else:
            reduced, _ = kernel.reductions(self.X, block.starts, block.ends)
            sums = reduced @ weights.whole
        spans = (block.starts, block.ends)
        kernel.hidden(sums, *spans, self.bias, self.scale, self.shift, out, mask=mask, trace=trace, **tables)
        return out

    def _tables(self, reach: slice) -> dict[str, Any]:
        """What each token gives as last and first, and running sums of what it gives to means."""
        tables = self.X[reach] @ self.weights.of_tokens
        return {"first": reach.start, "tables": tables, "means": kernel.sums_of_means(tables)}

    def gradient(self) -> Gradient:
        """An empty sum of gradients."""
        return Gradient(self)


class Gradient:
    """Adds up the gradients of blocks.

    tokens: Gradient of the token vectors. *Shape:* (n_tokens, width).
    """

    def __init__(self, reduction: Reduction) -> None:
        weights = reduction.weights
        self.reduction = reduction
        self.tokens = np.zeros(reduction.X.shape, dtype="float32")
        self._weights = np.zeros(weights.whole.shape, dtype="float32")
        self._bias = np.zeros((weights.columns,), dtype="float64")
        self._scale = np.zeros((weights.hidden,), dtype="float64")
        self._shift = np.zeros((weights.hidden,), dtype="float64")

    def weights(self) -> Floats:
        """Gradient of the maxout layer's weights (hidden, pieces, 4 * width)."""
        return self.reduction.weights.arranged(self._weights)

    def bias(self) -> Floats:
        """Gradient of its bias (hidden, pieces)."""
        weights = self.reduction.weights
        return np.ascontiguousarray(self._bias.reshape((weights.pieces, weights.hidden)).T, dtype="float32")

    def scale(self) -> Floats:
        """Gradient of the normalisation's scale (hidden,)."""
        return self._scale.astype("float32")

    def shift(self) -> Floats:
        """Gradient of its shift (hidden,)."""
        return self._shift.astype("float32")

    def add(self, block: Block, trace: kernel.Trace, d_vectors: Floats, mask: Floats | None) -> None:
        """Add what a block gives, from the gradient of its vectors (n, hidden)."""
        weights, X = self.reduction.weights, self.reduction.X
        tables: dict[str, Any] = {}
        if block.is_dense:
            length, columns = block.reach.stop - block.reach.start, weights.columns
            tables["first"] = block.reach.start
            tables["d_tables"] = np.zeros((length, 3 * columns), dtype="float32")
            tables["d_means"] = np.zeros((length + 1, columns), dtype="float64")
        spans = (block.starts, block.ends)
        sums = (self._bias, self._scale, self._shift)
        d_vectors = np.ascontiguousarray(d_vectors)
        scale = self.reduction.scale
        d_sums = kernel.hidden_back(d_vectors, trace, weights.pieces, *spans, scale, *sums, mask=mask, **tables)
        if not block.is_dense:
            reduced, which = kernel.reductions(X, *spans, trace=True)
            self._weights += reduced.T @ d_sums
            kernel.reductions_back(d_sums @ weights.whole.T, *spans, which, self.tokens)
            return
        maxima, which = kernel.maxima(X, *spans, trace=True)
        parts = self._weights.reshape((4, weights.width, weights.columns))
        parts[3] += maxima.T @ d_sums
        kernel.maxima_back(d_sums @ weights.of_maxima.T, which, self.tokens)
        self._add_tables(block.reach, parts, **tables)

    def _add_tables(
        self, reach: slice, parts: Floats, *, first: int, d_tables: Floats, d_means: NDArray[np.float64]
    ) -> None:
        weights, X = self.reduction.weights, self.reduction.X
        kernel.sums_of_means_back(d_means, d_tables)
        products = X[reach].T @ d_tables
        parts[:3] += products.reshape((weights.width, 3, weights.columns)).transpose(1, 0, 2)
        self.tokens[reach] += d_tables @ weights.of_tokens.T
