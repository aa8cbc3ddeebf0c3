"""The dependency tree, against a naive twin."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.errors import InvalidValueError
from spanwright_tokens.tokens import Doc
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()


@st.composite
def trees(draw, max_size=12):
    """Heads of one or more trees: in a random order each token hangs on itself or on one before it."""
    n = draw(st.integers(1, max_size))
    order = draw(st.permutations(range(n)))
    heads = list(range(n))
    for k in range(1, n):
        heads[order[k]] = order[draw(st.integers(0, k))]
    return heads


def make(heads):
    n = len(heads)
    return Doc(VOCAB, words=[f"w{i}" for i in range(n)], heads=heads, deps=["dep"] * n)


def twin_descendants(heads, i):
    found = {i}
    for _ in heads:
        found |= {child for child, head in enumerate(heads) if head in found}
    return found


def twin_subtree(heads, i):
    children = [child for child, head in enumerate(heads) if head == i and child != i]
    return [
        *[token for child in children if child < i for token in twin_subtree(heads, child)],
        i,
        *[token for child in children if child > i for token in twin_subtree(heads, child)],
    ]


@given(trees())
@settings(max_examples=200, deadline=None)
def test_children_edges_and_walks(heads):
    doc = make(heads)
    for i, token in enumerate(doc):
        children = [child for child, head in enumerate(heads) if head == i and child != i]
        assert token.head.i == heads[i]
        assert [child.i for child in token.children] == children
        assert [child.i for child in token.lefts] == [child for child in children if child < i]
        assert [child.i for child in token.rights] == [child for child in children if child > i]
        assert (token.n_lefts, token.n_rights) == (len(list(token.lefts)), len(list(token.rights)))
        descendants = twin_descendants(heads, i)
        assert (token.left_edge.i, token.right_edge.i) == (min(descendants), max(descendants))
        assert [each.i for each in token.subtree] == twin_subtree(heads, i)
        ancestors = []
        while heads[i] != i:
            i = heads[i]
            ancestors.append(i)
        assert [ancestor.i for ancestor in token.ancestors] == ancestors
        assert all(doc[ancestor].is_ancestor(token) for ancestor in ancestors)
        assert not token.is_ancestor(token)


@given(trees())
@settings(max_examples=200, deadline=None)
def test_a_sentence_starts_at_the_left_edge_of_each_root(heads):
    doc = make(heads)
    starts = {min(twin_descendants(heads, i)) for i, head in enumerate(heads) if head == i}
    assert {token.i for token in doc if token.is_sent_start} == starts


@given(trees(), trees())
@settings(max_examples=200, deadline=None)
def test_setting_heads_one_by_one_gives_the_same_tree(before, wanted):
    n = min(len(before), len(wanted))
    before = [head if head < n else i for i, head in enumerate(before[:n])]
    wanted = [head if head < n else i for i, head in enumerate(wanted[:n])]
    doc = make(before)
    for i in range(n):  # first loose tokens, so that no cycle can come up on the way
        doc[i].head = doc[i]
    for i, head in enumerate(wanted):
        doc[i].head = doc[head]
    straight = make(wanted)
    for name in ("HEAD", "L_KIDS", "R_KIDS", "L_EDGE", "R_EDGE", "SENT_START"):
        assert doc.column(name).tolist() == straight.column(name).tolist()


@given(trees())
@settings(max_examples=200, deadline=None)
def test_lowest_common_ancestors(heads):
    doc = make(heads)
    sentence = [sent.start for sent in doc.sents for _ in sent]
    chains = [[token.i, *(ancestor.i for ancestor in token.ancestors)] for token in doc]
    expected = [
        [
            next((a for a in chains[j] if a in chains[k]), -1) if sentence[j] == sentence[k] else -1
            for k in range(len(doc))
        ]
        for j in range(len(doc))
    ]
    assert doc.get_lca_matrix().tolist() == expected


@given(trees())
@settings(max_examples=200, deadline=None)
def test_the_root_of_a_span_is_nearest_to_the_root_of_its_tree(heads):
    doc = make(heads)
    depths = [len(list(token.ancestors)) for token in doc]
    for start in range(len(doc)):
        for end in range(start + 1, len(doc) + 1):
            root = doc[start:end].root.i
            assert start <= root < end
            assert depths[root] == min(depths[start:end])


@given(trees(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_cycle_is_refused_and_changes_nothing(heads, data):
    doc = make(heads)
    i = data.draw(st.integers(0, len(heads) - 1))
    descendants = sorted(twin_descendants(heads, i) - {i})
    if not descendants:
        return
    before = doc.to_array(["HEAD", "SENT_START"]).tolist()
    with pytest.raises(InvalidValueError, match=rf"cannot be the head of token {i}: token {i} is its ancestor"):
        doc[i].head = doc[descendants[0]]
    assert doc.to_array(["HEAD", "SENT_START"]).tolist() == before


def test_a_long_chain_needs_no_recursion():
    n = 20_000
    doc = make([max(i - 1, 0) for i in range(n)])
    assert doc[0].right_edge.i == n - 1
    assert len(list(doc[0].subtree)) == n
    assert len(list(doc[n - 1].ancestors)) == n - 1


def test_a_head_of_another_doc():
    one, other = make([0, 0]), make([0, 0])
    with pytest.raises(InvalidValueError, match="The head of token 0 must be of the same Doc"):
        one[0].head = other[1]


def test_without_a_label_a_token_has_no_head():
    doc = Doc(VOCAB, words=["a", "b"], heads=[1, 1], deps=[None, "ROOT"])
    assert not doc[0].has_head()
    assert doc[0].head == doc[0]
    assert doc[1].has_head()
    assert doc[1].has_dep()


def test_conjuncts():
    words = "apples , pears , plums and figs".split()
    doc = Doc(
        VOCAB, words=words, heads=[0, 0, 0, 2, 2, 4, 4], deps=["ROOT", "punct", "conj", "punct", "conj", "cc", "conj"]
    )
    fruit = {"apples", "pears", "plums", "figs"}
    for token in doc:
        found = {each.text for each in token.conjuncts}
        assert found == (fruit - {token.text} if token.text in fruit else set())
    assert [each.text for each in doc[0:1].conjuncts] == ["pears", "plums", "figs"]
    doc.user_token_hooks["conjuncts"] = lambda token: [token]
    assert doc[1].conjuncts == (doc[1],)


def test_span_neighbours():
    doc = make([1, 4, 1, 4, 4, 4, 5])
    span = doc[3:6]
    assert [token.i for token in span.lefts] == [1]
    assert [token.i for token in span.rights] == [6]
    assert (span.n_lefts, span.n_rights) == (1, 1)
    assert [token.i for token in span.subtree] == [0, 1, 2, 3, 4, 5, 6]


def test_lone_punctuation_is_no_root_of_a_span():
    doc = Doc(VOCAB, words=["see", ",", "the", "dog"], heads=[0, 0, 3, 0], deps=["ROOT", "punct", "det", "obj"])
    assert doc[1:4].root.text == "dog"


def test_lca_needs_sentences():
    with pytest.raises(InvalidValueError, match="sentence boundaries"):
        Doc(VOCAB, words=["a", "b"]).get_lca_matrix()
