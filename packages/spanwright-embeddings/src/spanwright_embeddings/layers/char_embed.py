"""Embedding of the first and last bytes of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from thinc.api import Model
from thinc.types import Floats2d

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def CharEmbed_v1(nM: int, nC: int) -> Model[list[Doc], list[Floats2d]]:
    """spacy.CharEmbed.v1: the first and last UTF-8 bytes of each word, one table of vectors for each position.

    nM: Width of the vector of one byte. Advised: 16 to 64.
    nC: Bytes of a word, alternately from its start and its end; a shorter word is padded. Advised: 3 to 8.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, nC * nM).
    """
    return Model(
        "charembed", forward, init=init, dims={"nM": nM, "nC": nC, "nO": nM * nC, "nV": 256}, params={"E": None}
    )


def init(model: Model[list[Doc], list[Floats2d]], X: Any = None, Y: Any = None) -> None:
    """Zeros, as published: the bytes are told apart once training has begun."""
    shape = (model.get_dim("nC"), model.get_dim("nV"), model.get_dim("nM"))
    model.set_param("E", model.ops.alloc3f(*shape))


def forward(
    model: Model[list[Doc], list[Floats2d]], docs: Sequence[Doc] | None, is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Doc]]]:
    """Gather a row for each byte, and add the gradient to one row for each byte."""
    if not docs:
        return [], lambda d_output: []
    ops = model.ops
    E: Any = model.get_param("E")
    nC, nM = model.get_dim("nC"), model.get_dim("nM")
    position = ops.xp.arange(nC)
    ids = [ops.asarray(doc.to_utf8_array(nr_char=nC)) for doc in docs]
    every = ops.xp.concatenate(ids)
    output = E[position, every].reshape(len(every), nC * nM)
    lengths = [len(part) for part in ids]

    def backprop(d_output: list[Floats2d]) -> list[Doc]:
        dE: Any = ops.alloc(E.shape, dtype=E.dtype)
        for doc_ids, d_doc in zip(ids, d_output, strict=True):
            d_words: Any = d_doc
            # As published: within a Doc, a byte that comes again in the same position counts once (its last one).
            dE[position, doc_ids] += d_words.reshape(len(doc_ids), nC, nM)
        model.inc_grad("E", dE)
        return []

    return ops.unflatten(output, ops.asarray1i(lengths)), backprop
