"""Which wordpieces belong to which token, from the tokenizer's offsets."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from thinc.types import Ragged

    from spanwright.tokens import Doc

__all__ = ["UNKNOWN", "align_doc", "align_offsets", "offsets_of_pieces"]

# Stands for a piece that says nothing of its text: no character, so that it is taken for none.
UNKNOWN = "\uffff"

# Where a text and its pieces part: how many of the pieces' characters are looked for, how far in the text, and with how
# many behind each: the fewer, the more likely they are found by chance.
SEARCHED = 64
SEARCHES = (64, 16), (64, 8), (256, 16), (256, 8), (256, 4), (8192, 16), (8192, 8), (8192, 4), (256, 1)


def align_doc(doc: Doc, spans: Sequence[tuple[int, int]], offsets: Sequence[Any], stride: int) -> Ragged:
    """The pieces of each token of a Doc.

    spans: First token and end of the span that each row of pieces was made of; a token may be in several.
    offsets: For each row the first character and the end of each of its pieces, within the span's text; an empty
        piece, such as a special one, belongs to no token. *Shape:* (pieces, 2) each.
    stride: How many places a row takes in the flat numbering of pieces.

    Returns for each token the flat numbers of its pieces, in order: those that share a character with it, or with the
    blank after it. A piece may belong to several tokens.
    """
    from thinc.types import Ragged

    starts = doc.column("IDX")
    tokens, pieces = [numpy.zeros(0, dtype="i8")], [numpy.zeros(0, dtype="i8")]
    for row, ((first, end), found) in enumerate(zip(spans, offsets, strict=True)):
        token, piece = align_offsets(starts[first:end] - starts[first], numpy.asarray(found).reshape(-1, 2))
        tokens.append(token + first)
        pieces.append(piece + row * stride)
    token, piece = numpy.concatenate(tokens), numpy.concatenate(pieces)
    # Within a row the pieces come in order already; tokens of several rows have theirs apart.
    order = numpy.argsort(token, kind="stable")
    lengths = numpy.bincount(token, minlength=len(doc)).astype("i")
    return Ragged(piece[order].astype("i"), lengths)  # type: ignore[arg-type]


def align_offsets(starts: Any, offsets: Any) -> tuple[Any, Any]:
    """Pairs of token and piece that share a character, sorted by token and then by piece.

    starts: First character of each token; it reaches up to the next one. *Shape:* (tokens,).
    offsets: First character and end of each piece. *Shape:* (pieces, 2).
    """
    begin, end = offsets[:, 0].astype("i8"), offsets[:, 1].astype("i8")
    filled = numpy.flatnonzero(end > begin)
    low = numpy.searchsorted(starts, begin[filled], side="right") - 1
    high = numpy.searchsorted(starts, end[filled] - 1, side="right") - 1
    low = numpy.maximum(low, 0)
    counts = numpy.maximum(high - low + 1, 0)
    piece = numpy.repeat(filled, counts)
    token = numpy.repeat(low - numpy.cumsum(counts) + counts, counts) + numpy.arange(len(piece))
    order = numpy.argsort(token, kind="stable")
    return token[order], piece[order]


def offsets_of_pieces(text: str, pieces: Sequence[str], special: Sequence[bool]) -> list[tuple[int, int]]:
    """Where the pieces of a tokenizer that does not tell stand in its text.

    pieces: As the tokenizer writes them: with its marks for the beginning or the middle of words; UNKNOWN for one
        that it does not know.
    special: Which of them were added and stand for nothing in the text.

    Texts are compared without accents and case. A piece of which no character is found (an unknown one, say) gets
    what lies between its neighbours.
    """
    characters, places = _folded([text])
    found, owners = _folded(["" if skip else _plain(piece) for piece, skip in zip(pieces, special, strict=True)])
    begin: list[int] = [-1] * len(pieces)
    end = [0] * len(pieces)
    for here, there, size in _matches(characters, found):
        for step in range(size):
            place, owner = places[here + step][1], owners[there + step][0]
            begin[owner] = place if begin[owner] < 0 else min(begin[owner], place)
            end[owner] = max(end[owner], place + 1)
    return _fill_gaps(text, begin, end, special)


def _matches(text: str, pieces: str) -> list[tuple[int, int, int]]:
    """Stretches that both have in common, in order: where they begin in each, and how long they are."""
    blocks: list[tuple[int, int, int]] = []
    here = there = 0
    while here < len(text) and there < len(pieces):
        # Most pieces stand in the text as they are, one after another.
        size = _common_start(text, here, pieces, there)
        if size:
            blocks.append((here, there, size))
            here, there = here + size, there + size
            continue
        text_end, pieces_end = _where_they_meet(text, here, pieces, there)
        gap = SequenceMatcher(None, text[here:text_end], pieces[there:pieces_end], autojunk=False)
        blocks += [(a + here, b + there, size) for a, b, size in gap.get_matching_blocks() if size]
        here, there = text_end, pieces_end
    return blocks


def _common_start(text: str, here: int, pieces: str, there: int) -> int:
    most = min(len(text) - here, len(pieces) - there)
    if text[here : here + most] == pieces[there : there + most]:
        return most
    return next(size for size in range(most) if text[here + size] != pieces[there + size])


def _where_they_meet(text: str, here: int, pieces: str, there: int) -> tuple[int, int]:
    """The next places from which on both say the same, as far as a few characters can tell; or both ends."""
    for reach, context in SEARCHES:
        for start in range(there, min(there + SEARCHED, len(pieces))):
            probe = pieces[start : start + context]
            # What remains of the pieces stands at the end of the text, if they say all of it.
            at_end = start + context >= len(pieces) and len(text) - here <= reach and text.endswith(probe)
            place = len(text) - len(probe) if at_end else text.find(probe, here, here + reach)
            if place >= here:
                return place, start
    # Nothing of what was searched is in the text: go on behind it, or at the ends share what is left.
    if there + SEARCHED < len(pieces):
        return here, there + SEARCHED
    return len(text), len(pieces)


def _folded(texts: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """The characters of texts without accents, case and white space, and for each its text and its place there."""
    characters, places = [], []
    for index, text in enumerate(texts):
        for place, character in enumerate(text):
            for part in unicodedata.normalize("NFKD", character.lower()):
                if not part.isspace() and not unicodedata.combining(part):
                    characters.append(part)
                    places.append((index, place))
    return "".join(characters), places


def _plain(piece: str) -> str:
    """A piece without the marks of its tokenizer."""
    for mark in ("##", "\u2581", "\u0120", "</w>", "@@"):
        piece = piece.removeprefix(mark) if mark not in ("</w>", "@@") else piece.removesuffix(mark)
    return piece


def _fill_gaps(text: str, begin: list[int], end: list[int], special: Sequence[bool]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    known = [index for index, place in enumerate(begin) if place >= 0]
    for index, place in enumerate(begin):
        if place >= 0:
            result.append((place, end[index]))
            continue
        at = bisect_left(known, index)
        low = end[known[at - 1]] if at else 0
        high = begin[known[at]] if at < len(known) else len(text)
        gap = text[low:high]
        if special[index] or not gap.strip():
            result.append((0, 0))
            continue
        low += len(gap) - len(gap.lstrip())
        result.append((low, low + len(gap.strip())))
    return result
