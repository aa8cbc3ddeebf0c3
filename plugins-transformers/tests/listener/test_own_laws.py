"""Laws whose tests in the core are about arrays or its own toys, once more for a transformer."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy
import pytest
from thinc.api import SGD, Linear, chain, concatenate, reduce_mean, with_array

from spanwright.broadcast import teaching
from spanwright.errors import ListenerError
from spanwright.listener import Listener, link
from spanwright_transformers.architectures.listener import TransformerListener_v1


def listener_of(head: Any) -> Any:
    return head.model.get_ref("tok2vec")


def run_step(toy: Any, examples: list[Any], sgd: Any, losses: Any = None) -> None:
    for component in (toy.upstream, *toy.heads.values()):
        component.update(examples, losses=losses)
    toy.upstream.broadcast.finish(None)
    for component in (toy.upstream, *toy.heads.values()):
        component.finish_update(sgd)


def test_a_docs_trf_data_is_what_listeners_read(toy: Any) -> None:
    docs = list(toy.upstream.pipe(toy.docs(), batch_size=2))
    assert all(doc._.trf_data is toy.upstream.broadcast.collect([doc])[0] for doc in docs)


def test_other_weights_for_a_while_make_outputs_stale(toy: Any, kit: Any) -> None:
    doc = toy.upstream(toy.doc("a big dog"))
    head, shim = toy.heads["first"], toy.upstream.model.shim
    old = listener_of(head).predict([doc])[0].copy()
    weights = {(shim.id, name): p.detach().numpy() * 2 for name, p in shim._model.named_parameters()}
    with toy.upstream.use_params(weights):
        assert not kit.close(listener_of(head).predict([doc]), [old])
        assert kit.close(listener_of(head).predict([doc]), [toy.alone(doc)])
    assert kit.close(listener_of(head).predict([doc]), [old])


def test_a_listener_of_vectors_takes_no_transformer(kit: Any) -> None:
    toy = kit.Toy()
    toy.heads["first"].model = kit.head_model(listener=Listener("*", kit.width))
    with pytest.warns(UserWarning, match="no component before it"):
        link(toy.components)
    toy.heads["first"].model = kit.head_model(listener=Listener("upstream", kit.width))
    with pytest.warns(UserWarning, match="'upstream' offers another kind of output"):
        link(toy.components)


def test_the_loss_is_the_sum_of_the_squared_gradients_of_pieces(toy: Any) -> None:
    examples, seen, losses = toy.examples(), [], {}
    give_back = toy.upstream.broadcast.give_back

    def watch(docs: Any, gradients: Any, **settings: Any) -> None:
        seen.extend(float((one.model_output["last_hidden_state"] ** 2).sum()) for one in gradients)
        give_back(docs, gradients, **settings)

    toy.upstream.broadcast.give_back = watch
    run_step(toy, examples, SGD(0.1), losses)
    assert len(seen) == 2 * len(examples) and losses["upstream"] == pytest.approx(sum(seen), rel=1e-5)


def test_a_teacher_reads_the_transformer_as_it_was(toy: Any, kit: Any) -> None:
    docs = toy.docs()
    listener = listener_of(toy.heads["first"])
    before = [toy.alone(doc) for doc in docs]
    with teaching():  # no copy has been kept: as it is now
        assert kit.close(listener.begin_update(docs)[0], before)
    toy.upstream._rehearsal_model = copy.deepcopy(toy.upstream.model)
    for _ in range(3):
        run_step(toy, toy.examples(), kit.SGD(0.1))
    assert not kit.close(listener.predict(docs), before)
    with teaching():
        assert kit.close(listener.begin_update([*docs, docs[0]])[0], [*before, before[0]])


@pytest.mark.parametrize("make", [lambda model: model.copy(), copy.deepcopy], ids=["copy", "deepcopy"])
def test_a_copied_model_listens_to_the_same_transformer(toy: Any, kit: Any, make: Any) -> None:
    model = TransformerListener_v1(reduce_mean())
    toy.upstream.broadcast.add_listener(model.get_ref("listener"), "other")
    copied = make(model)
    listener = next(node for node in copied.walk() if isinstance(node, Listener))
    assert listener is not model.get_ref("listener") and listener.broadcast is toy.upstream.broadcast
    assert kit.same(copied.predict(toy.docs()), model.predict(toy.docs()))
    with pytest.raises(ListenerError, match="has no upstream"):
        pickle.loads(pickle.dumps(model)).predict(toy.docs())


def test_two_listeners_in_one_component_add_up(kit: Any) -> None:
    listeners = [TransformerListener_v1(reduce_mean()) for _ in range(2)]

    output = Linear(nO=4, nI=2 * kit.width)
    toy = kit.Toy({"first": chain(concatenate(*listeners), with_array(output))})
    assert toy.upstream.broadcast.listener_map == {"first": [one.get_ref("listener") for one in listeners]}
    weights = numpy.random.default_rng(0).uniform(-1, 1, (4, kit.width)).astype("f")
    # The same weights for either half: each sends the same gradient.
    output.set_param("W", numpy.concatenate([weights, weights], axis=1))
    sent: list[Any] = []
    give_back = toy.upstream.broadcast.give_back
    toy.upstream.broadcast.give_back = lambda docs, gradients, **settings: (
        sent.append(gradients), give_back(docs, gradients, **settings)
    )  # fmt: skip
    run_step(toy, toy.examples(), SGD(0.1))
    assert len(sent) == 2
    for left, right in zip(*sent, strict=True):
        assert numpy.allclose(left.tensors[0], right.tensors[0], atol=1e-6) and left.tensors[0].any()
