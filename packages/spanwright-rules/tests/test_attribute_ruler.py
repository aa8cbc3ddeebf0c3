"""attribute_ruler sets attributes of what its patterns find, and says what is wrong with a rule."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright import blank
from spanwright.errors import SpanwrightError, SpanwrightWarning
from spanwright.pipeline import AttributeRuler
from spanwright.tokens import Doc, Token
from spanwright.vocab import Vocab
from spanwright_rules.components import attribute_ruler
from spanwright_tokens.io import dump_msgpack

WORDS = "He ai n't gon na see the Who".split()
TAGS = ["PRP", "VBP", "RB", "VBP", "TO", "VB", "DT", "NNP"]


@pytest.fixture
def vocab():
    return Vocab()


@pytest.fixture
def doc(vocab):
    return Doc(vocab, words=WORDS, tags=TAGS)


@pytest.fixture
def ruler(vocab):
    ruler = AttributeRuler(vocab)
    ruler.add([[{"TAG": "VBP"}]], {"POS": "VERB", "MORPH": "VerbForm=Fin|Tense=Pres"})
    ruler.add([[{"LOWER": "gon"}, {"LOWER": "na"}]], {"LEMMA": "go"})
    ruler.add([[{"LOWER": "gon"}, {"LOWER": "na"}]], {"LEMMA": "to", "POS": "PART"}, index=1)
    ruler.add([[{"TAG": "VBP", "LOWER": "ai"}, {"LOWER": {"REGEX": "^n'?t$"}}]], {"LEMMA": "be", "POS": "AUX"})
    ruler.add([[{"LOWER": "the"}, {"IS_TITLE": True, "OP": "+"}]], {"POS": "PROPN"}, index=-1)
    return ruler


def test_rules_set_attributes_and_later_rules_win(ruler, doc):
    ruler(doc)
    assert [token.pos_ for token in doc] == ["", "AUX", "", "VERB", "PART", "", "", "PROPN"]
    assert [token.lemma_ for token in doc] == ["", "be", "", "go", "to", "", "", ""]
    assert str(doc[1].morph) == "Tense=Pres|VerbForm=Fin"


def test_rules_see_the_doc_as_it_was(vocab):
    ruler = AttributeRuler(vocab)
    ruler.add([[{"ORTH": "a"}]], {"TAG": "X"})
    ruler.add([[{"TAG": "X"}]], {"TAG": "Y"})
    assert ruler(Doc(vocab, words=["a", "b"], tags=["Z", "X"])).to_array("TAG").tolist() == [
        vocab.strings["X"],
        vocab.strings["Y"],
    ]


ATTRS = ["LOWER", "TAG", "IS_TITLE", "SHAPE"]
words = st.sampled_from(["a", "b", {"IN": ["a", "B"]}, {"REGEX": "^[ab]"}])
places = st.fixed_dictionaries(
    {}, optional={"LOWER": words, "TAG": words, "IS_SENT_START": st.booleans(), "OP": st.sampled_from("!1")}
)
rules = st.lists(
    st.tuples(
        st.lists(st.lists(places, min_size=1, max_size=2), min_size=1, max_size=2),
        st.fixed_dictionaries({}, optional={"POS": st.sampled_from(["NOUN", "X"]), "LEMMA": st.sampled_from("xy")}),
        st.sampled_from([0, -1]),
    ),
    max_size=5,
)


@settings(max_examples=100, deadline=None)
@given(
    rules=rules,
    texts=st.lists(st.lists(st.sampled_from(["a", "b", "B"]), max_size=4), max_size=4),
    few=st.sampled_from([0, attribute_ruler.FEW_TOKENS]),
)
def test_a_batch_is_annotated_as_match_and_set_annotations_do(rules, texts, few):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attribute_ruler, "FEW_TOKENS", few)
        annotate_both_ways(rules, texts)


def annotate_both_ways(rules, texts):
    vocab = Vocab()
    ruler = AttributeRuler(vocab)
    for patterns, attrs, index in rules:
        ruler.add(patterns, attrs, index)
    pair = [
        [Doc(vocab, words=words, tags=words, sent_starts=[word == "B" for word in words]) for words in texts]
        for _ in range(2)
    ]
    for doc in pair[0]:
        ruler.set_annotations(doc, ruler.match(doc))
    done = list(ruler.pipe(pair[1], batch_size=3))
    assert [doc.to_array(["POS", "LEMMA"]).tolist() for doc in done] == [
        doc.to_array(["POS", "LEMMA"]).tolist() for doc in pair[0]
    ]
    # What was seen before is remembered.
    again = [Doc(vocab, words=words, tags=words, sent_starts=[word == "B" for word in words]) for words in texts]
    assert [ruler(doc).to_array("POS").tolist() for doc in again] == [doc.to_array("POS").tolist() for doc in done]


def test_extension_attributes_and_those_of_lexemes(vocab):
    Token.set_extension("rules_mark", default=None, force=True)
    try:
        ruler = AttributeRuler(vocab)
        ruler.add([[{"ORTH": "a"}]], {"_": {"rules_mark": 3}, "NORM": "alpha", "IS_STOP": True})
        ruler.add([[{"_": {"rules_mark": None}, "ORTH": "b"}]], {"TAG": "B"})
        doc = ruler(Doc(vocab, words=["a", "b"]))
        assert (doc[0]._.rules_mark, doc[0].norm_, doc[0].is_stop, doc[1].tag_) == (3, "alpha", True, "B")
        with pytest.raises(ValueError, match="no extension attribute 'rules_marc'"):
            ruler.add([[{}]], {"_": {"rules_marc": 1}})
    finally:
        Token.remove_extension("rules_mark")


def test_maps_of_version_2(vocab):
    ruler = AttributeRuler(vocab)
    ruler.initialize(
        list,
        tag_map={"NNS": {"POS": "NOUN", "Number": "Plur"}, "DT": {"POS": "DET"}},
        morph_rules={"PRP": {"I": {"LEMMA": "-PRON-", "Person": "One"}}},
    )
    doc = ruler(Doc(vocab, words=["I", "the", "mice"], tags=["PRP", "DT", "NNS"]))
    assert [(t.pos_, str(t.morph), t.lemma_) for t in doc] == [
        ("", "Person=One", "-PRON-"),
        ("DET", "", ""),
        ("NOUN", "Number=Plur", ""),
    ]


def test_files_bytes_and_pickles(ruler, doc, tmp_path):
    ruler.to_disk(tmp_path / "ruler")
    expected = ruler(doc).to_bytes()
    for other in (
        AttributeRuler(ruler.vocab).from_disk(tmp_path / "ruler"),
        AttributeRuler(ruler.vocab).from_bytes(ruler.to_bytes()),
        pickle.loads(pickle.dumps(ruler)),
    ):
        assert other.patterns == ruler.patterns
        assert other(Doc(other.vocab, words=WORDS, tags=TAGS)).to_bytes() == expected
    # As spaCy does, loading adds to what there is.
    assert len(ruler.from_disk(tmp_path / "ruler").patterns) == 10


@pytest.mark.parametrize(
    ("patterns", "attrs", "index", "message"),
    [
        ([[{"LOWRE": "a"}]], {"POS": "NOUN"}, 0, r"rule 0: invalid token .*\n.*unknown attribute 'LOWRE'.*'LOWER'"),
        (None, {"POS": "NOUN"}, 0, "rule 0: expected a list of patterns, found None"),
        ([[{"LOWER": "a"}]], {"MORPH": "Plur"}, 0, "rule 0: Morphological features are written"),
        ([[{"LOWER": "a", "OP": "~"}]], {"POS": "NOUN"}, 0, "unknown operator '~' for OP"),
        ([[{"LOWER": "a"}]], {"ORTH": "b"}, 0, "rule 0: tokens have no attribute 'ORTH'"),
        ([[{"LOWER": "a"}]], {"POSS": "NOUN"}, 0, "rule 0: tokens have no attribute 'POSS'.*'POS'"),
        ([[{"LOWER": "a"}]], {"POS": "NOUNS"}, 0, "POS must be a universal part of speech, found 'NOUNS'.*'NOUN'"),
        ([[{"LOWER": "a"}]], {"TAG": 2.5}, 0, "TAG must be a text or its id, found 2.5"),
        ([[{"LOWER": "a"}]], {"IS_STOP": "yes"}, 0, "IS_STOP must be a number or True or False, found 'yes'"),
        ([[{"LOWER": "a"}]], {"_": 3}, 0, "expected a dict of extension attributes"),
        ([[{"LOWER": "a"}]], "NOUN", 0, "attributes are a dict, found str"),
        ([[{"LOWER": "a"}]], {"POS": "NOUN"}, "1", "the index must be a number, found '1'"),
    ],
)
def test_wrong_rules_are_refused(vocab, patterns, attrs, index, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        AttributeRuler(vocab, validate=True).add(patterns, attrs, index)
    assert isinstance(caught.value, SpanwrightError)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"patterns": [[{}]], "attrs": {}, "indx": 1}, "pattern 0: unknown key 'indx'.*'index'"),
        ({"patterns": [[{}]]}, "pattern 0: the key 'attrs' is missing"),
        ("x", "pattern 0: expected a dict with patterns, attrs, index, found 'x'"),
    ],
)
def test_wrong_dicts_of_rules_are_refused(vocab, rule, message):
    with pytest.raises((ValueError, TypeError), match=message):
        AttributeRuler(vocab).add_patterns([rule])


def test_a_match_without_the_token_is_an_error_that_names_the_rule(vocab):
    ruler = AttributeRuler(vocab, "ruler")
    ruler.add([[{"ORTH": "a"}], [{"ORTH": "b"}, {}]], {"POS": "NOUN"}, index=1)
    good, bad = Doc(vocab, words=["b", "c"]), Doc(vocab, words=["a", "x"])
    with pytest.raises(ValueError, match="'ruler', rule 0: .*found \\['a'\\], which has no token 1"):
        ruler(bad)
    failed = []
    ruler.set_error_handler(lambda name, pipe, docs, error: failed.extend(docs))
    done = list(ruler.pipe([good, bad]))
    assert failed == [bad]
    assert good[1].pos_ == "NOUN"
    assert good in done


def test_a_pattern_without_tokens_finds_none(vocab):
    ruler = AttributeRuler(vocab)
    ruler.add([[{"LOWER": "a", "OP": "{0}"}], [{"LOWER": "b"}]], {"LEMMA": "x"})
    assert [token.lemma_ for token in ruler(Doc(vocab, words=["a", "b"]))] == ["", "x"]


def test_a_damaged_file_changes_nothing(ruler, tmp_path):
    before = ruler.patterns
    with pytest.raises(FileNotFoundError, match="patterns: this file of component 'attribute_ruler' is missing"):
        ruler.from_disk(tmp_path, exclude=["vocab"])
    (tmp_path / "patterns").write_bytes(b"\x81\xa1a\x01")
    with pytest.raises(ValueError, match="a list of rules is needed, found dict"):
        ruler.from_disk(tmp_path, exclude=["vocab"])
    (tmp_path / "patterns").write_bytes(b"\x91")
    with pytest.raises(ValueError, match="no complete message"):
        ruler.from_disk(tmp_path, exclude=["vocab"])
    assert ruler.patterns == before


def test_attributes_that_spacy_saves_and_ignores_are_left_out_of_what_is_loaded(vocab):
    rule = {"patterns": [[{"ORTH": "see"}]], "attrs": {"IS_SENT_START": True, "ORTH": "x", "LEMMA": "y"}, "index": 0}
    saved = dump_msgpack({"patterns": dump_msgpack([rule])})
    with pytest.warns(SpanwrightWarning, match="rule 0: tokens have no attribute 'IS_SENT_START', 'ORTH'; it is left"):
        ruler = AttributeRuler(vocab).from_bytes(saved)
    assert ruler.patterns == [{**rule, "attrs": {"LEMMA": "y"}}]
    assert [token.lemma_ for token in ruler(Doc(vocab, words=["see", "a"]))] == ["y", ""]


def test_in_a_pipeline_with_scores():
    nlp = blank("xx")
    ruler = nlp.add_pipe("attribute_ruler")
    ruler.add([[{"LOWER": "a"}]], {"TAG": "X"})
    from spanwright.tokens import Example

    example = Example(nlp("a b"), Doc(nlp.vocab, words=["a", "b"], tags=["X", "X"]))
    assert ruler.score([example])["tag_acc"] == 0.5
