"""Non-projective trees made projective, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.tokens import Doc, nonproj
from spanwright_tokens.vocab import Vocab


@st.composite
def trees(draw):
    """Heads of a forest: each token's head comes before it in a random order; the first is a root."""
    order = draw(st.permutations(range(draw(st.integers(1, 9)))))
    heads = list(range(len(order)))
    for i, token in enumerate(order[1:], start=1):
        heads[token] = order[draw(st.integers(0, i - 1))]
    return heads


def above(token, heads):
    seen = []
    while heads[token] != token:
        token = heads[token]
        seen.append(token)
    return seen


def plain_crossing(heads):
    """The twin of the kernel: dependents of arcs that span a token which is not below the head."""
    return {
        token
        for token, head in enumerate(heads)
        if any(head not in above(k, heads) for k in range(min(head, token) + 1, max(head, token)))
    }


@given(trees())
def test_kernel_agrees_with_its_twin(heads):
    crossing = plain_crossing(heads)
    assert {i for i in range(len(heads)) if nonproj.is_nonproj_arc(i, heads)} == crossing
    assert nonproj.is_nonproj_tree(heads) == bool(crossing)


@given(trees())
def test_projectivized_trees_are_projective(heads):
    labels = [f"l{i}" for i in range(len(heads))]
    lifted, decorated = nonproj.projectivize(heads, labels)
    assert not nonproj.is_nonproj_tree(lifted)
    assert nonproj.contains_cycle(lifted) is None
    for i, (old, new, label) in enumerate(zip(heads, lifted, decorated, strict=True)):
        assert label == (f"l{i}" if old == new else f"l{i}||l{old}")
        assert new == i or new in above(i, heads)


@given(trees())
def test_deprojectivize_undoes_it(heads):
    # With a label of its own for every token the head is found again, unless the token was made a root, the head was
    # lifted too (its label is decorated then), or a token above the head was, so that it is not looked for there.
    labels = [f"l{i}" for i in range(len(heads))]
    lifted, decorated = nonproj.projectivize(heads, labels)
    moved = [i for i, head in enumerate(lifted) if head != heads[i]]
    if any(lifted[i] == i or heads[i] in moved or lifted[i] not in above(heads[i], lifted) for i in moved):
        return
    doc = Doc(Vocab(), words=[f"w{i}" for i in range(len(heads))], heads=lifted, deps=decorated)
    assert nonproj.deprojectivize(doc) is doc
    assert [token.head.i for token in doc] == heads
    assert [token.dep_ for token in doc] == labels


def test_a_plain_doc_is_left_alone():
    doc = Doc(Vocab(), words=["a", "b"], heads=[1, 1], deps=["x", "ROOT"])
    assert [token.dep_ for token in nonproj.deprojectivize(doc)] == ["x", "ROOT"]


def test_missing_heads():
    assert not nonproj.is_nonproj_tree([None, 0, None])
    assert nonproj.projectivize([1, None, 1], ["a", "", "b"]) == ([1, None, 1], ["a", "", "b"])
    assert list(nonproj.ancestors(0, [1, 2, 2])) == [1, 2]
    assert list(nonproj.ancestors(0, [1, None])) == [1, None]


def test_labels():
    assert nonproj.decompose("a||b") == ("a", "b")
    assert nonproj.decompose("a") == ("a", "")
    assert nonproj.is_decorated("a||b")
    assert not nonproj.is_decorated("a")


@pytest.mark.parametrize("function", [nonproj.is_nonproj_tree, lambda h: nonproj.projectivize(h, ["x"] * len(h))])
def test_cycle(function):
    heads = [3, 3, 0, 0, 1]
    assert nonproj.contains_cycle(heads) is not None
    with pytest.raises(ValueError, match=r"The heads \[3, 3, 0, 0, 1\] go round in a circle"):
        function(heads)
    with pytest.raises(ValueError, match="in a circle"):
        nonproj.is_nonproj_arc(4, heads)


def test_other_bad_heads():
    with pytest.raises(ValueError, match="A head lies outside of the 2 tokens"):
        nonproj.is_nonproj_tree([0, 5])
    with pytest.raises(ValueError, match="2 heads and 1 labels"):
        nonproj.projectivize([0, 0], ["a"])
