"""trainable_lemmatizer learns edit trees from forms and lemmas, and applies them."""

from __future__ import annotations

import pickle
from types import SimpleNamespace

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright import load
from spanwright.errors import SpanwrightError
from spanwright.pipeline import EditTreeLemmatizer
from spanwright.strings import StringStore
from spanwright.tokens import Doc, Example
from spanwright_tagger.edit_trees import NULL_TREE_ID, EditTrees

words = st.text("abcdé", max_size=6)
DATA = [("He was walking boats", ["he", "be", "walk", "boat"]), ("he was talking goats", ["he", "be", "talk", "goat"])]


def longest_common(form, lemma):
    """The definition: the longest common part, the first in the form, then the first in the lemma."""
    found = (0, 0, 0)
    for start in range(len(form)):
        for length in range(1, len(form) - start + 1):
            other = lemma.find(form[start : start + length])
            if other >= 0 and length > found[2]:
                found = (start, other, length)
    return found


@given(words, words, words)
def test_a_tree_makes_the_lemma_of_its_form_and_of_forms_like_it(form, lemma, prefix):
    trees = EditTrees(StringStore())
    tree_id = trees.add(form, lemma)
    assert trees.apply(tree_id, form) == lemma
    assert trees.add(form, lemma) == tree_id
    assert EditTrees(trees.strings).from_bytes(trees.to_bytes()).add(form, lemma) == tree_id
    assert pickle.loads(pickle.dumps(trees)).apply(tree_id, form) == lemma
    start, other, length = longest_common(form, lemma)
    if length and form != lemma:
        tree = trees[tree_id]
        assert (tree["prefix_len"], tree["suffix_len"]) == (start, len(form) - start - length)
        assert (tree["prefix_tree"] == NULL_TREE_ID) == (start == other == 0)


def test_trees_apply_to_other_forms_or_not_at_all():
    trees = EditTrees(StringStore())
    walking, went = trees.add("walking", "walk"), trees.add("was", "be")
    assert trees.apply(walking, "talking") == "talk"
    assert trees.apply(walking, "walked") is None
    assert trees.apply(walking, "ng") is None
    assert trees.apply(went, "is") is None
    assert trees.tree_to_str(walking) == "(m 0 3 () (s 'ing' ''))"
    assert trees.tree_to_str(went) == "(s 'was' 'be')"
    assert list(trees[trees.add("", "")].values()) == [0, 0, NULL_TREE_ID, NULL_TREE_ID]
    with pytest.raises(IndexError, match="no edit tree 99: there are 4"):
        trees.apply(99, "a")


@pytest.mark.parametrize(
    ("trees", "message"),
    [
        ([{"orig": "a"}], "tree 0 must be a dict of numbers .*prefix_len.*orig, subst.*found"),
        ([{"orig": "a", "subst": "b", "more": 1}], "tree 0 must be a dict"),
        ([{"prefix_len": -1, "suffix_len": 0, "prefix_tree": 0, "suffix_tree": 0}], "tree 0 must be a dict"),
        (
            [{"prefix_len": 1, "suffix_len": 0, "prefix_tree": 0, "suffix_tree": NULL_TREE_ID}],
            "tree 0 refers to tree 0",
        ),
    ],
)
def test_wrong_trees_are_refused(trees, message):
    table = EditTrees(StringStore())
    table.add("a", "b")
    with pytest.raises(ValueError, match=message) as caught:
        table.from_json(trees)
    assert isinstance(caught.value, SpanwrightError)
    assert len(table) == 1
    with pytest.raises(ValueError, match="a message with a list of 'trees' is needed"):
        table.from_bytes(b"\x80")


@pytest.fixture
def make(make_nlp):
    def build(**config):
        nlp = make_nlp("trainable_lemmatizer", initialize=False, **{"min_tree_freq": 1, **config})
        nlp.initialize(lambda: examples(nlp))
        return nlp

    return build


def examples(nlp):
    return [Example.from_dict(nlp.make_doc(text), {"lemmas": lemmas}) for text, lemmas in DATA]


def learn(nlp, steps=40):
    from thinc.api import Adam

    optimizer, losses = Adam(0.02), {}
    for _ in range(steps):
        losses = {}
        nlp.update(examples(nlp), sgd=optimizer, losses=losses)
    return losses


def test_lemmas_are_learnt_and_survive_files(make, tmp_path):
    nlp = make()
    assert learn(nlp)["trainable_lemmatizer"] < 0.01
    expected = [["he", "be", "walk", "boat"], ["he", "be", "talk", "goat"]]
    texts = [text for text, _ in DATA]
    assert [[t.lemma_ for t in doc] for doc in nlp.pipe(texts)] == expected
    nlp.to_disk(tmp_path / "nlp")
    for other in (load(tmp_path / "nlp"), pickle.loads(pickle.dumps(nlp))):
        assert [[t.lemma_ for t in doc] for doc in other.pipe(texts)] == expected
        # Labels are known again, so training goes on where it was.
        assert learn(other, 1)["trainable_lemmatizer"] < 0.01
    bytes_again = make()
    bytes_again.get_pipe("trainable_lemmatizer").from_bytes(nlp.get_pipe("trainable_lemmatizer").to_bytes())
    assert [[t.lemma_ for t in doc] for doc in bytes_again.pipe(texts)] == expected
    assert nlp.evaluate(examples(nlp))["lemma_acc"] == 1.0
    assert len(list(nlp.pipe(["", ""]))) == 2


def test_rare_trees_are_no_labels(make):
    assert len(make(min_tree_freq=2).get_pipe("trainable_lemmatizer").labels) == 3
    assert len(make().get_pipe("trainable_lemmatizer").labels) == 5
    with pytest.raises(ValueError, match="has no labels"):
        make(min_tree_freq=9)


def test_labels_can_be_given(make):
    nlp = make()
    data = nlp.get_pipe("trainable_lemmatizer").label_data
    other = make().get_pipe("trainable_lemmatizer")
    other.initialize(lambda: examples(nlp), labels=data)
    assert other.label_data == data
    assert other.hide_labels
    with pytest.raises(ValueError, match="'trees' is missing"):
        other.initialize(lambda: examples(nlp), labels={"labels": [0]})
    with pytest.raises(ValueError, match="the label 99 is no edit tree; there are"):
        other.initialize(lambda: examples(nlp), labels={**data, "labels": [99]})
    with pytest.raises(NotImplementedError):
        other.add_label("x")


def chosen(pipe, *trees):
    """Scores under which these trees are the best, in order, for every token."""
    scores = numpy.zeros((4, len(pipe.labels)), dtype="float32")
    for rank, tree in enumerate(trees):
        scores[:, pipe.labels.index(tree)] = 1 - 0.1 * rank
    return scores


@pytest.mark.parametrize("top_k", [1, 2, 30])
def test_the_best_tree_that_applies_is_taken_or_the_backoff(make, top_k):
    nlp = make(top_k=top_k)
    pipe = nlp.get_pipe("trainable_lemmatizer")
    ing, s = pipe.trees.add("walking", "walk"), pipe.trees.add("boats", "boat")
    pipe.model = SimpleNamespace(predict=lambda docs: [chosen(pipe, ing, s) for _ in docs])
    doc = nlp("Talking boats was here")
    expected = ["Talk", "boats", "was", "here"] if top_k == 1 else ["Talk", "boat", "wa", "here"]
    assert [token.lemma_ for token in doc] == expected


@pytest.mark.parametrize(
    ("overwrite", "backoff", "expected"),
    [
        (False, "orth", ["old", "boat", "Was", "x"]),
        (False, None, ["old", "boat", "", "x"]),
        (True, "lower", ["Goat", "boat", "was", "here"]),
        (True, None, ["Goat", "boat", "", "x"]),
    ],
)
def test_lemmas_that_are_set_stay_unless_overwritten(make, overwrite, backoff, expected):
    nlp = make(overwrite=overwrite, backoff=backoff)
    pipe = nlp.get_pipe("trainable_lemmatizer")
    s = pipe.trees.add("boats", "boat")
    doc = Doc(nlp.vocab, words="Goats boats Was here".split(), lemmas=["old", "", "", "x"])
    pipe.set_annotations([doc], [numpy.array([s, s, -1, -1])])
    assert [token.lemma_ for token in doc] == expected
    with pytest.raises(ValueError, match="The Docs have 4 tokens, but there are 1 trees to apply"):
        pipe.set_annotations([doc], [numpy.array([s])])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"backoff": "ortho"}, "backoff must be a text attribute of tokens, or null; found 'ortho'.*'orth'"),
        ({"top_k": 0}, "top_k must be a number from 1 on, found 0"),
    ],
)
def test_wrong_settings_are_refused(make, config, message):
    nlp = make()
    with pytest.raises(ValueError, match=message):
        EditTreeLemmatizer(nlp.vocab, nlp.get_pipe("trainable_lemmatizer").model, **config)


def test_a_damaged_file_changes_nothing(make, tmp_path):
    nlp = make()
    pipe = nlp.get_pipe("trainable_lemmatizer")
    pipe.to_disk(tmp_path / "pipe", exclude=["vocab"])
    before = pipe.to_bytes()
    (tmp_path / "pipe" / "trees").write_bytes(b"\x81\xa5trees\x03")
    with pytest.raises(ValueError, match="trees: a message with a list of 'trees' is needed"):
        pipe.from_disk(tmp_path / "pipe", exclude=["vocab"])
    assert pipe.to_bytes() == before
