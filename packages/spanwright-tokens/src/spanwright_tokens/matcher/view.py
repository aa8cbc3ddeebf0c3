"""What a matcher sees of one Doc or Span: columns, and which tokens fit a spec, each worked out at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..attrs import IDS
from ..errors import InvalidTypeError
from .patterns import TokenSpec
from .predicates import Predicate

if TYPE_CHECKING:
    from ..tokens import Doc

SENT_START = IDS["SENT_START"]


class DocView:
    """The part of a Doc from token `start` on, `length` tokens long."""

    def __init__(self, doc: Doc, start: int, length: int) -> None:
        self.doc = doc
        self.start = start
        self.length = length
        self._columns: dict[int, NDArray[np.uint64]] = {}
        self._values: dict[int, set[int]] = {}
        self._fits: dict[TokenSpec, NDArray[np.bool_]] = {}
        self._predicates: dict[Predicate, NDArray[np.bool_]] = {}

    def column(self, attr: int) -> NDArray[np.uint64]:
        """The attribute's value for each token: *Shape: (length,)*."""
        if attr not in self._columns:
            values = self.doc.to_array(attr)[self.start : self.start + self.length]
            if attr == SENT_START:
                # Patterns ask whether a token starts a sentence: unknown counts as no.
                values = values == 1
            self._columns[attr] = np.ascontiguousarray(values, dtype=np.uint64)
        return self._columns[attr]

    def values(self, attr: int) -> set[int]:
        """The distinct values of an attribute."""
        if attr not in self._values:
            self._values[attr] = set(self.column(attr).tolist())
        return self._values[attr]

    def fits(self, spec: TokenSpec) -> NDArray[np.bool_]:
        """Which tokens are what a place of a pattern asks for: *Shape: (length,)*."""
        if spec not in self._fits:
            fits = np.ones(self.length, dtype=bool)
            for attr, value in spec.equal:
                fits &= self.column(attr) == np.uint64(value & 0xFFFFFFFFFFFFFFFF)
            for predicate in spec.predicates:
                fits &= self.judge(predicate)
            for name, wanted in spec.extensions:
                fits &= np.fromiter(
                    (token._.get(name) == wanted for token in self.tokens()), dtype=bool, count=self.length
                )
            self._fits[spec] = ~fits if spec.negated else fits
        return self._fits[spec]

    def judge(self, predicate: Predicate) -> NDArray[np.bool_]:
        """Which tokens pass a predicate; equal values are judged once."""
        if predicate not in self._predicates:
            if predicate.is_extension:
                verdicts = (predicate.test(token._.get(predicate.attr)) for token in self.tokens())
                self._predicates[predicate] = np.fromiter(verdicts, dtype=bool, count=self.length)
            else:
                assert isinstance(predicate.attr, int)
                distinct, inverse = np.unique(self.column(predicate.attr), return_inverse=True)
                judged = np.fromiter((predicate.test(v) for v in distinct.tolist()), dtype=bool, count=len(distinct))
                self._predicates[predicate] = judged[inverse.reshape(-1)]
        return self._predicates[predicate]

    def tokens(self) -> Any:
        """The tokens, for extension attributes, which only Python can read."""
        return self.doc[self.start : self.start + self.length]


def as_view(doclike: Any, matcher: str) -> DocView:
    """The view of a Doc or Span.

    Raises InvalidTypeError (a TypeError and, as spaCy has it, a ValueError) for anything else.
    """
    from ..tokens import Doc, Span

    if isinstance(doclike, Doc):
        return DocView(doclike, 0, len(doclike))
    if isinstance(doclike, Span):
        return DocView(doclike.doc, doclike.start, doclike.end - doclike.start)
    raise NotADocError(f"{matcher} looks for matches in a Doc or Span, found {type(doclike).__name__}")


class NotADocError(InvalidTypeError, ValueError):
    """Something else was given where a Doc or Span belongs."""
