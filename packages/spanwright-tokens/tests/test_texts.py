"""scatter_texts sets texts that live as long as the Docs."""

from __future__ import annotations

import numpy as np
import pytest

from spanwright_tokens.tokens import Doc, gather, scatter_texts
from spanwright_tokens.vocab import Vocab


def test_texts_are_set_for_all_tokens_without_becoming_permanent():
    vocab = Vocab()
    first = Doc(vocab, words=["a", "b"])
    with vocab.memory_zone():
        docs = [first, Doc(vocab), Doc(vocab, words=["c"])]
        assert docs[0].arena is not docs[2].arena
        before = len(vocab.strings)
        scatter_texts(docs, "LEMMA", ["xyzzy", "plugh"], [0, 1, 0])
        assert [[token.lemma_ for token in doc] for doc in docs] == [["xyzzy", "plugh"], [], ["xyzzy"]]
        assert len(vocab.strings) == before
        del docs
    assert first[0].lemma_ == "xyzzy"


def test_what_is_set_can_stay():
    doc = Doc(Vocab(), words=["a", "b", "c"], lemmas=["old", "", ""])
    scatter_texts([doc], "LEMMA", ["new", None], [0, 0, 1], keep=gather([doc], "LEMMA")[:, 0])
    assert [token.lemma_ for token in doc] == ["old", "new", ""]
    scatter_texts([], "LEMMA", [], np.zeros(0, dtype=int))
    with pytest.raises(ValueError, match="the Docs of the batch have 3 tokens"):
        scatter_texts([doc], "LEMMA", ["x"], [0])
