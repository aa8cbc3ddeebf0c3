"""Suggesters: functions that say which spans of a Doc are candidates for a label.

A suggester takes Docs and thinc's `Ops`, and gives a Ragged: data int32 (candidates, 2), start and end token of each
candidate within its Doc, and the number of candidates of each Doc.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from spanwright.errors import InvalidValueError
from spanwright.tokens import Doc

if TYPE_CHECKING:
    from thinc.api import Ops
    from thinc.types import Ragged


@runtime_checkable
class Suggester(Protocol):
    """What a suggester is called with, and gives."""

    def __call__(self, docs: Iterable[Doc], *, ops: Ops | None = None) -> Ragged:
        """The candidates of some Docs."""


class MissingGroupError(InvalidValueError, KeyError):
    """A Doc lacks the span group that candidates are read from; spaCy users catch KeyError."""

    __str__ = Exception.__str__  # a KeyError would show its text in quotes


def ngram_suggester(docs: Iterable[Doc], sizes: Sequence[int], *, ops: Ops | None = None) -> Ragged:
    """All spans of some lengths: those of the first length from left to right, then those of the second, and so on.

    docs: The Docs.
    sizes: Numbers of tokens, each at least 1.
    ops: Where the arrays shall live; by default thinc's current `Ops`.
    """
    lengths = np.asarray([len(doc) for doc in docs], dtype="int32").reshape((-1, 1))
    longest = int(lengths.max(initial=0))
    if isinstance(sizes, range):
        sizes = sizes[: max(0, longest + 1 - sizes.start)]
    # Sizes above the longest Doc, which may be too large for the array, have no spans.
    wanted = np.asarray([size for size in sizes if size <= longest], dtype="int32").reshape((1, -1))
    # How many spans each Doc (row) has of each size (column), flat in the order in which they come.
    counts = (lengths - wanted + 1).clip(min=0)
    flat = counts.reshape(-1)
    starts = np.arange(int(flat.sum()), dtype="int32") - np.repeat((np.cumsum(flat) - flat).astype("int32"), flat)
    ends = starts + np.repeat(np.broadcast_to(wanted, counts.shape).reshape(-1), flat)
    return _ragged(np.stack([starts, ends], axis=1), counts.sum(axis=1), ops)


def preset_spans_suggester(docs: Iterable[Doc], spans_key: str, *, ops: Ops | None = None) -> Ragged:
    """The spans that stand in a span group already.

    docs: The Docs.
    spans_key: Key of the group in `doc.spans`.
    ops: Where the arrays shall live; by default thinc's current `Ops`.

    Raises InvalidValueError (here also a KeyError) if a Doc has no such group.
    """
    bounds: list[tuple[int, int]] = []
    counts: list[int] = []
    for number, doc in enumerate(docs):
        if spans_key not in doc.spans:
            raise MissingGroupError(
                f"spacy.preset_spans_suggester.v1 reads candidates from doc.spans['{spans_key}'], which Doc {number} "
                f"lacks; its groups: {sorted(doc.spans) or 'none'}. Add the component that sets the group before this "
                "one, and list it in [training] annotating_components, so that it does so in training, too."
            )
        found = [(span.start, span.end) for span in doc.spans[spans_key]]
        bounds += found
        counts.append(len(found))
    return _ragged(np.asarray(bounds, dtype="int32").reshape((-1, 2)), counts, ops)


def _ragged(bounds: np.ndarray, counts: Any, ops: Ops | None) -> Ragged:
    from thinc.api import get_current_ops
    from thinc.types import Ragged

    ops = ops or get_current_ops()
    if not len(bounds):
        bounds = np.zeros((0, 0), dtype="int32")  # as spaCy's suggesters give nothing
    return Ragged(ops.asarray(bounds, dtype="int32"), ops.asarray(counts, dtype="int32"))  # type: ignore[arg-type]


def ngram_suggester_v1(sizes: list[int]) -> Suggester:
    """spacy.ngram_suggester.v1: all spans of the given lengths are candidates.

    sizes: Numbers of tokens, for instance [1, 2, 3]. Each adds about one candidate for every token.

    Raises InvalidValueError (a ValueError) for a size below 1, or if there is none.
    """
    name = "spacy.ngram_suggester.v1"
    if isinstance(sizes, Iterable) and not isinstance(sizes, (str, bytes)):
        sizes = list(sizes)
    if not isinstance(sizes, list) or not all(_is_whole(size) for size in sizes):
        raise InvalidValueError(
            f"{name}: `sizes` must be a list of whole numbers, for instance [1, 2, 3]; got {sizes!r}."
        )
    if not sizes:
        raise InvalidValueError(f"{name}: `sizes` is empty, so nothing would ever be suggested.")
    if min(sizes) < 1:
        raise InvalidValueError(f"{name}: `sizes` are numbers of tokens, each at least 1; got {min(sizes)} in {sizes}.")
    return partial(ngram_suggester, sizes=sizes)


def ngram_range_suggester_v1(min_size: int, max_size: int) -> Suggester:
    """spacy.ngram_range_suggester.v1: all spans of the lengths from `min_size` to `max_size` are candidates.

    min_size, max_size: Numbers of tokens, both inclusive. Each size adds about one candidate for every token.

    Raises InvalidValueError (a ValueError) for sizes below 1, or if `min_size` is larger than `max_size`.
    """
    name = "spacy.ngram_range_suggester.v1"
    if not (_is_whole(min_size) and _is_whole(max_size)) or min_size < 1:
        raise InvalidValueError(
            f"{name}: `min_size` and `max_size` are numbers of tokens, at least 1; got {min_size!r} and {max_size!r}."
        )
    if min_size > max_size:
        raise InvalidValueError(f"{name}: `min_size` ({min_size}) is larger than `max_size` ({max_size}).")
    return partial(ngram_suggester, sizes=range(min_size, max_size + 1))


def preset_spans_suggester_v1(spans_key: str) -> Suggester:
    """spacy.preset_spans_suggester.v1: the spans of a group that another component has set are candidates.

    spans_key: Key of the group in `doc.spans`, such as that of a span_finder or span_ruler before this component.
    """
    return partial(preset_spans_suggester, spans_key=spans_key)


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
