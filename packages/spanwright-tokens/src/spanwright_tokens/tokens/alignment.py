"""Alignment of two tokenizations of one text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import index as to_index
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ._alignment import is_space_mask, pair_tokens, token_bounds

if TYPE_CHECKING:
    from .doc import Doc

__all__ = ["Alignment", "AlignmentArray", "AlignmentError", "get_alignments", "is_space_mask", "token_bounds"]


class AlignmentError(InvalidValueError):
    """Two tokenizations are not of the same text."""


class AlignmentArray:
    """For each token of one side, the tokens of the other side that share characters with it, ascending.

    alignment: a sequence of sequences of token indices.

    `array[i]` gives the indices for token i, `array[i:j]` those for a range of tokens, one after the other (an index
    may come twice then). Arrays are int32: `data` holds all indices, `lengths` how many each token has, `starts` and
    `ends` where they lie in `data`.
    """

    __slots__ = ("_bounds", "_lengths", "data")

    def __init__(self, alignment: Iterable[Sequence[int]]) -> None:
        rows = list(alignment)
        self._set(
            np.fromiter(chain.from_iterable(rows), dtype="int32"),
            np.fromiter((len(row) for row in rows), dtype="int32", count=len(rows)),
        )

    def _set(self, data: np.ndarray, lengths: np.ndarray) -> None:
        self.data = data
        self._lengths = lengths
        self._bounds = np.zeros(len(lengths) + 1, dtype="int32")
        np.cumsum(lengths, out=self._bounds[1:])

    @classmethod
    def from_ragged(cls, data: np.ndarray, lengths: np.ndarray) -> AlignmentArray:
        """An array of given indices, of which token i has `lengths[i]`."""
        array = cls.__new__(cls)
        array._set(np.ascontiguousarray(data, dtype="int32"), np.ascontiguousarray(lengths, dtype="int32"))
        return array

    @property
    def lengths(self) -> np.ndarray:
        """How many indices each token has, int32."""
        return self._lengths

    @property
    def starts(self) -> np.ndarray:
        """Where the indices of each token start in `data`, int32."""
        return self._bounds[:-1]

    @property
    def ends(self) -> np.ndarray:
        """Where the indices of each token end in `data`, int32."""
        return self._bounds[1:]

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: int | slice) -> np.ndarray:
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step != 1:
                raise InvalidValueError(
                    f"An AlignmentArray can be sliced with a step of 1 only, not {step}. Slice `data` or index the "
                    "tokens one by one."
                )
            return self.data[self._bounds[start] : self._bounds[max(start, stop)]]
        try:
            i = to_index(key)
        except TypeError:
            raise InvalidIndexTypeError(
                f"An AlignmentArray is indexed by an int or a slice, not by {type(key).__name__} ({key!r})."
            ) from None
        return self.data[self.starts[i] : self.ends[i]]

    def __repr__(self) -> str:
        return f"AlignmentArray({[row.tolist() for row in self]})"


class InvalidIndexTypeError(InvalidTypeError, ValueError):
    """Something that is no position was used as one."""


@dataclass
class Alignment:
    """The alignment of two tokenizations of one text, both ways.

    x2y: for each token of x, the tokens of y that share characters with it.
    y2x: the same for each token of y.

    The texts may differ in whitespace and in case. Every token that has a character other than whitespace is aligned
    to at least one token; whitespace is aligned where it agrees.
    """

    x2y: AlignmentArray
    y2x: AlignmentArray

    @classmethod
    def from_indices(cls, x2y: Sequence[Sequence[int]], y2x: Sequence[Sequence[int]]) -> Alignment:
        """An alignment of given indices, a list of lists for each way."""
        return cls(x2y=AlignmentArray(x2y), y2x=AlignmentArray(y2x))

    @classmethod
    def from_strings(cls, A: Sequence[str], B: Sequence[str]) -> Alignment:  # noqa: N803
        """Align two lists of words.

        Raises AlignmentError (a ValueError) if the words do not make up the same text.
        """
        return cls._of(_joined(A), _joined(B))

    @classmethod
    def from_docs(cls, x: Doc, y: Doc) -> Alignment:
        """Align the tokens of two Docs.

        Raises AlignmentError (a ValueError) if the Docs are not of the same text.
        """
        return cls._of((x.text, *token_bounds(x)), (y.text, *token_bounds(y)))

    @classmethod
    def _of(cls, x: Tokens, y: Tokens) -> Alignment:
        pairs, x_stop, y_stop = pair_tokens(*x, *y)
        if pairs is None and (_grows(x[0]) or _grows(y[0])):
            # A few letters become two in lower case (U+0130).
            pairs, x_stop, y_stop = pair_tokens(*_lowered(x), *_lowered(y))
        if pairs is None:
            raise AlignmentError(_difference(x, x_stop, y, y_stop))
        by_x, by_y = pairs[:, 0], pairs[:, 1]
        return cls(
            x2y=AlignmentArray.from_ragged(by_y, np.bincount(by_x, minlength=len(x[1]))),
            y2x=AlignmentArray.from_ragged(by_x, np.bincount(by_y, minlength=len(y[1]))),
        )


# A text, and where its tokens start and end.
Tokens = tuple[str, np.ndarray, np.ndarray]


def get_alignments(A: Sequence[str], B: Sequence[str]) -> tuple[list[list[int]], list[list[int]]]:  # noqa: N803
    """The alignment of two lists of words as two lists of lists of indices.

    Raises AlignmentError (a ValueError) if the words do not make up the same text.
    """
    alignment = Alignment.from_strings(A, B)
    return [row.tolist() for row in alignment.x2y], [row.tolist() for row in alignment.y2x]


def _joined(words: Sequence[str]) -> Tokens:
    ends = np.fromiter(accumulate(len(word) for word in words), dtype="int32", count=len(words))
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1]
    return "".join(words), starts, ends


def _words(tokens: Tokens) -> list[str]:
    text, starts, ends = tokens
    return [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def _grows(text: str) -> bool:
    return len(text.lower()) != len(text)


def _lowered(tokens: Tokens) -> Tokens:
    return _joined([word.lower() for word in _words(tokens)])


def _difference(x: Tokens, x_stop: int, y: Tokens, y_stop: int) -> str:
    def around(tokens: Tokens, stop: int) -> Any:
        words = _words(tokens)
        return words[max(0, stop - 3) : stop + 4] or "nothing"

    return (
        "The predicted and the reference tokens cannot be aligned: the texts differ in more than whitespace and case, "
        f"first at predicted token {x_stop} ({around(x, x_stop)}) and reference token {y_stop} "
        f"({around(y, y_stop)}). Make both Docs from the same text."
    )
