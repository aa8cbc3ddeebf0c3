# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Where spans begin and end: characters, slices, sentences."""

from .._types cimport int32_t
from ..vocab.lexemes cimport LEX_LENGTH
from .attributes cimport lex_attr
from .doc cimport Doc
from .span cimport Span

from ..errors import InvalidValueError

NO_SENTENCES = (
    "The sentence boundaries of this Doc are not set. Add a component that sets them (a parser, a sentence recognizer "
    "or `nlp.add_pipe('sentencizer')`), or set `token.is_sent_start`."
)


cdef int32_t token_by_char(Doc doc, int32_t position) noexcept:
    cdef int32_t low = 0, high = doc.length - 1, middle
    while low <= high:
        middle = (low + high) // 2
        if position < doc.c.idx[middle]:
            high = middle - 1
        elif position >= doc.c.idx[middle] + <int32_t>lex_attr(doc, middle, LEX_LENGTH) + doc.c.spacy[middle]:
            low = middle + 1
        else:
            return middle
    return -1


def token_at_char(Doc doc not None, int position):
    """The position of the token that holds a character, its trailing space included; -1 if none does."""
    return token_by_char(doc, position)


def char_span(
    Doc doc not None, int start_idx, int end_idx, label, kb_id, vector, alignment_mode, span_id
):
    """The span of some characters, or None; see `Doc.char_span`."""
    if alignment_mode not in ("strict", "contract", "expand"):
        raise InvalidValueError(
            f"`alignment_mode` must be 'strict', 'contract' or 'expand', but found {alignment_mode!r}."
        )
    cdef int32_t start = token_by_char(doc, start_idx)
    cdef int32_t last = token_by_char(doc, end_idx - 1)
    if start < 0 or last < 0:
        return None
    cdef int32_t start_end = doc.c.idx[start] + <int32_t>lex_attr(doc, start, LEX_LENGTH)
    cdef int32_t last_end = doc.c.idx[last] + <int32_t>lex_attr(doc, last, LEX_LENGTH)
    if alignment_mode == "strict":
        if start_idx != doc.c.idx[start] or end_idx != last_end:
            return None
    elif alignment_mode == "contract":
        if doc.c.idx[start] < start_idx:
            start += 1
        if end_idx < last_end:
            last -= 1
        if last < start:
            return None
    elif start_idx == start_end:
        start += 1      # the space after a token is not the token
    if start > last + 1:
        return None
    return Span(doc, start, last + 1, label=label, kb_id=kb_id, span_id=span_id, vector=vector)


def normalize_slice(Py_ssize_t length, start, stop, step=None):
    """The bounds of a slice, between 0 and `length`. Raises `InvalidValueError` if there is a step other than 1."""
    if step is not None and step != 1:
        raise InvalidValueError(f"Tokens are sliced without a step, but found step {step!r}: spans have no gaps.")
    start, stop, _ = slice(start, stop).indices(length)
    return start, max(start, stop)
