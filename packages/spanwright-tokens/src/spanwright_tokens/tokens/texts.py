"""Set an attribute whose values are texts for all tokens of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .columns import scatter

if TYPE_CHECKING:
    from .doc import Doc


def scatter_texts(
    docs: Sequence[Doc], attr: str | int, texts: Sequence[str | None], rows: Any, keep: NDArray[np.uint64] | None = None
) -> None:
    """Set an attribute such as LEMMA for all tokens of a batch, one Doc after the other.

    The texts live as long as the Docs do: they are not added to the permanent strings.

    docs: Docs.
    attr: The name or id of a token attribute whose values are texts.
    texts: Each text that is used, once; None leaves a token what it has in `keep`.
    rows: For each token the place of its text in `texts`: *Shape: (n_tokens_total,)*.
    keep: Values of the attribute that stay where they are not 0, or where the text is None: *Shape: (n_tokens_total,)*.

    Raises what `scatter` does.
    """
    rows = np.asarray(rows)
    values = np.zeros(len(rows), dtype=np.uint64)
    unset = np.asarray([text is None for text in texts], dtype=bool)
    ids: dict[int, NDArray[np.uint64]] = {}
    start = 0
    for doc in docs:
        # Docs of one arena know each other's texts.
        if id(doc.arena) not in ids:
            made = [0 if text is None else doc._text_id(text) for text in texts]
            ids[id(doc.arena)] = np.asarray(made, dtype=np.uint64)
        values[start : start + len(doc)] = ids[id(doc.arena)][rows[start : start + len(doc)]]
        start += len(doc)
    if keep is not None:
        stays = (keep != 0) | unset[rows] if len(rows) else np.zeros(0, dtype=bool)
        values = np.where(stays, keep, values)
    scatter(docs, attr, values)
