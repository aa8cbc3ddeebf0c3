"""What the token-level scores read from an Example: columns of ids and the tokens that align one to one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

# Attributes of a Token whose value is the id in the column of that name.
ID_ATTRS = {
    "tag": "TAG",
    "pos": "POS",
    "lemma": "LEMMA",
    "dep": "DEP",
    "ent_type": "ENT_TYPE",
    "ent_kb_id": "ENT_KB_ID",
    "ent_id": "ENT_ID",
    "lower": "LOWER",
    "shape": "SHAPE",
    "prefix": "PREFIX",
    "suffix": "SUFFIX",
    "orth": "ORTH",
}

# Values that stand for "not annotated".
MISSING_VALUES = frozenset([None, 0, ""])


def morph_key(token: Any, attr: str) -> int:
    """Getter of the id of a token's morphological analysis (a plain `getattr` gives an object)."""
    return getattr(token, attr).key


def lower_label(token: Any, attr: str) -> str:
    """Getter of a label in lower case."""
    return token.vocab.strings.as_string(getattr(token, attr)).lower()


def column_of(attr: str, getter: Callable[[Any, str], Any]) -> str | None:
    """The column that holds what `getter(token, attr)` would return, or None if there is none."""
    if getter is getattr:
        return ID_ATTRS.get(attr)
    if getter is morph_key and attr == "morph":
        return "MORPH"
    return None


def values_of(doc: Any, attr: str, getter: Callable[[Any, str], Any]) -> np.ndarray | list[Any]:
    """The attribute's value for each token of a Doc: an array of ids where a column has them, else a list."""
    column = column_of(attr, getter)
    if column is not None:
        return doc.to_array([column])
    return [getter(token, attr) for token in doc]


def missing_ids(missing_values: Collection[Any]) -> np.ndarray:
    """Those of the missing values that an id can equal."""
    return np.asarray([v for v in missing_values if isinstance(v, int) and v >= 0], dtype="uint64")


def missing_mask(values: np.ndarray | list[Any], missing_values: Collection[Any]) -> np.ndarray:
    """Which values count as not annotated; bool, one a token."""
    if isinstance(values, np.ndarray):
        if missing_values is MISSING_VALUES:
            return values == 0
        return np.isin(values, missing_ids(missing_values))
    return np.asarray([value in missing_values for value in values], dtype=bool)


def word_mask(doc: Any) -> np.ndarray:
    """Which tokens are more than whitespace; bool, one a token."""
    from spanwright_tokens.tokens.alignment import is_space_mask

    return ~is_space_mask(doc)


def one_to_one(example: Any) -> tuple[np.ndarray, np.ndarray]:
    """Predicted words that align to a single gold token: their indices, and the gold tokens' indices."""
    x2y = example.alignment.x2y
    predicted = np.flatnonzero((x2y.lengths == 1) & word_mask(example.predicted))
    return predicted, x2y.data[x2y.starts[predicted]]
