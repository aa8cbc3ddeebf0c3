"""The first version of the layer for the vocabulary's vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from thinc.api import Model
from thinc.initializers import glorot_uniform_init
from thinc.types import Ragged
from thinc.util import partial

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def StaticVectors_v1(
    nO: int | None = None,
    nM: int | None = None,
    *,
    dropout: float | None = None,
    init_W: Callable = glorot_uniform_init,
    key_attr: str = "ORTH",
) -> Model[list[Doc], Ragged]:
    """spacy-legacy.StaticVectors.v1: the vectors of the vocabulary, projected to a width by learned weights.

    Unlike spacy.StaticVectors.v2 it gives a word without a vector the last one of the table: trained weights depend on
    it.

    nO: Width of the output; inferred if None.
    nM: Width of the vectors table; taken from the vocabulary of the first Doc if None.
    dropout: Rate at which whole dimensions of the output are dropped in training; None for never.
    init_W: Makes the first weights, from ops and a shape.
    key_attr: The attribute by which the table is searched.

    Returns a model: list of Docs in, Ragged of float32 out. *Shape:* (number of tokens, nO).

    Raises ValueError if a width is neither given nor to be inferred, or does not fit the vectors.
    """
    return Model(
        "static_vectors",
        forward,
        init=partial(init, init_W),
        params={"W": None},
        attrs={"key_attr": key_attr, "dropout_rate": dropout},
        dims={"nO": nO, "nM": nM},
    )


def forward(model: Any, docs: Any, is_train: bool) -> tuple[Any, Callable]:
    """Look the tokens up and project what was found."""
    ops = model.ops
    lengths = ops.asarray1i([len(doc) for doc in docs])
    if not any(len(doc) for doc in docs):
        return Ragged(ops.alloc2f(0, model.get_dim("nO")), lengths), lambda d_output: []
    W = ops.as_contig(model.get_param("W"))
    key_attr = model.attrs["key_attr"]
    rows = ops.flatten([doc.vocab.vectors.find(keys=doc.to_array(key_attr)) for doc in docs])
    table = ops.as_contig(ops.asarray(docs[0].vocab.vectors.data)[rows])
    if table.shape[1] != W.shape[1]:
        from spanwright.errors import InvalidValueError

        raise InvalidValueError(
            f"spacy-legacy.StaticVectors.v1: the weights are for vectors of width {W.shape[1]}, and the vocabulary's "
            f"have {table.shape[1]}. Load the vectors that the model was trained with."
        )
    output = ops.gemm(table, W, trans2=True)
    mask = None
    if is_train and model.attrs.get("dropout_rate") is not None:
        mask = ops.get_dropout_mask((W.shape[0],), model.attrs["dropout_rate"])
        output *= mask

    def backprop(d_output: Ragged) -> list[Any]:
        d_data: Any = d_output.data if mask is None else d_output.data * mask
        model.inc_grad("W", ops.gemm(d_data, table, trans1=True))
        return []

    return Ragged(output, lengths), backprop


def init(init_W: Callable, model: Any, X: Any = None, Y: Any = None) -> None:
    """Infer the widths from a sample and make the first weights."""
    if X is not None and len(X):
        model.set_dim("nM", X[0].vocab.vectors.data.shape[1])
    if Y is not None:
        model.set_dim("nO", Y.data.shape[1])
    for dim in ("nM", "nO"):
        if not model.has_dim(dim):
            from spanwright.errors import InvalidValueError

            raise InvalidValueError(
                f"spacy-legacy.StaticVectors.v1 cannot be initialised: {dim} is neither an argument nor to be inferred."
            )
    model.set_param("W", init_W(model.ops, (model.get_dim("nO"), model.get_dim("nM"))))
