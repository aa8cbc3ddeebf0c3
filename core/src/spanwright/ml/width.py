"""Width of the vectors that a component's tok2vec gives."""

from __future__ import annotations

from typing import Any


def get_tok2vec_width(model: Any) -> int | None:
    """The width of the vectors that `model`'s tok2vec gives.

    model: a thinc Model with a node reference `tok2vec`; if that node has no output width yet, its reference
        `listener` is asked.

    Returns the width, or None if it is not known.
    """
    if not model.has_ref("tok2vec"):
        return None
    tok2vec = model.get_ref("tok2vec")
    if tok2vec.has_dim("nO"):
        return tok2vec.get_dim("nO")
    if tok2vec.has_ref("listener"):
        return tok2vec.get_ref("listener").get_dim("nO")
    return None
