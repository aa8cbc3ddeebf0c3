"""Which pieces belong to which token, over any text and for several kinds of tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spanwright
from spanwright.tokens import Doc
from spanwright_transformers.alignment import UNKNOWN, align_doc, align_offsets, offsets_of_pieces
from spanwright_transformers.wordpieces import tokenize

LAWS = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
NLP = spanwright.blank("xx")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6)


def aligned(doc: Any, tokenizer: Any, spans: list[tuple[int, int]]) -> tuple[Any, Any]:
    rows = tokenize(tokenizer, [doc[start:end].text for start, end in spans], 1 << 30)
    longest = max(rows.lengths)
    return align_doc(doc, spans, rows.offsets, longest), rows


def pieces_of(align: Any) -> list[list[int]]:
    return [part.tolist() for part in numpy.split(align.dataXd, numpy.cumsum(align.lengths)[:-1])]


def twin(doc: Any, offsets: Any, spans: Any, stride: int) -> list[list[int]]:
    """The same by looking at each character: it belongs to the token that it stands in or directly behind."""
    found: list[set[int]] = [set() for _ in doc]
    for row, (start, end) in enumerate(spans):
        owner = {}
        for token in doc[start:end]:
            for place in range(token.idx - doc[start].idx, token.idx - doc[start].idx + len(token) + 1):
                owner[place] = token.i
        for piece, (begin, stop) in enumerate(offsets[row]):
            for place in range(begin, stop):
                if place in owner:
                    found[owner[place]].add(row * stride + piece)
    return [sorted(one) for one in found]


@pytest.fixture(scope="module")
def tokenizers(tiny: Path, tiny_roberta: Path) -> dict[str, Any]:
    from transformers import AutoTokenizer, ByT5Tokenizer

    return {
        "wordpiece": AutoTokenizer.from_pretrained(tiny),
        "bytes": AutoTokenizer.from_pretrained(tiny_roberta),
        "slow": ByT5Tokenizer(),
    }


@pytest.mark.parametrize("kind", ["wordpiece", "bytes"])
@LAWS
@given(words=st.lists(WORDS, min_size=1, max_size=6), spaces=st.lists(st.booleans(), min_size=6, max_size=6))
def test_every_token_that_the_tokenizer_keeps_is_aligned(tokenizers: Any, kind: str, words: list, spaces: list) -> None:
    tokenizer = tokenizers[kind]
    doc = Doc(NLP.vocab, words=words, spaces=spaces[: len(words)])
    spans = [(0, len(doc))] + ([(1, len(doc))] if len(doc) > 1 else [])
    align, rows = aligned(doc, tokenizer, spans)
    expected = twin(doc, [o.tolist() for o in rows.offsets], spans, max(rows.lengths))
    assert pieces_of(align) == expected
    kept = set()
    for begin, end in rows.offsets[0].tolist():
        kept.update(range(begin, end))
    for token, pieces in zip(doc, expected, strict=True):
        places = set(range(token.idx, token.idx + len(token)))
        assert bool(pieces) or not places & kept
        if not pieces and not token.is_space:
            # Nothing of it is left by the tokenizer: control characters and the like.
            alone = tokenizer(token.text, add_special_tokens=False)["input_ids"]
            assert not alone or kind == "wordpiece"


def test_many_to_many(tokenizers: Any) -> None:
    doc = Doc(NLP.vocab, words=["do", "gs", "cat", "big"], spaces=[False, True, False, True])
    starts, offsets = doc.column("IDX"), numpy.array([[0, 0], [0, 4], [5, 7], [7, 11], [0, 0]])
    token, piece = align_offsets(starts, offsets)
    assert list(zip(token.tolist(), piece.tolist(), strict=True)) == [(0, 1), (1, 1), (2, 2), (2, 3), (3, 3)]


def test_overlapping_windows_give_both_copies(tokenizers: Any) -> None:
    doc = Doc(NLP.vocab, words=["the", "big", "dog"])
    align, _ = aligned(doc, tokenizers["wordpiece"], [(0, 2), (1, 3)])
    assert pieces_of(align) == [[1], [2, 5], [6]]


def test_slow_tokenizers_are_aligned_too(tokenizers: Any) -> None:
    doc = Doc(NLP.vocab, words=["the", "big", "dog", "!"], spaces=[True, True, False, False])
    align, rows = aligned(doc, tokenizers["slow"], [(0, 4)])
    texts = tokenizers["slow"].convert_ids_to_tokens(rows.ids[0].tolist())
    assert ["".join(texts[i] for i in own).strip() for own in pieces_of(align)] == ["the", "big", "dog", "!"]


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("the doggy", ["[CLS]", "the", "dog", "##gy", "[SEP]"], ["", "the", "dog", "gy", ""]),
        ("Thé Doggy", ["[CLS]", "the", "dog", "##gy", "[SEP]"], ["", "Thé", "Dog", "gy", ""]),
        ("a ☃☃ b", ["[CLS]", "a", "[UNK]", "b", "[SEP]"], ["", "a", "☃☃", "b", ""]),
        ("☃", ["[CLS]", "[UNK]", "[SEP]"], ["", "☃", ""]),
        ("a b", ["▁a", "▁", "b", "</s>"], ["a", "", "b", ""]),
        ("a bc", ["a", "Ġb", "c"], ["a", "b", "c"]),
        ("ab cd", ["ab</w>", "c@@", "d"], ["ab", "c", "d"]),
        ("ﬁne", ["fi", "##ne"], ["ﬁ", "ne"]),
        ("xx yy zz", ["xx", "??", "zz"], ["xx", "yy", "zz"]),
        ("", ["[CLS]", "[SEP]"], ["", ""]),
    ],
)
def test_places_of_pieces_are_found(text: str, pieces: list, expected: list) -> None:
    special = [piece in ("[CLS]", "[SEP]", "</s>") for piece in pieces]
    offsets = offsets_of_pieces(text, pieces, special)
    assert [text[start:end] for start, end in offsets] == expected


@LAWS
@given(words=st.lists(st.text("abcdeé ☃", min_size=1, max_size=4), min_size=1, max_size=8))
def test_places_are_within_the_text_and_in_order(words: list) -> None:
    text = " ".join(words)
    pieces = [piece for word in text.split() for piece in (word[:2], *([f"##{word[2:]}"] if word[2:] else []))]
    offsets = offsets_of_pieces(text, pieces, [False] * len(pieces))
    assert all(0 <= start <= end <= len(text) for start, end in offsets)
    starts = [start for start, end in offsets if end > start]
    assert starts == sorted(starts)
    plain = [p.removeprefix("##") for p in pieces]
    assert [text[start:end] for start, end in offsets] == plain


def test_pieces_of_long_texts_are_found_behind_unknown_ones() -> None:
    # Each word again, and every tenth unknown: a search over all of it would take minutes.
    words = [f"{word}{number % 13}" for number, word in enumerate(["the", "dog", "barks", "cat", "house"] * 4000)]
    pieces = [UNKNOWN if index % 10 == 1 else word for index, word in enumerate(words)]
    offsets = offsets_of_pieces(" ".join(words), pieces, [False] * len(pieces))
    text = " ".join(words)
    assert [text[start:end] for start, end in offsets] == words


def test_an_unknown_piece_takes_nothing_of_the_next_one() -> None:
    offsets = offsets_of_pieces("she st sizes up", ["she", UNKNOWN, "sizes", "up"], [False] * 4)
    assert offsets == [(0, 3), (4, 6), (7, 12), (13, 15)]
