"""The fast forward and backward pass of MultiHashEmbed, as the callback of its outermost node.

An embedding depends on nothing but the attribute values of a token. So the distinct tuples of values in a batch are
embedded once, and the maxout layer is split: its product with the embedding of one value of one attribute is computed
once for each distinct value, and summed for each tuple. Whenever the nodes below are not what the architecture put
there, the weights are not on the CPU, or kernels are switched off (SPANWRIGHT_KERNELS), the nodes themselves run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from thinc.api import Model
from thinc.backends import NumpyOps
from thinc.layers.array_getitem import forward as getitem_forward
from thinc.layers.chain import forward as plain_forward
from thinc.layers.concatenate import forward as concatenate_forward
from thinc.layers.dropout import forward as dropout_forward
from thinc.layers.hashembed import forward as hashembed_forward
from thinc.layers.layernorm import forward as layernorm_forward
from thinc.layers.list2ragged import forward as list2ragged_forward
from thinc.layers.maxout import forward as maxout_forward
from thinc.layers.ragged2list import forward as ragged2list_forward
from thinc.layers.with_array import forward as with_array_forward

from spanwright.ml.kernels import use_kernels

from .._kernels import hash_embed as kernels
from ..architectures.feature_extractor import forward as extract_forward
from .empty import embed_empty, is_empty
from .features import gather_features
from .static_vectors import forward as static_forward
from .static_vectors import look_up, project, vectors_attr

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


# So few distinct tokens are multiplied by all weights at once: copying their columns would take longer.
FEW = 64


class Nodes(NamedTuple):
    """The nodes of a MultiHashEmbed that hold weights or settings."""

    columns: list[str | int]
    tables: list[tuple[int, Model]]  # (column, hashembed)
    static: Model | None
    maxout: Model
    norm: Model
    dropout: Model


class Part(NamedTuple):
    """One input of the maxout layer: the distinct values of an attribute in the batch."""

    value_of: Ints  # for each distinct token, the number of its value
    values: Any  # float32, the embedding of each value, after dropout
    backward: Callable[[Any], None]  # takes the gradient of `values`


def multi_hash_forward(model: Any, docs: Any, is_train: bool) -> tuple[Any, Callable]:
    """Callback `forward(model, docs, is_train)` of the outermost node of MultiHashEmbed."""
    if is_empty(docs):
        return embed_empty(model, docs)
    nodes = find_nodes(model) if use_kernels() else None
    if nodes is None or not _fits(nodes):
        return plain_forward(model, docs, is_train)
    columns = list(nodes.columns)
    if nodes.static is not None:
        columns.append(vectors_attr(docs[0].vocab.vectors))
    matrix, lengths = gather_features(docs, columns)
    first, inverse = kernels.unique_rows(np.ascontiguousarray(matrix))
    distinct = matrix[first]
    parts = [_hash_part(column, table, distinct, is_train) for column, table in nodes.tables]
    if nodes.static is not None:
        parts.append(_static_part(nodes.static, docs[0].vocab.vectors, distinct[:, -1], is_train))
    embedded, backward = _mix(nodes, parts, is_train)
    if not is_train:
        # Memory of its own for each Doc, so that a Doc that is kept does not keep the batch.
        return [embedded[piece] for piece in _cut(inverse, lengths)], _no_backward(model, docs)
    mask = _dropout_mask(nodes.dropout, (len(inverse), embedded.shape[1]))
    output = embedded[inverse]
    if mask is not None:
        output *= mask

    def backprop(d_output: Sequence[Floats]) -> list[Any]:
        d_tokens = np.concatenate(list(d_output)).astype(np.float32, copy=False)
        d_embedded = np.zeros_like(embedded)
        kernels.add_rows(d_embedded, inverse[:, None], d_tokens if mask is None else d_tokens * mask)
        backward(d_embedded)
        return []

    return _cut(output, lengths), backprop


def _cut(rows: Any, lengths: Any) -> list[Any]:
    """The rows of each Doc. What numpy.split does, in a fraction of its time for a single Doc."""
    ends = np.cumsum(lengths).tolist()
    return [rows[end - length : end] for length, end in zip(lengths.tolist(), ends, strict=True)]


def _no_backward(model: Model, docs: Any) -> Callable:
    """Prediction is not meant to be followed by a backward pass; if it is, the nodes themselves do the work."""

    def backprop(d_output: Sequence[Floats]) -> Any:
        return plain_forward(model, docs, False)[1](d_output)

    return backprop


def find_nodes(model: Model) -> Nodes | None:
    """The nodes of a MultiHashEmbed; None if any of them is not what the architecture put there."""
    static = None
    layers = list(model.layers)
    if len(layers) == 3:
        both = layers[0]
        if both._func is not concatenate_forward or len(both.layers) != 2 or both.layers[0]._func is not plain_forward:
            return None
        static = both.layers[1]
        layers = [*both.layers[0].layers, *layers[1:]]
        if static._func is not static_forward:
            return None
    expected = (extract_forward, list2ragged_forward, with_array_forward, with_array_forward, ragged2list_forward)
    if len(layers) != len(expected) or any(node._func is not f for node, f in zip(layers, expected, strict=True)):
        return None
    tables, mix = _find_tables(layers[2].layers[0]), _find_mix(layers[3].layers[0])
    if tables is None or mix is None or len(tables) != len(layers[0].attrs["columns"]):
        return None
    return Nodes(list(layers[0].attrs["columns"]), tables, static, *mix)


def _find_tables(node: Model) -> list[tuple[int, Model]] | None:
    """(ints-getitem >> hashembed) | (ints-getitem >> hashembed) | ..., or one alone"""
    found = []
    for part in node.layers if node._func is concatenate_forward else [node]:
        if part._func is not plain_forward or len(part.layers) != 2:
            return None
        getitem, table = part.layers
        if getitem._func is not getitem_forward or table._func is not hashembed_forward:
            return None
        found.append((getitem.attrs["index"][1], table))
    return found


def _find_mix(node: Model) -> tuple[Model, Model, Model] | None:
    """(maxout >> layernorm) >> dropout"""
    if node._func is not plain_forward or len(node.layers) != 2:
        return None
    inner, dropout = node.layers
    if inner._func is not plain_forward or len(inner.layers) != 2 or dropout._func is not dropout_forward:
        return None
    maxout, norm = inner.layers
    if maxout._func is not maxout_forward or norm._func is not layernorm_forward:
        return None
    return maxout, norm, dropout


def _fits(nodes: Nodes) -> bool:
    """Whether the kernels can take these weights."""
    wanted = [(table, "E") for _, table in nodes.tables]
    wanted += [(nodes.maxout, "W"), (nodes.maxout, "b"), (nodes.norm, "G"), (nodes.norm, "b")]
    if nodes.static is not None:
        wanted.append((nodes.static, "W"))
    for node, name in wanted:
        if not isinstance(node.ops, NumpyOps) or not node.has_param(name):
            return False
        value: Any = node.get_param(name)
        if type(value) is not np.ndarray or value.dtype != np.float32 or not value.flags.c_contiguous:
            return False
    widths = [table.get_dim("nO") for _, table in nodes.tables]
    if nodes.static is not None:
        widths.append(nodes.static.get_dim("nO"))
    mix: Any = nodes.maxout.get_param("W")
    nO, nP, nI = mix.shape
    return sum(widths) == nI and nP < 256 and nodes.norm.get_param("G").shape == (nO,)


def _hash_part(column: int, table: Model, distinct: NDArray[np.uint64], is_train: bool) -> Part:
    """The hash embeddings of the distinct values of one column."""
    E: Any = table.get_param("E")
    ids = np.ascontiguousarray(distinct[:, column])
    first, value_of = kernels.unique_rows(ids[:, None])
    rows = kernels.hash_rows(ids[first], table.attrs["seed"], len(E))
    values = kernels.gather_sum(E, rows)
    mask: Any = None
    if is_train:
        mask = table.ops.get_dropout_mask((E.shape[1],), table.attrs.get("dropout_rate"))
        values *= mask

    def backward(d_values: Any) -> None:
        dE: Any = np.zeros_like(E)
        kernels.add_rows(dE, rows, d_values if mask is None else d_values * mask)
        table.inc_grad("E", dE)

    return Part(value_of, values, backward)


def _static_part(static: Model, vectors: Any, ids: NDArray[np.uint64], is_train: bool) -> Part:
    """The projected vectors of the distinct words."""
    ids = np.ascontiguousarray(ids)
    first, value_of = kernels.unique_rows(ids[:, None])
    table, missing = look_up(vectors, ids[first], static.ops)
    values: Any = project(static, table)
    if missing is not None:
        values[missing] = 0
    mask: Any = None
    rate = static.attrs.get("dropout_rate")
    if is_train and rate is not None:
        mask = static.ops.get_dropout_mask((values.shape[1],), rate)
        values = values * mask

    def backward(d_values: Any) -> None:
        d_values = d_values if mask is None else d_values * mask
        static.inc_grad("W", static.ops.gemm(d_values, static.ops.as_contig(table), trans1=True))

    return Part(value_of, values, backward)


def _dropout_mask(node: Model, shape: tuple[int, int]) -> Any:
    rate = node.attrs["dropout_rate"]
    if rate == 0 or not node.attrs["is_enabled"]:
        return None
    return node.ops.get_dropout_mask(shape, rate)


def _mix(nodes: Nodes, parts: list[Part], is_train: bool) -> tuple[Any, Callable[[Any], None]]:
    """The maxout layer and its normalisation, on the distinct tokens."""
    W: Any = nodes.maxout.get_param("W")
    b: Any = nodes.maxout.get_param("b")
    scale: Any = nodes.norm.get_param("G")
    shift: Any = nodes.norm.get_param("b")
    nO, nP, nI = W.shape
    flat = W.reshape(nO * nP, nI)
    columns, start = [], 0
    for part in parts:
        columns.append(slice(start, start + part.values.shape[1]))
        start += part.values.shape[1]
    # thinc's product runs in the calling thread; that of NumPy may use many, which fight where Docs are already
    # processed in parallel.
    multiply = nodes.maxout.ops.gemm
    few = len(parts[0].value_of) <= FEW
    if few and not is_train:
        together: Any = np.concatenate([part.values[part.value_of] for part in parts], axis=1)
        products: list[Any] = [multiply(together, flat, trans2=True)]
        index = np.arange(len(together), dtype=parts[0].value_of.dtype)[:, None]
    else:
        index = np.stack([part.value_of for part in parts], axis=1)
        products = [
            multiply(part.values, flat[:, where], trans2=True) for part, where in zip(parts, columns, strict=True)
        ]
    output, which, normed, rstd = kernels.mix(products, index, b, scale, shift, is_train)

    def backward(d_output: Any) -> None:
        nodes.norm.inc_grad("b", d_output.sum(axis=0))
        nodes.norm.inc_grad("G", (d_output * normed).sum(axis=0))
        d_norm = d_output * scale
        d_best = d_norm - d_norm.mean(axis=1, keepdims=True)
        d_best -= normed * (d_norm * normed).mean(axis=1, keepdims=True)
        d_best *= rstd[:, None]
        d_sums: Any = np.zeros((len(d_best), nO, nP), dtype=np.float32)
        np.put_along_axis(d_sums, which[:, :, None].astype(np.intp), d_best[:, :, None], axis=2)
        nodes.maxout.inc_grad("b", d_sums.sum(axis=0))
        d_flat = d_sums.reshape(len(d_best), nO * nP)
        dW: Any = np.empty((nO * nP, nI), dtype=np.float32)
        for part, where in zip(parts, columns, strict=True):
            d_products = np.zeros((len(part.values), nO * nP), dtype=np.float32)
            kernels.add_rows(d_products, part.value_of[:, None], d_flat)
            dW[:, where] = d_products.T @ part.values
            part.backward(d_products @ flat[:, where])
        nodes.maxout.inc_grad("W", dW.reshape(nO, nP, nI))

    return output, backward
