"""Functions that cut Docs into the windows that a transformer sees at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy

from .errors import SpanGetterError, TransformerSettingError

if TYPE_CHECKING:
    from spanwright.tokens import Doc, Span

__all__ = [
    "WordpieceSpans",
    "configure_get_doc_spans",
    "configure_get_sent_spans",
    "configure_strided_spans",
    "doc_spans_v1",
    "get_doc_spans",
    "get_sent_spans",
    "get_strided_spans",
    "sent_spans_v1",
    "strided_spans_v1",
    "wordpiece_spans_v1",
]


def get_doc_spans(docs: Iterable[Doc]) -> list[list[Span]]:
    """Each Doc as one window."""
    return [[doc[:]] for doc in docs]


def get_sent_spans(docs: Iterable[Doc]) -> list[list[Span]]:
    """Each sentence as a window; the sentence boundaries must be set."""
    return [list(doc.sents) if len(doc) else [] for doc in docs]


def get_strided_spans(docs: Iterable[Doc], window: int, stride: int) -> list[list[Span]]:
    """Windows of so many tokens, the next one so many tokens further.

    window: Tokens in a window. stride: Tokens from the start of one to that of the next; if it is longer than the
        window, the tokens between are left out, but for those after the last whole stride, which are a window too.
    """
    nested = []
    for doc in docs:
        size = len(doc)
        # The first window that reaches the end is the last.
        count = min(size // stride, max(0, -(-(size - window) // stride)) + 1)
        ends = [(start, start + window) for start in range(0, count * stride, stride)]
        if count * stride < size and (not ends or ends[-1][1] < size):
            ends.append((count * stride, size))
        nested.append([doc[start : min(end, size)] for start, end in ends])
    return nested


def doc_spans_v1() -> Callable[[Iterable[Doc]], list[list[Span]]]:
    """spacy-transformers.doc_spans.v1: each Doc is one window.

    For texts that are short enough for the transformer. Longer ones are split, and their pieces pooled.
    """
    return get_doc_spans


def sent_spans_v1() -> Callable[[Iterable[Doc]], list[list[Span]]]:
    """spacy-transformers.sent_spans.v1: each sentence is a window.

    Sentence boundaries must be set by an earlier component, such as `sentencizer`, in training too
    (`annotating_components`). Batches are uneven if the sentences are.
    """
    return get_sent_spans


def strided_spans_v1(window: int, stride: int) -> Callable[[Iterable[Doc]], list[list[Span]]]:
    """spacy-transformers.strided_spans.v1: windows of so many tokens, which may overlap.

    window: Tokens in a window. Advised: 64 to 128; a token is one to two pieces as a rule.
    stride: Tokens from the start of a window to that of the next: `window` for no overlap; less, so that tokens at
        the edge of one window have their context in another; more leaves tokens out. Advised: two thirds to three
        quarters of `window`.

    Raises TransformerSettingError (a ValueError) if one is less than 1.
    """
    _check_sizes("strided_spans", window, stride)
    return partial(get_strided_spans, window=window, stride=stride)


class WordpieceSpans:
    """Windows that are cut by how many pieces they have; see `wordpiece_spans_v1`.

    window, stride: In pieces.
    """

    def __init__(self, window: int, stride: int) -> None:
        self.window = window
        self.stride = stride

    def __call__(self, docs: Iterable[Doc]) -> list[list[Span]]:
        """Raises SpanGetterError: without a model nobody knows the pieces."""
        raise SpanGetterError(
            "spanwright.wordpiece_spans.v1 counts the pieces of a transformer's tokenizer, and works only in the "
            "architectures TransformerModel and Tok2VecTransformer of spanwright-transformers. For other models take "
            "spacy-transformers.strided_spans.v1, which counts tokens."
        )

    def with_counts(self, docs: Sequence[Doc], count_pieces: Callable[[Sequence[Doc]], list[Any]]) -> list[list[Span]]:
        """The windows of Docs.

        count_pieces: Gives for each Doc how many pieces each of its tokens has.
        """
        return [self._windows(doc, counts) for doc, counts in zip(docs, count_pieces(docs), strict=True)]

    def _windows(self, doc: Doc, counts: Any) -> list[Span]:
        # `before[i]` pieces stand before token i.
        before = numpy.concatenate([[0], numpy.cumsum(numpy.asarray(counts, dtype="i8"))])
        spans, start = [], 0
        while start < len(doc):
            end = int(numpy.searchsorted(before, before[start] + self.window, side="right")) - 1
            end = min(max(end, start + 1), len(doc))
            spans.append(doc[start:end])
            if end >= len(doc):
                break
            following = int(numpy.searchsorted(before, before[start] + self.stride, side="right")) - 1
            start = min(max(following, start + 1), end)
        return spans


def wordpiece_spans_v1(window: int = 128, stride: int = 96) -> WordpieceSpans:
    """spanwright.wordpiece_spans.v1: windows of so many wordpieces, whatever the words are like, cut between tokens.

    window: Pieces in a window at most, special ones not counted; a token with more is a window by itself, and split.
        Advised: 64 to 254, and less than the transformer takes.
    stride: Pieces from the start of a window to that of the next, at most `window`. Advised: two thirds to three
        quarters of it, so that every token has context on both sides in one of its windows.

    Raises TransformerSettingError (a ValueError) if one is less than 1, or the stride is longer than the window.
    """
    _check_sizes("wordpiece_spans", window, stride)
    if stride > window:
        raise TransformerSettingError(
            f"wordpiece_spans: the stride ({stride}) is longer than the window ({window}). "
            f"Set `stride` to at most {window}."
        )
    return WordpieceSpans(window, stride)


def _check_sizes(getter: str, window: Any, stride: Any) -> None:
    for name, value in (("window", window), ("stride", stride)):
        if not isinstance(value, Integral) or value < 1:
            raise TransformerSettingError(f"{getter}: `{name}` must be a whole number of at least 1, found {value!r}.")


# The names of the functions in spacy-transformers.
configure_get_doc_spans = doc_spans_v1
configure_get_sent_spans = sent_spans_v1
configure_strided_spans = strided_spans_v1


def check_spans(docs: Sequence[Doc], nested: Any, getter: Any) -> list[list[Any]]:
    """The windows of Docs as lists. Raises SpanGetterError (a ValueError) that says what a getter did wrong."""
    name = getattr(getter, "func", getter)
    name = getattr(name, "__qualname__", type(name).__name__)
    needs = f"The span getter '{name}' must return one list of Spans for each Doc"
    if nested is None or isinstance(nested, (str, dict)) or not hasattr(nested, "__iter__"):
        raise SpanGetterError(f"{needs}; it returned {_kind(nested)}.")
    windows = []
    for spans in nested:
        if not hasattr(spans, "__iter__") or hasattr(spans, "start_char"):
            raise SpanGetterError(f"{needs}; it returned a list with {_kind(spans)} in it.")
        windows.append(list(spans))
    if len(windows) != len(docs):
        raise SpanGetterError(f"{needs}; for {len(docs)} Docs it returned {len(windows)} lists.")
    for index, (doc, spans) in enumerate(zip(docs, windows, strict=True)):
        for span in spans:
            if not hasattr(span, "start_char"):
                raise SpanGetterError(f"{needs}; it returned {_kind(span)} as a Span of Doc {index}.")
            if span.doc is not doc:
                raise SpanGetterError(
                    f"{needs}; the Span {_short(span.text)!r} in list {index} belongs to another Doc than Doc "
                    f"{index} ({_short(doc.text)!r}). Make the Spans of the Docs that the getter was given, in their "
                    "order."
                )
        if len(doc) and not any(len(span) for span in spans):
            raise SpanGetterError(
                f"{needs}; for Doc {index} ({_short(doc.text)!r}) it returned no Span that has tokens, so the Doc "
                "would have no vectors. Return at least one, such as doc[:]."
            )
    return windows


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
