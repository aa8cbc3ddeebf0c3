"""What Examples say about the categories of their Docs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spanwright.errors import InvalidTypeError, InvalidValueError, SpanwrightWarning
from spanwright_tokens.errors import nearest

if TYPE_CHECKING:
    from spanwright.tokens import Example


class CategoryWarning(SpanwrightWarning):
    """Examples from which a text classifier cannot learn what they may be meant to teach."""


class CategoryTypeError(InvalidTypeError, ValueError):
    """A category's value is no number, or its label no string; spaCy users catch ValueError."""


def check_values(examples: Iterable[Example], name: str, *, exclusive: bool) -> None:
    """Raise InvalidValueError (a ValueError) unless all gold values are 0 or 1.

    name: The component, for the error.
    exclusive: Also require that at most one category of a Doc is 1.
    """
    for example in examples:
        cats = example.reference.cats
        for label, value in cats.items():
            if not isinstance(value, (int, float, np.number, np.bool_)):
                raise CategoryTypeError(
                    f"Component '{name}': category {label!r} of {_doc(example)} has the value {value!r}, "
                    f"a {type(value).__name__}. Values of categories are 1.0 (applies) or 0.0 (does not)."
                )
            if value not in (0.0, 1.0):
                raise InvalidValueError(
                    f"Component '{name}': category {label!r} of {_doc(example)} has the value {value}. To learn from, "
                    f"values must be 1.0 (applies) or 0.0 (does not)."
                )
        if exclusive and sum(value == 1.0 for value in cats.values()) > 1:
            several = [label for label, value in cats.items() if value == 1.0]
            raise InvalidValueError(
                f"Component '{name}' has categories that exclude each other, but {_doc(example)} has several with the "
                f"value 1.0: {several}. Set one of them to 1.0, or use the component textcat_multilabel."
            )


def _doc(example: Example) -> str:
    text = example.reference.text
    return f"the Doc {text[:50] + '...' if len(text) > 50 else text!r}"


def truths(examples: Sequence[Example], labels: Sequence[str], *, missing: bool) -> tuple[Any, Any]:
    """The gold value of each label for each Example, and 1.0 where it is known. *Shape:* (Examples, labels), float32.

    missing: Whether a label without a value is not known; else it is known to be 0.
    """
    columns = {label: column for column, label in enumerate(labels)}
    values = np.zeros((len(examples), len(labels)), dtype="f")
    known = np.zeros_like(values) if missing else np.ones_like(values)
    for row, example in enumerate(examples):
        for label, value in example.reference.cats.items():
            column = columns.get(label)
            if column is not None:
                values[row, column] = value
                known[row, column] = 1.0
    return values, known


def check_positive_label(positive: str, labels: Sequence[str], name: str) -> None:
    """Raise InvalidValueError (a ValueError) unless it is one of two labels."""
    if positive not in labels:
        raise InvalidValueError(
            f"Component '{name}': positive_label is {positive!r}, which is not among the labels {list(labels)}."
            f"{nearest(str(positive), list(labels))}"
        )
    if len(labels) != 2:
        raise InvalidValueError(
            f"Component '{name}': positive_label ({positive!r}) is for tasks with two labels, and there are "
            f"{len(labels)}: {list(labels)}. Leave it out (null)."
        )


def check_threshold(threshold: float, name: str) -> None:
    """Raise InvalidValueError (a ValueError) unless it lies between 0 and 1."""
    if not isinstance(threshold, (int, float, np.floating)) or not 0.0 <= threshold <= 1.0:
        raise InvalidValueError(
            f"Component '{name}': threshold is {threshold!r}, and must be a number from 0.0 to 1.0, as scores are."
        )
