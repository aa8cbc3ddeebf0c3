"""What a suggester gives, checked, and which candidates are gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spanwright.errors import InvalidTypeError, InvalidValueError, MissingKeyError
from spanwright.tokens import Doc, Example
from spanwright_tokens.errors import nearest

Ints = NDArray[np.int64]


def to_numpy(array: Any) -> NDArray[Any]:
    """The array in main memory."""
    return array if isinstance(array, np.ndarray) else array.get()


def is_number(value: Any, kind: type = float) -> bool:
    """Whether it is a number; kind: float, which whole numbers are as well, or int."""
    kinds = (int, np.integer) if kind is int else (int, float, np.integer, np.floating)
    return isinstance(value, kinds) and not isinstance(value, bool)


def check_candidates(found: Any, docs: Sequence[Doc], name: str) -> None:
    """Raise InvalidTypeError or InvalidValueError unless these are candidates of these Docs.

    name: The component's, for the error.
    """
    from thinc.types import Ragged

    title = f"The suggester of component '{name}'"
    if not isinstance(found, Ragged):
        raise InvalidTypeError(
            f"{title} gave a {type(found).__name__}; it must give a Ragged: data int32 (candidates, 2) with start and "
            "end token, and the number of candidates of each Doc."
        )
    counts, bounds = to_numpy(found.lengths), to_numpy(found.dataXd)
    if counts.ndim != 1 or counts.dtype.kind not in "iu" or counts.min(initial=0) < 0:
        raise InvalidValueError(
            f"{title} gave the numbers {counts.tolist()} (type {counts.dtype}) of candidates; expected a whole "
            "number, 0 or more, for each Doc."
        )
    if len(counts) != len(docs) or int(counts.sum()) != len(bounds):
        raise InvalidValueError(
            f"{title} gave {len(bounds)} candidates with the numbers of {len(counts)} Docs, which add up to "
            f"{int(counts.sum())}; it got {len(docs)} Docs."
        )
    if not len(bounds):
        return
    if bounds.ndim != 2 or bounds.shape[1] != 2 or bounds.dtype.kind not in "iu":
        raise InvalidValueError(
            f"{title} gave candidates of shape {bounds.shape} and type {bounds.dtype}; expected whole numbers (n, 2)."
        )
    lengths = np.repeat([len(doc) for doc in docs], counts.astype("int64"))
    wrong = (bounds[:, 0] < 0) | (bounds[:, 1] > lengths) | (bounds[:, 0] >= bounds[:, 1])
    if wrong.any():
        row = int(wrong.argmax())
        start, end = bounds[row].tolist()
        number = int(np.searchsorted(np.cumsum(counts), row, side="right"))
        what = "has no token" if start >= end else "is not within the Doc"
        raise InvalidValueError(
            f"{title} gave the span ({start}, {end}) for Doc {number}, which has {int(lengths[row])} tokens: it {what}."
        )


class Gold(NamedTuple):
    """Gold spans of some Examples, as spans of the predicted Docs.

    number: Which Example each belongs to. start, end: Its tokens. label: Its label.
    unaligned: Gold spans that are no whole tokens of the predicted Docs.
    """

    number: Ints
    start: Ints
    end: Ints
    label: list[str]
    unaligned: int

    @classmethod
    def of(cls, examples: Sequence[Example], key: str) -> Gold:
        """The spans of a group. A label that the group has twice over a span counts once."""
        rows: list[tuple[int, int, int]] = []
        labels: list[str] = []
        unaligned = 0
        for number, example in enumerate(examples):
            group = example.reference.spans.get(key, [])
            if not len(group):
                continue
            aligned = example.get_aligned_spans_y2x(group, allow_overlap=True)
            rows += [(number, span.start, span.end) for span in aligned]
            labels += [span.label_ for span in aligned]
            unaligned += len(group) - len(aligned)
        number, start, end = np.asarray(rows, dtype="int64").reshape((-1, 3)).T
        return cls(number, start, end, labels, unaligned)

    def columns(self, asked: Ints, label_map: Mapping[str, int], name: str, key: str) -> Ints:
        """The columns of some gold spans. Raises MissingKeyError (a KeyError) for a label that the component lacks."""
        labels = [self.label[number] for number in asked.tolist()]
        for label in dict.fromkeys(labels):
            if label not in label_map:
                raise MissingKeyError(
                    f"Gold spans under '{key}' have the label {label!r}, which component '{name}' does not have."
                    f"{nearest(label, list(label_map))} Add it with add_label, or initialize the component with "
                    "examples that have it."
                )
        return np.asarray([label_map[label] for label in labels], dtype="int64")

    def rows(self, candidates: Any) -> Ints:
        """The candidate that each gold span is, as a row of the batch; -1 if the suggester missed it."""
        rows = np.full(len(self.label), -1, dtype="int64")
        bounds, counts = to_numpy(candidates.dataXd), to_numpy(candidates.lengths)
        if not len(rows) or not len(bounds):
            return rows
        size = 1 + max(int(bounds.max()), int(self.end.max()))
        keys, places = np.unique((self.number * size + self.start) * size + self.end, return_inverse=True)
        number = np.repeat(np.arange(len(counts), dtype="int64"), counts)
        asked = (number * size + bounds[:, 0]) * size + bounds[:, 1]
        near = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
        hits = np.flatnonzero(keys[near] == asked)
        found = np.full(len(keys), -1, dtype="int64")
        found[near[hits]] = hits  # of candidates that come twice, the last one counts
        return found[places.reshape(-1)]


def other_groups(examples: Sequence[Example], key: str) -> str:
    """Names of the span groups that Examples have instead of the one that is asked for."""
    found = sorted({name for example in examples for name in example.reference.spans if name != key})
    return f"their groups are {', '.join(repr(name) for name in found)}" if found else "they have no span groups"
