"""The vectors table of the vocabulary as a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from thinc.api import Model
from thinc.initializers import glorot_uniform_init
from thinc.types import Ragged

from ..layers.static_vectors import static_vectors

if TYPE_CHECKING:
    from spanwright.tokens import Doc


def StaticVectors_v2(
    nO: int | None = None,
    nM: int | None = None,
    *,
    dropout: float | None = None,
    init_W: Callable = glorot_uniform_init,
    key_attr: str = "ORTH",
) -> Model[list[Doc], Ragged]:
    """spacy.StaticVectors.v2: the vectors of the vocabulary, projected to a width by learned weights.

    nO: Width of the output; inferred if None.
    nM: Width of the vectors table; taken from the vocabulary of the first Doc if None.
    dropout: Rate at which whole dimensions of the output are dropped in training, for the batch at once; None for
        never. Advised: 0 to 0.3.
    init_W: Makes the first weights, from ops and a shape.
    key_attr: Kept for old configs and without effect (a value other than "ORTH" warns): the table's own `attr` says
        by which attribute it is searched.

    Returns a model: list of Docs in, Ragged of float32 out. *Shape:* (number of tokens, nO). A token without a vector
    gets zeros. The table itself is never trained, nor saved with the model.

    Raises ValueError if a width is neither given nor to be inferred, or if the vectors of the vocabulary have another
    width than the weights.
    """
    return static_vectors(nO, nM, dropout=dropout, init_W=init_W, key_attr=key_attr)
