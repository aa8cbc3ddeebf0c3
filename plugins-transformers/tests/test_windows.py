"""Windows: the published getters, third parties', and what becomes of windows that are too long."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spanwright
from spanwright.tokens import Doc
from spanwright_transformers import registry
from spanwright_transformers.span_getters import (
    WordpieceSpans,
    get_doc_spans,
    get_sent_spans,
    get_strided_spans,
    wordpiece_spans_v1,
)
from spanwright_transformers.wordpieces import _parts, batches_of_rows, longest_row

NLP = spanwright.blank("xx")
LONG = " ".join(["the big dog barks , and the cat sleeps in a house ."] * 12)


def doc_of(length: int) -> Any:
    return Doc(NLP.vocab, words=["a"] * length)


def bounds(spans: Any) -> list:
    return [[(span.start, span.end) for span in one] for one in spans]


def test_published_getters() -> None:
    docs = [doc_of(5), doc_of(0), doc_of(1)]
    assert bounds(get_doc_spans(docs)) == [[(0, 5)], [(0, 0)], [(0, 1)]]
    assert bounds(get_strided_spans(docs, 3, 2)) == [[(0, 3), (2, 5)], [], [(0, 1)]]
    assert bounds(get_strided_spans([doc_of(9)], 2, 4)) == [[(0, 2), (4, 6), (8, 9)]]
    docs[0][0].is_sent_start = docs[0][3].is_sent_start = True
    assert bounds(get_sent_spans(docs[:2])) == [[(0, 3), (3, 5)], []]


@given(length=st.integers(0, 40), window=st.integers(1, 12), stride=st.integers(1, 12))
@settings(deadline=None)
def test_strided_spans_cover_every_token_if_they_can(length: int, window: int, stride: int) -> None:
    (spans,) = bounds(get_strided_spans([doc_of(length)], window, stride))
    assert all(end - start <= max(window, stride) for start, end in spans)
    if stride <= window:
        assert {i for start, end in spans for i in range(start, end)} == set(range(length))
        assert all(end < length for _, end in spans[:-1])  # the first that reaches the end is the last


def test_a_third_partys_getter_from_the_seeds(tiny: Path, kit: Any) -> None:
    @registry.span_getters("trf_tests.custom_sent_spans")
    def configure_custom_sent_spans(max_length: int) -> Any:
        def get_custom_sent_spans(docs: Any) -> Any:
            spans = []
            for doc in docs:
                spans.append([])
                for sent in doc.sents:
                    start, end = 0, max_length
                    while end <= len(sent):
                        spans[-1].append(sent[start:end])
                        start += max_length
                        end += max_length
                    if start < len(sent):
                        spans[-1].append(sent[start : len(sent)])
            return spans

        return get_custom_sent_spans

    nlp = spanwright.blank("xx")
    getter = {"@span_getters": "trf_tests.custom_sent_spans", "max_length": 3}
    pipe = nlp.add_pipe("transformer", config={"model": kit.model_config(tiny, getter)})
    pipe.model.initialize()
    doc = nlp.make_doc("the dog barks . a cat")
    doc[4].is_sent_start = True
    doc = pipe(doc)
    assert doc._.trf_data.wordpieces.lengths == [5, 3, 4]
    assert doc._.trf_data.pieces_of_tokens == [[1], [2], [3], [6], [11], [12]]


def test_a_getter_may_leave_tokens_out(make_model: Any) -> None:
    model = make_model()
    model.attrs["get_spans"] = lambda docs: [[doc[1:3], doc[4:5]] for doc in docs]
    (data,) = model.predict([NLP.make_doc("the dog barks . cat sleeps")]).doc_data
    assert data.align.lengths.tolist() == [0, 1, 1, 0, 1, 0]
    vectors = data.token_vectors()
    assert vectors.shape == (6, 16) and not vectors[[0, 3, 5]].any() and vectors[[1, 2, 4]].all(axis=1).all()


def test_windows_may_be_empty_overlap_and_come_in_any_order(make_model: Any, nlp: Any) -> None:
    doc = nlp.make_doc("the big dog barks in the house")
    model = make_model()
    model.attrs["get_spans"] = lambda docs: [[d[4:7], d[2:2], d[0:3], d[1:4], d[1:4]] for d in docs]
    data = model.predict([doc]).doc_data[0]
    assert data.align.lengths.tolist() == [1, 3, 3, 2, 1, 1, 1]
    assert len(data.wordpieces) == 4
    flat = [piece for row in data.wordpieces.strings for piece in row]
    for token, pieces in zip(doc, data.pieces_of_tokens, strict=True):
        assert {flat[piece] for piece in pieces} == {token.text}


def test_long_windows_are_split_with_overlap_and_pooled(nlp: Any) -> None:
    doc = nlp(LONG)
    data = doc._.trf_data
    assert len(doc) == 156 and data.wordpieces.lengths == [64] * 3
    assert all(strings[0] == "[CLS]" and strings[-1] == "[SEP]" for strings in data.wordpieces.strings)
    assert data.align.lengths.min() == 1 and data.align.lengths.max() == 2
    model = nlp.get_pipe("transformer").model
    row = model.tokenizer.convert_tokens_to_ids(data.wordpieces.strings[1])
    with torch.no_grad():
        expected = model.transformer(torch.tensor([row])).last_hidden_state[0].numpy()
    assert numpy.allclose(data.tensors[0][1], expected, atol=1e-5)
    twice = int(numpy.flatnonzero(data.align.lengths == 2)[0])
    rows = data.pieces_of_tokens[twice]
    assert numpy.allclose(data.token_vectors()[twice], data.piece_vectors[rows].mean(axis=0), atol=1e-6)


def test_a_token_longer_than_the_model_is_split_and_pooled(nlp: Any) -> None:
    doc = nlp("the " + "x" * 500 + " dog")
    data = doc._.trf_data
    assert data.align.lengths[1] >= 500 and len(data.wordpieces) > 8
    assert numpy.isfinite(data.token_vectors()).all() and data.token_vectors()[1].any()


def test_what_the_model_takes_is_known_from_its_positions(tiny_roberta: Path, make_model: Any) -> None:
    model = make_model(folder=tiny_roberta)
    assert longest_row(model.tokenizer, model.transformer) == 64
    (data,) = model.predict([NLP.make_doc(LONG)]).doc_data
    assert max(data.wordpieces.lengths) == 64 and data.align.lengths.all()


def test_long_windows_learn(make_nlp: Any, kit: Any) -> None:
    from spanwright.tokens import Example

    nlp = make_nlp(model={"get_spans": kit.doc_spans})
    losses: dict[str, float] = {}
    nlp.update([Example(nlp.make_doc(LONG), nlp.make_doc(LONG))], sgd=False, losses=losses)
    assert losses["transformer"] > 0
    assert nlp.get_pipe("transformer").model.transformer.embeddings.position_embeddings.weight.grad[63].any()


@given(special=st.integers(1, 3), content=st.integers(1, 300), limit=st.integers(8, 64))
@settings(deadline=None)
def test_parts_keep_every_piece_and_both_ends(special: int, content: int, limit: int) -> None:
    mask = numpy.array([True] * special + [False] * content + [True])
    parts = [numpy.arange(len(mask)) if part is None else part for part in _parts(mask, limit)]
    assert all(len(part) <= max(limit, special + 2) for part in parts)
    assert {i for part in parts for i in part.tolist()} == set(range(len(mask)))
    assert all(part[0] == 0 and part[-1] == len(mask) - 1 for part in parts)
    assert len(parts) == 1 or all(len(part) == limit for part in parts)


@given(lengths=st.lists(st.integers(1, 60), max_size=40), most=st.integers(1, 200))
@settings(deadline=None)
def test_rows_are_batched_once_each_within_the_budget(lengths: list, most: int) -> None:
    batches = batches_of_rows(lengths, most)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[row] for row in batch) * len(batch) <= most


@given(lengths=st.lists(st.integers(1, 30), min_size=1, max_size=6), most=st.integers(1, 80), cost=st.integers(0, 60))
@settings(deadline=None)
def test_no_other_batches_of_rows_take_less_work(lengths: list, most: int, cost: int) -> None:
    ordered, least = sorted(lengths), 1 << 60
    for cuts in itertools.product([False, True], repeat=len(lengths) - 1):
        bounds = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), len(lengths)]
        parts = [ordered[first:end] for first, end in itertools.pairwise(bounds)]
        if all(len(part) == 1 or part[-1] * len(part) <= most for part in parts):
            least = min(least, sum(part[-1] * len(part) + cost for part in parts))
    found = batches_of_rows(lengths, most, cost)
    assert sum(max(lengths[row] for row in batch) * len(batch) + cost for batch in found) == least


def test_windows_by_pieces(tiny: Path, make_model: Any) -> None:
    model = make_model({"@span_getters": "spanwright.wordpiece_spans.v1", "window": 20, "stride": 15})
    text = LONG + " " + " ".join(["xyzzyxyzzy"] * 6) + " " + "y" * 90 + " dog"
    doc = NLP.make_doc(text)
    batch = model.predict([doc, NLP.make_doc(""), NLP.make_doc("cat")])
    data = batch.doc_data[0]
    assert data.align.lengths.all()
    windows = [(span.start, span.end) for span in batch.spans[0]]
    counts = numpy.array([len(model.tokenizer(token.text, add_special_tokens=False)["input_ids"]) for token in doc])
    assert all(counts[start:end].sum() <= 20 or end == start + 1 for start, end in windows)
    assert {i for start, end in windows for i in range(start, end)} == set(range(len(doc)))
    assert batch.doc_data[2].align.lengths.tolist() == [1]


def test_windows_by_pieces_are_checked() -> None:
    with pytest.raises(ValueError, match="wordpiece_spans: `window` must be a whole number of at least 1, found 0"):
        wordpiece_spans_v1(0, 1)
    with pytest.raises(ValueError, match=r"stride \(9\) is longer than the window \(8\). Set `stride` to at most 8"):
        wordpiece_spans_v1(8, 9)
    with pytest.raises(ValueError, match="counts the pieces of a transformer's tokenizer, and works only in"):
        WordpieceSpans(8, 8)([doc_of(3)])
    with pytest.raises(ValueError, match="strided_spans: `stride` must be a whole number of at least 1, found 0"):
        spanwright.registry.span_getters.get("spacy-transformers.strided_spans.v1")(4, 0)


@pytest.mark.parametrize(
    ("getter", "message"),
    [
        (lambda docs: None, "must return one list of Spans for each Doc; it returned None"),
        (lambda docs: "spans", "it returned a str"),
        (lambda docs: [docs[0][:]], "it returned a list with a Span in it"),
        (lambda docs: [None], "it returned a list with None in it"),
        (lambda docs: [[docs[0]]], "it returned a Doc as a Span of Doc 0"),
        (lambda docs: [], "for 1 Docs it returned 0 lists"),
        (lambda docs: [[]], r"for Doc 0 \('the dog'\) it returned no Span that has tokens.*such as doc\[:\]"),
        (lambda docs: [[doc_of(2)[:]]], r"the Span 'a a ?' in list 0 belongs to another Doc than Doc 0 \('the dog'\)"),
    ],
)
def test_what_a_getter_does_wrong_is_said(make_model: Any, getter: Any, message: str) -> None:
    model = make_model()
    model.attrs["get_spans"] = getter
    with pytest.raises(ValueError, match=rf"The span getter '.*lambda.*'.*{message}"):
        model.predict([NLP.make_doc("the dog")])
