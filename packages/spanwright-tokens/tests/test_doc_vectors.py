"""Vectors, similarity, tensors and hooks."""

from __future__ import annotations

import numpy
import pytest

from spanwright_tokens.errors import InvalidValueError, SpanwrightWarning
from spanwright_tokens.tokens import Doc, Span
from spanwright_tokens.vocab import Vocab


@pytest.fixture(scope="module")
def vocab():
    vocab = Vocab()
    for word, vector in {"x": [3, 4], "y": [0, 2], "z": [0, 0]}.items():
        vocab.set_vector(word, numpy.array(vector, dtype="float32"))
    return vocab


@pytest.fixture
def doc(vocab):
    return Doc(vocab, words=["x", "y", "unknown", "z"])


def test_vectors_of_tokens(doc):
    assert doc[0].vector.tolist() == [3, 4]
    assert doc[2].vector.tolist() == [0, 0]
    assert [token.has_vector for token in doc] == [True, True, False, True]
    assert [float(token.vector_norm) for token in doc] == [5, 2, 0, 0]
    assert [token.is_oov for token in doc] == [False, False, True, False]


def test_vectors_of_docs_and_spans_are_means(doc):
    assert doc.vector.tolist() == [0.75, 1.5]
    assert doc.has_vector
    assert doc[0:2].vector.tolist() == [1.5, 3]
    assert doc[2:3].has_vector is False
    assert doc[0:1].vector_norm == 5
    assert doc[0:0].vector.tolist() == [0, 0]
    assert Doc(doc.vocab).vector.tolist() == [0, 0]
    assert Doc(doc.vocab).vector_norm == 0
    assert doc.vector_norm == pytest.approx(numpy.linalg.norm(doc.vector))


def test_vectors_can_be_set(doc):
    doc.vector = numpy.array([6, 8], dtype="float32")
    doc.vector_norm = 10
    assert doc.vector.tolist() == [6, 8]
    assert doc.vector_norm == 10
    span = Span(doc, 0, 1, vector=numpy.array([0, 1], dtype="float32"), vector_norm=1)
    assert (span.vector.tolist(), span.vector_norm) == ([0, 1], 1)


def test_similarity(doc):
    assert doc[0].similarity(doc[1]) == pytest.approx(0.8)
    assert doc[0].similarity(doc[0]) == 1.0
    assert doc[0].similarity(doc[0].lex) == 1.0
    assert doc[0].similarity(doc[1].lex) == pytest.approx(0.8)
    assert doc[0:1].similarity(doc[0]) == 1.0
    assert doc.similarity(doc.copy()) == 1.0
    assert doc.similarity(doc[0:4]) == 1.0
    assert doc[0:2].similarity(doc[0]) == pytest.approx(16.5 / (numpy.sqrt(11.25) * 5))
    assert isinstance(doc[0].similarity(doc[1]), float)


def test_similarity_to_an_empty_vector_warns(doc):
    with pytest.warns(SpanwrightWarning, match="Token.similarity compares an empty vector"):
        assert doc[0].similarity(doc[2]) == 0.0
    assert doc[0].similarity(doc[3]) == 0.0


def test_similarity_without_vectors_warns():
    doc = Doc(Vocab(), words=["a", "b"])
    doc.tensor = numpy.array([[1, 0], [1, 1]], dtype="float32")
    for one, other, kind in ((doc[0], doc[1], "Token"), (doc[0:1], doc[1:2], "Span"), (doc, doc[1:2], "Doc")):
        with pytest.warns(SpanwrightWarning, match=f"no word vectors, so {kind}.similarity compares the rows"):
            assert 0.7 < one.similarity(other) < 1


def test_rows_of_the_tensor_stand_in_for_vectors():
    doc = Doc(Vocab(), words=["a", "b"])
    assert not doc.has_vector
    assert not doc[0:1].has_vector
    doc.tensor = numpy.array([[1, 0], [1, 1]], dtype="float32")
    assert doc.has_vector
    assert doc[0:1].has_vector
    assert doc[0].has_vector
    assert doc[1].vector.tolist() == doc[1].tensor.tolist() == [1, 1]
    assert doc[0:2].tensor.shape == (2, 2)
    assert doc[0:2].vector.tolist() == doc.vector.tolist() == [1, 0.5]


def test_a_tensor_is_extended_to_the_right():
    doc = Doc(Vocab(), words=["a", "b"])
    more = numpy.ones((2, 3), dtype="float32")
    doc.extend_tensor(more)
    assert doc.tensor.shape == (2, 3)
    doc.extend_tensor(numpy.zeros((2, 2), dtype="float32"))
    assert doc.tensor.tolist() == [[1, 1, 1, 0, 0]] * 2
    assert more.shape == (2, 3)
    with pytest.raises(InvalidValueError, match="as many rows as it has: expected 2, found 3"):
        doc.extend_tensor(numpy.zeros((3, 2), dtype="float32"))


def test_hooks_of_docs(doc):
    doc.user_hooks.update(
        vector=lambda doc: "v",
        vector_norm=lambda doc: "n",
        has_vector=lambda doc: "h",
        similarity=lambda doc, other: ("s", other),
    )
    assert (doc.vector, doc.vector_norm, doc.has_vector, doc.similarity(1)) == ("v", "n", "h", ("s", 1))


def test_hooks_of_tokens(doc):
    doc.user_token_hooks.update(
        vector=lambda token: "v",
        vector_norm=lambda token: "n",
        has_vector=lambda token: "h",
        similarity=lambda token, other: ("s", other),
        sentiment=lambda token: 0.25,
        sent=lambda token: "sentence",
    )
    token = doc[0]
    assert (token.vector, token.vector_norm, token.has_vector, token.similarity(1)) == ("v", "n", "h", ("s", 1))
    assert (token.sentiment, token.sent, doc[0:2].sentiment) == (0.25, "sentence", 0.25)


def test_vectors_that_go_by_another_attribute():
    vocab = Vocab()
    vocab.vectors = type(vocab.vectors)(shape=(2, 2), attr="LOWER", strings=vocab.strings)
    vocab.vectors.add("word", vector=numpy.array([1, 2], dtype="float32"))
    doc = Doc(vocab, words=["WORD", "Word"])
    assert [token.vector.tolist() for token in doc] == [[1, 2], [1, 2]]
    assert doc[0].similarity(doc[1]) == 1.0
