"""A listener survives whatever happens to models: copies, pickles, messages, and being replaced."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from thinc.api import Model

from spanwright.errors import ListenerError
from spanwright.listener import Listener, copy_model, link, listeners_of, replace_node, unlink, upstreams


def listener_of(head: Any) -> Any:
    return head.model.get_ref("tok2vec")


@pytest.mark.parametrize(
    "make", [lambda m: m.copy(), copy.deepcopy, copy_model], ids=["copy", "deepcopy", "copy_model"]
)
def test_a_copied_model_listens_to_the_same_upstream(toy: Any, kit: Any, make: Any) -> None:
    head = toy.heads["first"]
    copied = make(head.model)
    listener = next(node for node in copied.walk() if isinstance(node, Listener))
    assert listener is not listener_of(head)
    assert type(listener) is Listener
    assert (listener.upstream, listener.component_name, listener.upstream_name) == ("upstream", "first", "*")
    docs = toy.docs()
    assert kit.same(copied.predict(docs), head.model.predict(docs))
    assert toy.upstream.broadcast.listeners == [listener_of(h) for h in toy.heads.values()]


def test_copies_have_ids_as_thinc_gives_them(toy: Any) -> None:
    listener = listener_of(toy.heads["first"])
    assert listener.copy().id != listener.id
    assert copy.deepcopy(listener).id == listener.id


def test_copy_model_keeps_references(toy: Any) -> None:
    model = toy.heads["first"].model
    copied = copy_model(model)
    assert copied.get_ref("output_layer") is copied.layers[1].layers[0]
    assert copied.get_ref("tok2vec") is copied.layers[0]


@pytest.mark.parametrize("make", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_copied_pipeline_listens_to_its_own_upstream(toy: Any, kit: Any, make: Any) -> None:
    docs = toy.docs()
    expected = {name: head.predict(docs) for name, head in toy.heads.items()}
    for components in (toy.components, toy.components[::-1]):
        copied = dict(make(components))
        upstream = copied["upstream"]
        assert upstream is not toy.upstream
        assert upstream.broadcast.key != toy.upstream.broadcast.key
        for name in toy.heads:
            assert listener_of(copied[name]).broadcast is upstream.broadcast
            assert kit.same(copied[name].predict(docs), expected[name])


def test_a_pickled_head_has_no_upstream(toy: Any) -> None:
    head = pickle.loads(pickle.dumps(toy.heads["first"].model))
    with pytest.raises(ListenerError, match="has no upstream"):
        head.predict(toy.docs())


def test_a_pickled_generator_keeps_its_value(kit: Any) -> None:
    listener = Listener("*", 3, grad_factor=iter([0.5, 0.25]))
    assert pickle.loads(pickle.dumps(listener)).grad_factor == 1.0
    assert listener.factor() == 0.5
    assert pickle.loads(pickle.dumps(listener)).grad_factor == 0.5


def test_messages_know_nothing_of_links(toy: Any, kit: Any) -> None:
    model = toy.heads["first"].model
    message = model.to_dict()
    index = [node.name for node in model.walk()].index("tok2vec-listener")
    assert message["nodes"][index] == {"index": index, "name": "tok2vec-listener", "dims": {"nO": 8}, "refs": {}}
    assert message["attrs"][index] == {} == message["params"][index]
    docs = toy.docs()
    before = model.predict(docs)
    model.from_bytes(model.to_bytes())
    assert kit.same(model.predict(docs), before)


def test_replacing_the_listener_by_a_copy_of_the_upstream_is_exact(toy: Any, kit: Any) -> None:
    head = toy.heads["first"]
    docs = toy.docs()
    before = head.predict(docs)
    own = copy_model(toy.upstream.model)
    head.model = replace_node(head.model, listener_of(head), own)
    assert head.model.get_ref("tok2vec") is own is head.model.layers[0]
    assert link(toy.components) == {"upstream": ["second"]}
    assert kit.same(head.predict(docs), before)
    examples = toy.examples()
    for component in (toy.upstream, *toy.heads.values()):
        component.update(examples, sgd=kit.SGD(0.1))
    after = head.model.predict(docs)
    toy.upstream.update(examples)
    toy.heads["second"].update(examples)
    toy.upstream.finish_update(kit.SGD(0.1))
    assert kit.same(head.model.predict(docs), after)  # the upstream does not reach it any more


def test_a_listener_that_is_the_whole_model_can_be_replaced(kit: Any) -> None:
    listener, other = Listener("*", 8), kit.upstream_model()
    assert replace_node(listener, listener, other) is other


def test_thincs_own_replace_node_finds_it(toy: Any, kit: Any) -> None:
    model = toy.heads["first"].model
    other = kit.upstream_model()
    assert model.replace_node(listener_of(toy.heads["first"]), other)
    assert model.layers[0] is other


def test_removing_and_adding_components_relinks(toy: Any) -> None:
    first, second = toy.heads.values()
    link([toy.components[0], ("renamed", second)])
    assert toy.upstream.broadcast.listener_map == {"renamed": [listener_of(second)]}
    assert listener_of(first).broadcast is None
    link(toy.components)
    assert list(toy.upstream.broadcast.listener_map) == ["first", "second"]


def test_unlink_leaves_nothing_behind(toy: Any) -> None:
    unlink(toy.components[:2])
    assert toy.upstream.broadcast.listener_map == {}
    assert all(listener_of(head).broadcast is None for head in toy.heads.values())
    with pytest.raises(ListenerError, match="'first' is not in a pipeline"):
        toy.heads["first"].predict(toy.docs())


def test_adding_twice_and_removing_a_stranger(toy: Any) -> None:
    broadcast, listener = toy.upstream.broadcast, listener_of(toy.heads["first"])
    broadcast.add_listener(listener, "first")
    assert broadcast.listener_map["first"] == [listener]
    assert not broadcast.remove_listener(listener, "second")
    assert not broadcast.remove_listener(Listener("*", 8), "first")
    assert broadcast.remove_listener(listener, "first")
    assert "first" not in broadcast.listener_map


def test_what_has_a_broadcast_is_an_upstream(toy: Any) -> None:
    assert [name for name, _ in upstreams(toy.components)] == ["upstream"]
    assert listeners_of(toy.heads["first"]) == [listener_of(toy.heads["first"])]
    assert listeners_of(object()) == []
    assert repr(toy.upstream.broadcast) == "<Broadcast of 'upstream' to ['first', 'second']>"


def test_two_listeners_in_one_component_add_up(kit: Any) -> None:
    from thinc.api import Linear, chain, concatenate, with_array

    left, right = Listener("*", 8), Listener("*", 8)
    joined: Any = concatenate(left, right)
    model: Model = chain(joined, with_array(Linear(nO=4, nI=16)))
    toy = kit.Toy({"first": model})
    assert toy.upstream.broadcast.listener_map == {"first": [left, right]}
    sgd = kit.SGD(0.1)
    examples = toy.examples()
    before = kit.weights(toy.upstream.model)
    for component in (toy.upstream, toy.heads["first"]):
        component.update(examples, sgd=sgd)
    assert toy.upstream.broadcast.step is None
    for component in (toy.upstream, toy.heads["first"]):  # the linear layer starts from zero
        component.update(examples, sgd=sgd)
    assert not kit.same(kit.weights(toy.upstream.model), before)
