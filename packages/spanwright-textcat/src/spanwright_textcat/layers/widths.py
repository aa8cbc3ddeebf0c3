"""Shape inference where a network's width is that of its token vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thinc.api import Model
from thinc.layers.chain import init as init_chain

from spanwright.ml.width import get_tok2vec_width


def set_widths(
    model: Model,
    dims: Mapping[str, Sequence[str]],
    X: Any,
    Y: Any,
    *,
    then: Callable[[int], None] = lambda width: None,
) -> Model:
    """Initialise a chain. Its tok2vec comes first, as others take their width from it.

    dims: The dims that take the width of the token vectors, by reference of their layer.
    then: What else follows from the width.
    """
    model.get_ref("tok2vec").initialize(X)
    width: Any = get_tok2vec_width(model)
    for ref, names in dims.items():
        for name in names:
            model.get_ref(ref).set_dim(name, width)
    then(width or 0)
    init_chain(model, X, Y)
    return model
