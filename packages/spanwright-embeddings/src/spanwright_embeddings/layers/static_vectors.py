"""Projection of the vocabulary's vectors: forward, backward and initialisation."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from thinc.api import Model, get_array_module
from thinc.types import Floats2d, Ragged
from thinc.util import partial

if TYPE_CHECKING:
    from spanwright.tokens import Doc

ORTH = 65


def static_vectors(
    nO: int | None, nM: int | None, *, dropout: float | None, init_W: Callable, key_attr: str
) -> Model[list[Doc], Ragged]:
    """The node `static_vectors`; see the architecture for the arguments."""
    if key_attr != "ORTH":
        warnings.warn(
            f"spacy.StaticVectors.v2: key_attr = {key_attr!r} has no effect. The vectors table is searched by its own "
            "attribute, which is set when the table is made (`init vectors --attr`).",
            DeprecationWarning,
            stacklevel=3,
        )
    return Model(
        "static_vectors",
        forward,
        init=partial(init, init_W),
        params={"W": None},
        attrs={"key_attr": key_attr, "dropout_rate": dropout},
        dims={"nO": nO, "nM": nM},
    )


def forward(
    model: Model[list[Doc], Ragged], docs: list[Doc], is_train: bool
) -> tuple[Ragged, Callable[[Ragged], list[Doc]]]:
    """Look the tokens up and project what was found."""
    ops = model.ops
    lengths = ops.asarray1i([len(doc) for doc in docs])
    if not any(len(doc) for doc in docs):
        return Ragged(ops.alloc2f(0, model.get_dim("nO")), lengths), lambda d_output: []
    vectors = docs[0].vocab.vectors
    keys = np.concatenate([doc.to_array(vectors_attr(vectors)) for doc in docs])
    table, missing = look_up(vectors, keys, ops)
    output: Any = project(model, table)
    if missing is not None:
        output[missing] = 0
    mask: Any = None
    rate = model.attrs.get("dropout_rate")
    if is_train and rate is not None:
        mask = ops.get_dropout_mask((output.shape[1],), rate)
        output *= mask

    def backprop(d_output: Ragged) -> list[Doc]:
        d_data: Any = d_output.data if mask is None else d_output.data * mask
        # Rows without a vector are part of the gradient with the values that `look_up` put there, as the published
        # layer has it.
        model.inc_grad("W", ops.gemm(d_data, table, trans1=True))
        return []

    return Ragged(output, lengths), backprop


def init(init_W: Callable, model: Model[list[Doc], Ragged], X: Any = None, Y: Any = None) -> None:
    """Infer the widths from a sample and make the first weights."""
    if X is not None and len(X):
        model.set_dim("nM", X[0].vocab.vectors.shape[1])
    if Y is not None:
        model.set_dim("nO", Y.data.shape[1])
    for dim, what in (("nM", "the width of the vectors table"), ("nO", "the width of the output")):
        if not model.has_dim(dim):
            from spanwright.errors import InvalidValueError

            raise InvalidValueError(
                f"spacy.StaticVectors.v2 cannot be initialised: {dim}, {what}, is neither an argument nor to be "
                f"inferred. Give {dim} in the config, or initialise with a sample of Docs whose vocabulary has vectors."
            )
    model.set_param("W", init_W(model.ops, (model.get_dim("nO"), model.get_dim("nM"))))


def vectors_attr(vectors: Any) -> int:
    """The attribute by which a vectors table is searched."""
    return getattr(vectors, "attr", ORTH)


def look_up(vectors: Any, keys: Any, ops: Any) -> tuple[Any, Any]:
    """The vectors of keys, and the positions of those that are missing (None if the table has a vector for anything).

    A missing key gets the last row: its place in the result must be overwritten.
    """
    if is_plain_table(vectors):
        rows = vectors.find(keys=keys)
        data = ops.asarray(vectors.data)
        rows = get_array_module(data).asarray(rows)
        return ops.as_contig(data[rows]), ops.xp.nonzero(rows < 0)[0]
    if not hasattr(vectors, "get_batch"):
        from spanwright.errors import InvalidTypeError

        raise InvalidTypeError(
            f"spacy.StaticVectors.v2: the vocabulary's vectors are of type {type(vectors).__name__}, which has no "
            "method `get_batch(keys)`."
        )
    return ops.as_contig(ops.asarray(vectors.get_batch(keys))), None


def is_plain_table(vectors: Any) -> bool:
    """Whether a key has one row of the table or none (and not a sum of n-gram rows)."""
    mode = getattr(vectors, "mode", None)
    return getattr(mode, "value", mode) == "default" and hasattr(vectors, "find")


def project(model: Model[list[Doc], Ragged], table: Any) -> Floats2d:
    """Multiply vectors by the weights of a `static_vectors` node, after a check of the width."""
    W: Any = model.ops.as_contig(model.get_param("W"))
    if table.shape[1] != W.shape[1]:
        from spanwright.errors import InvalidValueError

        found = f"of width {table.shape[1]}" if table.shape[1] else "none at all"
        raise InvalidValueError(
            f"spacy.StaticVectors.v2: the weights are for vectors of width {W.shape[1]}, and the vocabulary has "
            f"{found}. Load the vectors that the model was trained with ([initialize] vectors), or train without "
            "them (include_static_vectors = false)."
        )
    vectors: Any = model.ops.asarray_f(table)
    return model.ops.gemm(vectors, W, trans2=True)
