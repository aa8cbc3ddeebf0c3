"""The dependency matcher finds tokens by their relations, and says what is wrong with a pattern."""

from __future__ import annotations

import pickle

import pytest

from spanwright_tokens.errors import SpanwrightError, SpanwrightWarning
from spanwright_tokens.matcher import DependencyMatcher, MatchPatternError
from spanwright_tokens.matcher.relations import RELATIONS
from spanwright_tokens.tokens import Doc
from spanwright_tokens.vocab import Vocab

# heads:  The old boats   carried red nets , and they sank
WORDS = "The old boats carried red nets , and they sank".split()
HEADS = [2, 2, 3, 3, 5, 3, 3, 3, 9, 3]
DEPS = "det amod nsubj ROOT amod dobj punct cc nsubj conj".split()


@pytest.fixture(scope="module")
def vocab():
    return Vocab()


@pytest.fixture
def doc(vocab):
    return Doc(vocab, words=WORDS, heads=HEADS, deps=DEPS)


def node(name, left=None, op=None, **attrs):
    related = {} if left is None else {"LEFT_ID": left, "REL_OP": op}
    return {"RIGHT_ID": name, "RIGHT_ATTRS": attrs, **related}


@pytest.mark.parametrize(
    ("left", "op", "expected"),
    [
        ("boats", "<", "carried"),
        ("boats", ">", "The old"),
        ("The", "<<", "boats carried"),
        ("carried", ">>", "The old boats red nets , and they sank"),
        ("old", ".", "boats"),
        ("sank", ".", ""),
        ("they", ".*", "sank"),
        ("old", ";", "The"),
        ("old", ";*", "The"),
        ("nets", "$+", ","),
        ("nets", "$-", ""),
        ("nets", "$++", ", and sank"),
        ("nets", "$--", "boats"),
        ("old", "$-", "The"),
        ("boats", ">-", "old"),
        ("carried", ">+", ""),
        ("carried", ">++", "nets , and sank"),
        ("carried", ">--", "boats"),
        ("they", "<+", "sank"),
        ("nets", "<-", ""),
        ("red", "<++", "nets"),
        ("sank", "<--", "carried"),
    ],
)
def test_each_operator_finds_its_tokens(vocab, doc, left, op, expected):
    matcher = DependencyMatcher(vocab)
    matcher.add("RULE", [[node("left", ORTH=left), node("right", "left", op)]])
    assert " ".join(doc[tokens[1]].text for _, tokens in matcher(doc)) == expected


def test_every_operator_has_been_tried():
    assert len(RELATIONS) == 20


def test_patterns_of_several_tokens_and_keys(vocab, doc):
    matcher = DependencyMatcher(vocab)
    matcher.add("EVENT", [[node("verb", DEP="ROOT"), node("who", "verb", ">", DEP="nsubj"), node("how", "who", ">")]])
    matcher.add("ADJECTIVE", [[node("adjective", DEP="amod"), node("noun", "adjective", "<", LOWER={"REGEX": "s$"})]])
    found = [(vocab.strings[key], [doc[i].text for i in tokens]) for key, tokens in matcher(doc)]
    assert found == [
        ("EVENT", ["carried", "boats", "The"]),
        ("EVENT", ["carried", "boats", "old"]),
        ("ADJECTIVE", ["old", "boats"]),
        ("ADJECTIVE", ["red", "nets"]),
    ]
    assert matcher(doc[4:6]) == [(vocab.strings["ADJECTIVE"], [0, 1])]
    assert len(matcher) == 2
    assert "EVENT" in matcher
    assert matcher.get("NONE", 3) == 3
    copy = pickle.loads(pickle.dumps(matcher))
    assert len(copy(Doc(copy.vocab, words=WORDS, heads=HEADS, deps=DEPS))) == 4
    matcher.remove("EVENT")
    assert {key for key, _ in matcher(doc)} == {vocab.strings["ADJECTIVE"]}


def test_callbacks_are_called_for_each_match(vocab, doc):
    seen = []
    matcher = DependencyMatcher(vocab)
    matcher.add(
        "NOUN", [[node("a", DEP="amod")]], on_match=lambda matcher, doc, i, matches: seen.append((i, matches[i]))
    )
    matches = matcher(doc)
    assert seen == list(enumerate(matches))
    assert matcher(Doc(vocab)) == []


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ([], "the pattern is empty"),
        ("x", "expected a list of dicts, one for each token, found str"),
        (["x"], "token 0: expected a dict, found 'x'"),
        ([{"RIGHT_ID": "a"}], "token 0: the key RIGHT_ATTRS is missing; found: .'RIGHT_ID'"),
        ([{"RIGHT_ID": "a", "RIGHT_ATRS": {}}], "the key RIGHT_ATTRS is missing.*'RIGHT_ATRS'"),
        ([node("a", "b", ">")], "LEFT_ID: the first token has no other before it"),
        ([node("a"), node("b")], "token 1: the key LEFT_ID is missing"),
        ([node("a"), node("a", "a", ">")], "RIGHT_ID: 'a' is the name of a token before"),
        ([node("verb"), node("b", "verbs", ">")], "LEFT_ID: no token before is called 'verbs'.*'verb'"),
        ([node("a"), node("b", "a", "=>")], "REL_OP: unknown operator '=>'; expected one of < > <<"),
        ([node("a", OP="+")], r"OP '\+' is not possible here: each dict stands for one token"),
        ([{"RIGHT_ID": "a", "RIGHT_ATTRS": "x"}], "RIGHT_ATTRS: expected a dict of attributes, found 'x'"),
        ([node("a", LOWRE="x")], "unknown attribute 'LOWRE'.*'LOWER'"),
    ],
)
def test_wrong_patterns_are_refused_with_every_problem(vocab, pattern, message):
    with pytest.raises(MatchPatternError, match=message):
        DependencyMatcher(vocab, validate=True).add("RULE", [pattern])


@pytest.mark.parametrize("validate", [True, False])
def test_unknown_attributes_are_named_in_any_case(vocab, validate):
    matcher = DependencyMatcher(vocab, validate=validate)
    with pytest.raises(MatchPatternError, match="pattern 0: token 1: unknown attribute 'LOWRE'. Did you mean 'LOWER'"):
        matcher.add("RULE", [[node("a"), node("b", "a", ">", LOWRE="x")]])


def test_wrong_arguments_are_refused(vocab, doc):
    matcher = DependencyMatcher(vocab)
    with pytest.raises(MatchPatternError, match="expected a list of patterns"):
        matcher.add("RULE", [node("a")])
    with pytest.raises(ValueError, match="on_match for 'RULE' must be a function or None, found int"):
        matcher.add("RULE", [[node("a")]], on_match=3)
    with pytest.raises(ValueError, match="looks for matches in a Doc or Span, found str"):
        matcher("boats")
    with pytest.raises(ValueError, match="has no patterns for 'RULE'; it has: none") as caught:
        matcher.remove("RULE")
    assert isinstance(caught.value, (SpanwrightError, KeyError))
    with pytest.warns(SpanwrightWarning, match="Unknown key 'WEIGHT'.*ignored"):
        matcher.add("RULE", [[{**node("a"), "WEIGHT": 3}]])
    matcher.add("TAGGED", [[node("a", TAG="NN")]])
    with pytest.raises(ValueError, match="patterns for TAG, which no token of the Doc has; .*tagger"):
        matcher(doc)
