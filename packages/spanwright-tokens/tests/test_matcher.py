"""The token matcher finds what its patterns ask for, and says what is wrong with a pattern."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.errors import SpanwrightError, SpanwrightWarning
from spanwright_tokens.matcher import Matcher, MatchPatternError, filter_spans, levenshtein, levenshtein_compare
from spanwright_tokens.matcher._automaton import find
from spanwright_tokens.tokens import Doc, Token
from spanwright_tokens.vocab import Vocab


@pytest.fixture(scope="module")
def vocab():
    return Vocab()


@pytest.fixture
def doc(vocab):
    words = "The old red boats and the new boats left Oban at 9".split()
    tags = "DT JJ JJ NNS CC DT JJ NNS VBD NNP IN CD".split()
    morphs = ["", "Degree=Pos", "Degree=Pos", "Number=Plur", "", "", "Degree=Pos", "Number=Plur"]
    morphs += ["Tense=Past|VerbForm=Fin", "Number=Sing", "", ""]
    return Doc(vocab, words=words, tags=tags, morphs=morphs)


def matches(vocab, doc, pattern, **settings):
    matcher = Matcher(vocab)
    matcher.add("RULE", [pattern], **settings)
    return [doc[start:end].text for _, start, end in matcher(doc)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ([{"LOWER": "the"}], ["The", "the"]),
        ([{"TEXT": "the"}], ["the"]),
        ([{"TAG": "JJ", "OP": "+"}, {"LOWER": "boats"}], ["red boats", "old red boats", "new boats"]),
        ([{"LOWER": "the"}, {"TAG": "JJ", "OP": "{2}"}], ["The old red"]),
        ([{"LOWER": "boats"}, {"OP": "!", "TAG": "CC"}], ["boats left"]),
        ([{"ORTH": {"REGEX": "^[A-Z]"}}], ["The", "Oban"]),
        ([{"LOWER": {"IN": ["oban", "9"]}}], ["Oban", "9"]),
        ([{"LOWER": {"REGEX": {"IN": ["^ob", "ft$"]}}}], ["left", "Oban"]),
        ([{"LENGTH": {">=": 5}}], ["boats", "boats"]),
        ([{"LOWER": {"FUZZY1": "bats"}}], ["boats", "boats"]),
        ([{"MORPH": {"IS_SUPERSET": ["Tense=Past"]}}], ["left"]),
        ([{"IS_DIGIT": True}], ["9"]),
        ([{"TAG": "IN"}, {}], ["at 9"]),
        ([{"LOWER": "old", "OP": "{0}"}, {"LOWER": "red"}], ["red"]),
        ([{"LOWER": "red", "OP": "{0}"}, {"OP": "{,0}"}], []),
    ],
)
def test_patterns_match_what_they_say(vocab, doc, pattern, expected):
    assert matches(vocab, doc, pattern) == expected


def test_greedy_keeps_the_longest_or_the_first(vocab, doc):
    pattern = [{"TAG": "JJ", "OP": "*"}, {"TAG": "NNS"}]
    assert matches(vocab, doc, pattern, greedy="LONGEST") == ["old red boats", "new boats"]
    assert matches(vocab, doc, pattern, greedy="FIRST") == ["old red boats", "new boats"]


def test_matches_in_a_span_count_from_its_start(vocab, doc):
    matcher = Matcher(vocab)
    matcher.add("BOATS", [[{"LOWER": "boats"}]])
    assert [match[1:] for match in matcher(doc[2:8])] == [(1, 2), (5, 6)]
    assert [(span.start, span.label_) for span in matcher(doc[2:8], as_spans=True)] == [(3, "BOATS"), (7, "BOATS")]


def test_alignments_name_the_token_of_the_pattern(vocab, doc):
    matcher = Matcher(vocab)
    matcher.add("NP", [[{"LOWER": "the"}, {"TAG": "JJ", "OP": "+"}, {"TAG": "NNS"}]])
    assert [match[3] for match in matcher(doc, with_alignments=True)] == [[0, 1, 1, 2], [0, 1, 2]]


def test_extension_attributes_can_be_asked_for(vocab, doc):
    Token.set_extension("is_harbour", default=False)
    try:
        doc[9]._.is_harbour = True
        assert matches(vocab, doc, [{"_": {"is_harbour": True}}]) == ["Oban"]
    finally:
        Token.remove_extension("is_harbour")


def test_callbacks_are_called_for_each_match(vocab, doc):
    seen = []
    matches(vocab, doc, [{"LOWER": "boats"}], on_match=lambda matcher, doc, i, found: seen.append(found[i][1]))
    assert seen == [3, 7]


def test_a_matcher_survives_pickling_and_forgets_what_is_removed(vocab, doc):
    matcher = Matcher(vocab)
    matcher.add("A", [[{"LOWER": "boats"}]], greedy="LONGEST")
    copy = pickle.loads(pickle.dumps(matcher))
    assert [match[1:] for match in copy(doc)] == [(3, 4), (7, 8)]
    assert matcher.get("A") == (None, [[{"LOWER": "boats"}]])
    matcher.remove("A")
    assert matcher(doc) == []
    assert "A" not in matcher
    with pytest.raises(KeyError, match="no patterns for 'A'; it has: none"):
        matcher.remove("A")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ([{"LOWRE": "x"}], "token 0: unknown attribute 'LOWRE'.*LOWER"),
        ([{"LOWER": 3}], "LOWER: expected a string or a dict"),
        ([{"LOWER": None}], "None is not allowed"),
        ([{"IS_ALPHA": "yes"}], "IS_ALPHA: expected True or False, found 'yes'"),
        ([{"OP": "++"}], r"unknown operator '\+\+' for OP; expected !, \?"),
        ([{"OP": "{3,2}"}], r"unknown operator '\{3,2\}'"),
        ([{"LENGTH": "3"}], "LENGTH: expected a number"),
        ([{"ENT_IOB": "X"}], "ENT_IOB: expected one of"),
        ([{"_": 3}], "_: expected a dict of extension attributes"),
        ([], "the pattern is empty"),
        (["boats"], "token 0: expected a dict of attributes, found 'boats'"),
        ([{"OP": "{2,1001}"}], r"operator '\{2,1001\}' repeats more than 1000 times; use \{n,\}"),
        ([{}, {"LOWER": {"REGEX": "("}}], r"token 1: LOWER: REGEX: '\(' is no regular expression: missing \)"),
        ([{"LOWER": {"REGEX": {"IN": ["a", 3]}}}], "REGEX: IN: expected a text, found 3"),
        ([{"LOWER": {"FUZZY2": ["a"]}}], r"FUZZY2: expected a text, found \['a'\]"),
        ([{"LOWER": {"IN": "boats"}}], "LOWER: IN: expected a list, found 'boats'"),
        ([{"LENGTH": {">": "long"}}], "LENGTH: > compares numbers, found 'long'"),
        ([{"_": {"kind": {"NOT_IN": 4}}}], "_.kind: NOT_IN: expected a list, found 4"),
    ],
)
def test_every_problem_of_a_pattern_is_named(vocab, pattern, message):
    with pytest.raises(MatchPatternError, match=message) as caught:
        Matcher(vocab).add("RULE", [pattern])
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ([{"LOWRE": "x"}], "token 0: unknown attribute 'LOWRE'. Did you mean 'LOWER'"),
        ([{"OP": "++"}], "token 0: unknown operator"),
        ([{}, {"LOWER": {"REGEX": "("}}], "token 1: LOWER: REGEX: .* is no regular expression"),
        ([{"LENGTH": {">": "long"}}], "LENGTH: > compares numbers"),
        ([{"MORPH": {"IN": ["Number"]}}], "token 0: Morphological features are written"),
    ],
)
def test_what_cannot_be_compiled_is_named_without_validation(vocab, pattern, message):
    matcher = Matcher(vocab, validate=False)
    with pytest.raises(MatchPatternError, match=message):
        matcher.add("RULE", [[{"LOWER": "x"}], pattern])
    assert "RULE" not in matcher


def test_many_optional_tokens_take_no_more_time_than_they_are(vocab):
    doc = Doc(vocab, words=["a"] * 40)
    matcher = Matcher(vocab)
    matcher.add("RUN", [[{"LOWER": "a", "OP": "{2,1000}"}]])
    assert len(matcher(doc)) == 40 * 39 // 2
    matcher.add("LONG", [[{"LOWER": "a", "OP": "{2,1000}"}, {"OP": "{,900}"}]], greedy="LONGEST")
    assert [match[1:] for match in matcher(doc) if match[0] == vocab.strings["LONG"]] == [(0, 40)]


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(st.sampled_from("ab"), min_size=1, max_size=7),
    pattern=st.lists(st.tuples(st.sampled_from("ab."), st.sampled_from("1?*+")), min_size=3, max_size=9),
)
def test_looking_once_at_each_place_finds_the_same(words, pattern):
    from spanwright_tokens.matcher import plan

    vocab = Vocab()
    doc = Doc(vocab, words=words)
    found = []
    for limit in (0, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plan, "FEW_LOOSE_PLACES", limit)
            matcher = Matcher(vocab)
            matcher.add("RULE", [[{"LOWER": {"REGEX": word}, "OP": op} for word, op in pattern]])
            found.append((matcher(doc), matcher(doc, with_alignments=True)))
    assert found[0] == found[1]


def test_all_patterns_are_checked_in_one_pass(vocab):
    with pytest.raises(MatchPatternError) as caught:
        Matcher(vocab).add("RULE", [[{"LOWRE": "x"}], [{"LOWER": "x"}], [{"OP": "~"}]])
    assert list(caught.value.problems) == [0, 2]


def test_many_patterns_are_added_all_or_none(vocab, doc):
    matcher = Matcher(vocab)
    matcher.add("A", [[{"LOWER": "old"}]], greedy="FIRST")
    before = matcher(doc)
    with pytest.raises(MatchPatternError, match="'C'") as caught:
        matcher.add_each([("A", [{"TAG": "NNP"}]), ("B", [{"LOWER": "red"}]), ("C", [{"LOWRE": "x"}])])
    assert caught.value.place == 2
    assert matcher(doc) == before
    assert matcher(Doc(vocab, words=["old"]))  # the pattern that was taken back asked for tags
    assert "B" not in matcher
    assert matcher.get("A") == (None, [[{"LOWER": "old"}]])
    matcher.add_each([("A", [{"LOWER": "red"}]), ("B", [{"LOWER": "red"}])])
    found = [(vocab.strings[key], doc[start:end].text) for key, start, end in matcher(doc)]
    assert sorted(found) == [("A", "old"), ("A", "red"), ("B", "red")]
    matcher.remove("A")
    assert [vocab.strings[key] for key, _, _ in matcher(doc)] == ["B"]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ((1.5, [{"LOWER": "red"}]), TypeError, "the key of patterns must be a string or its id, found 1.5"),
        (("B", [{"_": {"way": [["up"]]}}]), MatchPatternError, r"token 0: _: way: expected .* found \(\['up'\],\)"),
        (7, TypeError, "unpack"),
    ],
)
def test_nothing_is_added_whatever_goes_wrong(vocab, doc, wrong, error, message):
    matcher = Matcher(vocab)
    matcher.add("A", [[{"LOWER": "old"}]])
    before = matcher(doc)
    with pytest.raises(error, match=message):
        matcher.add_each([("B", [{"LOWER": "red"}]), wrong])
    assert "B" not in matcher
    assert matcher(doc) == before


def test_an_extension_that_cannot_be_looked_up_is_named_and_nothing_is_added(vocab, doc):
    matcher = Matcher(vocab)
    matcher.add("A", [[{"LOWER": "old"}]])
    before = matcher(doc)
    with pytest.raises(MatchPatternError, match="pattern 1: token 0: _: way: expected a text, a number"):
        matcher.add("B", [[{"LOWER": "red"}], [{"_": {"way": {"up"}}}]])
    assert matcher(doc) == before


def test_wrong_arguments_are_refused(vocab, doc):
    matcher = Matcher(vocab)
    with pytest.raises(MatchPatternError, match="expected a list of patterns"):
        matcher.add("RULE", [{"LOWER": "x"}])
    with pytest.raises(TypeError, match="key of patterns must be a string or its id, found None"):
        matcher.add(None, [[{"LOWER": "x"}]])
    with pytest.raises(TypeError, match="on_match for 'RULE' must be a function"):
        matcher.add("RULE", [[{"LOWER": "x"}]], on_match=3)
    with pytest.raises(ValueError, match="greedy for 'RULE' must be"):
        matcher.add("RULE", [[{"LOWER": "x"}]], greedy="SHORTEST")
    with pytest.raises(ValueError, match="looks for matches in a Doc or Span, found str"):
        matcher("boats")
    with pytest.warns(SpanwrightWarning, match="Unknown predicate 'INN'.*IN"):
        matcher.add("RULE", [[{"LOWER": {"INN": ["x"]}}]])


def test_annotation_that_nothing_has_set_is_an_error_unless_allowed(vocab):
    bare = Doc(vocab, words=["boats"])
    matcher = Matcher(vocab)
    matcher.add("NOUN", [[{"TAG": "NNS"}]])
    with pytest.raises(ValueError, match="patterns for TAG, which no token of the Doc has; .*tagger"):
        matcher(bare)
    assert matcher(bare, allow_missing=True) == []
    assert matcher(Doc(vocab)) == []
    # What is not set is judged, too.
    assert matches(vocab, bare, [{"TAG": {"NOT_IN": ["NNS"]}}]) == ["boats"]
    assert matches(vocab, bare, [{"TAG": {"REGEX": "^N"}}]) == []


@given(
    text=st.text("abc", max_size=8),
    places=st.lists(
        st.tuples(st.sampled_from(["a", "b", "[ab]", "."]), st.sampled_from(["", "?", "*"])), min_size=1, max_size=4
    ),
)
def test_the_automaton_finds_every_substring_that_the_regular_expression_matches(text, places):
    expression = re.compile("".join(letter + op for letter, op in places))
    expected = {
        (start, end)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if expression.fullmatch(text, start, end)
    }
    fits = np.array([[bool(re.fullmatch(letter, char)) for char in text] for letter, _ in places], dtype=np.uint8)
    quantifiers = np.array(["?*".find(op) + 1 if op else 0 for _, op in places], dtype=np.uint8)
    starts = np.array([[token, 0] for token in range(len(text))], dtype=np.int32).reshape(-1, 2)
    final = np.arange(len(places)) == len(places) - 1
    fits = fits.reshape(len(places), len(text))
    rows, _ = find(fits, np.arange(len(places), dtype=np.int32), quantifiers, final.astype(np.uint8), starts)
    assert {(start, end) for _, start, end, _ in rows.tolist()} == expected


def test_matches_come_in_the_order_in_which_they_become_certain(vocab):
    doc = Doc(vocab, words=["a", "b", "a", "b"])
    matcher = Matcher(vocab)
    a, any_b = {"LOWER": "a"}, {"LOWER": "b", "OP": "?"}
    matcher.add("FIRST", [[a, any_b]])
    matcher.add("SECOND", [[{"LOWER": "b"}]])
    matcher.add("FIRST", [[a, any_b, {"OP": "*"}]])
    found = [(vocab.strings[key], start, end) for key, start, end in matcher(doc)]
    assert found == [
        ("FIRST", 0, 1),
        ("FIRST", 0, 2),
        ("SECOND", 1, 2),
        ("FIRST", 0, 3),
        ("FIRST", 2, 3),
        ("FIRST", 2, 4),
        ("SECOND", 3, 4),
        ("FIRST", 0, 4),
    ]


@given(st.text("abcé", max_size=7), st.text("abcé", max_size=7), st.integers(-1, 8))
def test_edit_distance_equals_its_definition(first, second, most):
    table = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
    table[:, 0], table[0] = np.arange(len(first) + 1), np.arange(len(second) + 1)
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b))
    full = table[-1, -1]
    assert levenshtein(first, second, most) == (full if most < 0 else min(full, most + 1))


def test_fuzzy_allows_a_third_of_the_pattern_and_never_less_than_two():
    assert levenshtein_compare("definately", "definitely")
    assert levenshtein_compare("teh", "the")
    assert not levenshtein_compare("harbour", "garden")
    assert not levenshtein_compare("definately", "definitely", 0)


def test_filter_spans_keeps_the_longest_then_the_first(vocab, doc):
    spans = [doc[0:2], doc[1:4], doc[3:5], doc[3:6], doc[8:9], doc[8:9]]
    assert [(s.start, s.end) for s in filter_spans(spans)] == [(1, 4), (8, 9)]
    assert issubclass(MatchPatternError, SpanwrightError)
