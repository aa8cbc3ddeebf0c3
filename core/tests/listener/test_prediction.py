"""In prediction a Doc gets the vectors that computing it alone would give, however Docs are batched."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spanwright.errors import ListenerError
from spanwright.listener import Listener, link

LAWS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def collect(toy: Any, docs: Any) -> Any:
    return toy.heads["first"].model.get_ref("tok2vec").predict(docs)


@LAWS
@given(
    ran=st.lists(st.integers(0, 5), max_size=6),
    asked=st.lists(st.integers(0, 5), max_size=8),
    size=st.integers(1, 4),
)
def test_any_order_subset_duplicate_and_batching(toy: Any, kit: Any, ran: list, asked: list, size: int) -> None:
    docs = toy.docs([*kit.texts, ""])
    chosen = [docs[i] for i in ran]
    for start in range(0, len(chosen), size):
        batch = chosen[start : start + size]
        toy.upstream.set_annotations(batch, toy.upstream.predict(batch))
    wanted = [docs[i] for i in asked]
    assert kit.close(collect(toy, wanted), [toy.alone(doc) for doc in wanted])


def test_what_the_upstream_has_computed_is_not_computed_again(toy: Any, kit: Any) -> None:
    docs = list(toy.upstream.pipe(toy.docs(), batch_size=2))
    before = len(kit.calls(toy.upstream))
    for doc in docs:
        for head in toy.heads.values():
            head(doc)
    assert len(kit.calls(toy.upstream)) == before


def test_a_docs_tensor_is_what_listeners_read(toy: Any) -> None:
    docs = list(toy.upstream.pipe(toy.docs(), batch_size=2))
    assert all(doc.tensor is collect(toy, [doc])[0] for doc in docs)


def test_missing_outputs_are_computed_once_and_leave_the_tensor_alone(toy: Any, kit: Any) -> None:
    doc = toy.doc("never seen before")
    before = len(kit.calls(toy.upstream))
    assert kit.close(collect(toy, [doc, doc]), [toy.alone(doc)] * 2)
    collect(toy, [doc])
    assert len(kit.calls(toy.upstream)) == before + 2  # one was `alone`
    assert doc.tensor.size == 0


def test_an_empty_doc_gives_no_rows_of_the_right_width(toy: Any, kit: Any) -> None:
    empty = toy.doc("")
    assert collect(toy, [empty])[0].shape == (0, kit.width)
    assert [len(v) for v in collect(toy, [toy.doc("two words"), empty, toy.doc("one")])] == [2, 0, 1]


def test_retokenizing_makes_outputs_stale(toy: Any, kit: Any) -> None:
    doc = toy.upstream(toy.doc("a big dog barks"))
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[1:3])
    found = collect(toy, [doc])[0]
    assert found.shape == (3, kit.width)
    assert kit.close([found], [toy.alone(doc)])


def test_a_copied_doc_is_computed_anew(toy: Any, kit: Any) -> None:
    doc = toy.upstream(toy.doc("a big dog"))
    copied = doc.copy()
    assert copied.broadcasts == {}
    assert kit.close(collect(toy, [copied]), [toy.alone(doc)])


@pytest.mark.parametrize("change", ["finish_update", "use_params", "from_bytes", "initialize"])
def test_changed_weights_make_outputs_stale(toy: Any, kit: Any, change: str) -> None:
    doc = toy.upstream(toy.doc("a big dog"))
    old = collect(toy, [doc])[0].copy()
    upstream = toy.upstream
    if change == "finish_update":
        examples = toy.examples()
        upstream.update(examples)
        toy.heads["first"].update(examples)
        upstream.finish_update(kit.SGD(0.1))
    elif change == "from_bytes":
        other = kit.Toy(seed=3).upstream
        upstream.from_bytes(other.to_bytes(exclude=["vocab"]), exclude=["vocab"])
    elif change == "initialize":
        upstream.initialize(lambda: toy.examples())
    else:
        node = next(node for node in upstream.model.walk() if node.name == "maxout")
        with upstream.use_params({(node.id, "W"): node.get_param("W") * 2}):
            assert not numpy.allclose(collect(toy, [doc])[0], old)
            assert kit.close(collect(toy, [doc]), [toy.alone(doc)])
        assert kit.close(collect(toy, [doc]), [old])
        return
    assert not numpy.allclose(collect(toy, [doc])[0], old)
    assert kit.close(collect(toy, [doc]), [toy.alone(doc)])


def test_two_upstreams_each_read_by_their_own_listeners(kit: Any) -> None:
    heads = {"near": kit.head_model(), "far": kit.head_model("upstream"), "named": kit.head_model("other")}
    toy = kit.Toy(heads, others={"other": kit.upstream_model()})
    other = toy.others["other"]
    assert link(toy.components) == {"upstream": ["far"], "other": ["near", "named"]}
    docs = toy.docs()
    listeners = {name: head.model.get_ref("tok2vec") for name, head in toy.heads.items()}
    assert {name: listener.upstream for name, listener in listeners.items()} == {
        "near": "other",
        "far": "upstream",
        "named": "other",
    }
    assert kit.close(listeners["far"].predict(docs), toy.upstream.model.predict(docs))
    assert kit.close(listeners["near"].predict(docs), other.model.predict(docs))


def test_an_upstream_may_listen_to_another(kit: Any) -> None:
    middle = kit.upstream_model(depth=Listener("upstream", kit.width))
    toy = kit.Toy({"first": kit.head_model("middle")}, others={"middle": middle})
    docs = toy.docs()
    expected = middle.layers[1].predict(toy.upstream.model.predict(docs))
    assert kit.close(collect(toy, docs), expected)


def test_sixteen_threads_give_the_serial_answers(toy: Any, kit: Any) -> None:
    texts = [f"{a} {b} {a}{b}" for a in kit.texts for b in "xyzuvw"] * 4
    head = toy.heads["first"]
    serial = [head.predict([toy.upstream(toy.doc(text))])[0] for text in texts]

    def work(text: str) -> Any:
        doc = toy.doc(text)
        if len(text) % 2:
            toy.upstream(doc)
        return head.predict([doc])[0]

    with ThreadPoolExecutor(16) as pool:
        assert kit.same(serial, list(pool.map(work, texts)))


def test_a_listener_without_upstream_warns_at_link_and_raises_at_call(kit: Any) -> None:
    toy = kit.Toy()
    heads = toy.components[1:]
    with pytest.warns(UserWarning, match="'first' listens to an upstream that is missing: no component before it"):
        link(heads[:1])
    with pytest.raises(ListenerError, match=r"listener .tok2vec-listener. of .first. has no upstream.*replace_"):
        toy.heads["first"].predict(toy.docs())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        link(heads[:1])  # once is enough
    link(toy.components)
    toy.heads["first"].predict(toy.docs())


@pytest.mark.parametrize(
    ("upstream", "order", "message"),
    [
        ("nobody", ["upstream", "first"], "has no component 'nobody'.*upstreams before it: 'upstream'"),
        ("upstream", ["first", "upstream"], "'upstream' does not come before it"),
        ("second", ["upstream", "second", "first"], "'second' does not come before it, or is no upstream"),
    ],
)
def test_the_warning_says_why_there_is_no_upstream(kit: Any, upstream: str, order: list, message: str) -> None:
    toy = kit.Toy()
    toy.heads["first"].model = kit.head_model(upstream)
    components = dict(toy.components)
    with pytest.warns(UserWarning, match=message):
        link([(name, components[name]) for name in order])


def test_an_upstream_of_another_kind_is_not_taken(kit: Any) -> None:
    toy = kit.Toy()
    toy.upstream.broadcast.kind = "transformer"
    with pytest.warns(UserWarning, match="no component before it"):
        link(toy.components)
    toy.heads["first"].model = kit.head_model("upstream")
    with pytest.warns(UserWarning, match="'upstream' offers another kind of output"):
        link(toy.components)


def test_a_listener_that_was_never_added_says_so(kit: Any) -> None:
    toy = kit.Toy()
    with pytest.raises(ListenerError, match="of a component has no upstream: it has not been added to a pipeline"):
        Listener("*", 8).predict(toy.docs())


def test_another_width_than_the_upstreams_is_an_error(kit: Any) -> None:
    toy = kit.Toy()
    toy.heads["first"].model = kit.head_model(width=6)
    link(toy.components)
    with pytest.raises(ListenerError, match="made for vectors of width 6, but its upstream 'upstream' gives width 8"):
        toy.heads["first"].predict(toy.docs())


def test_the_width_may_come_from_the_upstream(kit: Any) -> None:
    toy = kit.Toy({"first": kit.head_model(width=None)})
    assert toy.heads["first"].model.get_ref("tok2vec").get_dim("nO") == kit.width
    loose = kit.head_model(width=None)
    with pytest.raises(ListenerError, match="width of the listener 'tok2vec-listener' of a component is not known"):
        loose.initialize(X=toy.docs(), Y=[numpy.zeros((len(doc), 4), dtype="f") for doc in toy.docs()])


def test_zeros_are_for_shape_inference_alone(kit: Any) -> None:
    toy = kit.Toy()
    docs = toy.docs()
    fresh = kit.head_model()
    head = kit.Head(toy.vocab, fresh, "fresh")
    seen = []
    output = fresh.layers[1]
    original = output._func
    output.replace_callbacks(lambda m, x, is_train: (seen.append(x), original(m, x, is_train))[1], init=output.init)
    fresh.initialize(X=docs, Y=[head.gold(doc) for doc in docs])
    assert seen and all(not array.any() for arrays in seen for array in arrays)
    link([*toy.components, ("fresh", head)])
    assert fresh.get_ref("tok2vec").predict(docs)[0].any()
