"""The phrase matcher finds every phrase it was given, by one attribute."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import SpanwrightWarning
from spanwright_tokens.matcher import PhraseMatcher
from spanwright_tokens.tokens import Doc
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()


def make(*words):
    return Doc(VOCAB, words=list(words))


@given(
    text=st.lists(st.sampled_from("abc"), max_size=10),
    phrases=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), max_size=5),
)
def test_every_occurrence_of_every_phrase_is_found(text, phrases):
    matcher = PhraseMatcher(VOCAB)
    matcher.add("P", [make(*phrase) for phrase in phrases])
    expected = {
        (start, start + len(phrase))
        for phrase in phrases
        for start in range(len(text))
        if text[start : start + len(phrase)] == phrase
    }
    found = [match[1:] for match in matcher(make(*text))]
    assert sorted(found) == sorted(expected)


def test_phrases_are_compared_by_the_attribute_and_called_back():
    matcher, seen = PhraseMatcher(VOCAB, attr="LOWER"), []
    matcher.add("TOWN", [make("fort", "william"), make()], on_match=lambda m, doc, i, found: seen.append(found[i]))
    doc = make("Near", "FORT", "William", "again")
    assert [match[1:] for match in matcher(doc)] == [(1, 3)]
    assert [match[1:] for match in seen] == [(1, 3)]
    assert [(s.text, s.label_) for s in matcher(doc, as_spans=True)] == [("FORT William", "TOWN")]
    assert [match[1:] for match in matcher(doc[1:4])] == [(1, 3)]
    copy = pickle.loads(pickle.dumps(PhraseMatcher(VOCAB, attr="LOWER")))
    assert len(copy) == 0
    matcher.remove("TOWN")
    assert matcher(doc) == []
    with pytest.raises(KeyError, match="no phrases for 'TOWN'; it has: none"):
        matcher.remove("TOWN")


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="no token attribute is called 'LOWR'.*LOWER"):
        PhraseMatcher(VOCAB, attr="LOWR")
    matcher = PhraseMatcher(VOCAB)
    with pytest.raises(TypeError, match="must be a list of Docs, found str; make Docs of texts with nlp.make_doc"):
        matcher.add("X", "boat")
    with pytest.raises(TypeError, match="must be Docs, found str: 'boat'"):
        matcher.add("X", ["boat"])
    with pytest.raises(TypeError, match="on_match for 'X' must be a function"):
        matcher.add("X", [make("boat")], on_match=3)
    with pytest.raises(ValueError, match="Phrase for 'X': .*compares by TAG, which the phrase 'boat .*' lacks"):
        PhraseMatcher(VOCAB, attr="TAG").add("X", [make("boat")])
    with pytest.raises(ValueError, match="found int"):
        matcher(3)
    tagged = Doc(VOCAB, words=["boat"], tags=["NN"])
    with pytest.warns(SpanwrightWarning, match="phrases for 'X' carry annotations"):
        PhraseMatcher(VOCAB, validate=True).add("X", [tagged])
