"""One step of an upstream with listeners equals the same net without sharing, and each encoder runs once."""

from __future__ import annotations

import gc
import itertools
import threading
import weakref
from typing import Any

import numpy
import pytest
from thinc.model import set_dropout_rate

from spanwright.errors import ListenerError
from spanwright.listener import link, teaching


def run_step(toy: Any, examples: list, trained: list, sgd: Any = None, losses: Any = None) -> None:
    """What nlp.update does: all forward passes in order, then the upstream's backward pass, then all weights."""
    toy.upstream.update(examples, losses=losses)
    for name in trained:
        toy.heads[name].update(examples)
    toy.upstream.broadcast.finish(None)
    if sgd is not None:
        for component in [toy.upstream, *(toy.heads[name] for name in trained)]:
            component.finish_update(sgd)


@pytest.mark.parametrize("trained", [["first", "second"], ["first"], ["second"]])
def test_gradients_are_those_without_sharing(toy: Any, kit: Any, unshared: Any, trained: list) -> None:
    examples = toy.examples()
    expected = unshared(toy, examples, trained)
    run_step(toy, examples, trained)
    assert kit.close(kit.gradients(toy.upstream.model), expected.upstream)
    for name in trained:
        assert kit.close(kit.gradients(toy.heads[name].model.layers[1]), expected.heads[name])
    assert kit.calls(toy.upstream)[-1] is True


def test_one_step_changes_the_weights_once(toy: Any, kit: Any, unshared: Any) -> None:
    examples = toy.examples()
    before = kit.weights(toy.upstream.model)
    expected = unshared(toy, examples, toy.heads)
    run_step(toy, examples, list(toy.heads), kit.SGD(0.01, L2=0.0, grad_clip=0.0))
    assert kit.close(
        kit.weights(toy.upstream.model), [w - 0.01 * g for w, g in zip(before, expected.upstream, strict=True)]
    )


@pytest.mark.parametrize("order", [["first", "second"], ["second", "first"]])
def test_a_hand_written_loop_is_the_same_step(toy: Any, kit: Any, unshared: Any, order: list) -> None:
    sgd = kit.SGD(0.01, L2=0.0, grad_clip=0.0)
    for _ in range(3):
        examples = toy.examples()
        before = kit.weights(toy.upstream.model)
        expected = unshared(toy, examples, order)
        toy.upstream.update(examples, sgd=sgd)
        toy.heads[order[0]].update(examples, sgd=sgd)
        assert kit.same(kit.weights(toy.upstream.model), before)  # the other head is still to come
        toy.heads[order[1]].update(examples, sgd=sgd)
        after = [w - 0.01 * g for w, g in zip(before, expected.upstream, strict=True)]
        assert kit.close(kit.weights(toy.upstream.model), after)
        assert toy.upstream.broadcast.step is None


@pytest.mark.parametrize("closing", ["finish_update", "update", "to_bytes", "predict", "use_params"])
def test_a_step_that_some_head_never_joins_closes_later(toy: Any, kit: Any, unshared: Any, closing: str) -> None:
    sgd = kit.SGD(0.01, L2=0.0, grad_clip=0.0)
    examples = toy.examples()
    before = kit.weights(toy.upstream.model)
    expected = unshared(toy, examples, ["first"])
    toy.upstream.update(examples, sgd=sgd)
    toy.heads["first"].update(examples, sgd=sgd)
    assert kit.same(kit.weights(toy.upstream.model), before)
    if closing == "finish_update":
        toy.upstream.finish_update(sgd)
    elif closing == "update":
        toy.upstream.update(toy.examples())
    elif closing == "to_bytes":
        toy.upstream.to_bytes(exclude=["vocab"])
    elif closing == "predict":
        toy.heads["second"].predict(toy.docs())
    else:
        with toy.upstream.use_params({}):
            pass
    after = [w - 0.01 * g for w, g in zip(before, expected.upstream, strict=True)]
    assert kit.close(kit.weights(toy.upstream.model), after)


def test_predicting_the_docs_of_the_step_leaves_it_open(toy: Any, kit: Any, unshared: Any) -> None:
    sgd = kit.SGD(0.01, L2=0.0, grad_clip=0.0)
    examples = toy.examples()
    expected = unshared(toy, examples, ["first", "second"])
    before = kit.weights(toy.upstream.model)
    toy.upstream.update(examples, sgd=sgd)
    toy.heads["first"].update(examples, sgd=sgd)
    list(toy.heads["first"].pipe(eg.predicted for eg in examples))  # an annotating component
    toy.heads["second"].update(examples, sgd=sgd)
    after = [w - 0.01 * g for w, g in zip(before, expected.upstream, strict=True)]
    assert kit.close(kit.weights(toy.upstream.model), after)


def test_rebatched_and_reordered_docs_give_the_same_gradients(toy: Any, kit: Any, unshared: Any) -> None:
    examples = toy.examples()
    expected = unshared(toy, examples, ["first", "second"])
    toy.upstream.update(examples)
    for batch in (examples[3:], examples[:1], examples[1:3]):
        toy.heads["first"].update(batch)
    toy.heads["second"].update(examples[::-1])
    toy.upstream.broadcast.finish(None)
    assert kit.close(kit.gradients(toy.upstream.model), expected.upstream)


def test_a_subset_trains_on_that_subset(toy: Any, kit: Any, unshared: Any) -> None:
    examples = toy.examples()
    expected = unshared(toy, examples[1:3], ["first"])
    toy.upstream.update(examples)
    toy.heads["first"].update(examples[1:3])
    toy.upstream.broadcast.finish(None)
    assert kit.close(kit.gradients(toy.upstream.model), expected.upstream)


def test_a_doc_that_stands_twice_in_a_batch_counts_twice(toy: Any, kit: Any, unshared: Any) -> None:
    examples = toy.examples()
    batch = [examples[0], examples[1], examples[0]]
    expected = unshared(toy, batch, ["first", "second"])
    run_step(toy, batch, ["first", "second"])
    assert kit.close(kit.gradients(toy.upstream.model), expected.upstream)


def test_empty_docs_take_part(toy: Any, kit: Any, unshared: Any) -> None:
    examples = toy.examples(["", "a big dog", "", "one"])
    expected = unshared(toy, examples[1::2], ["first", "second"])
    run_step(toy, examples, ["first", "second"])
    assert kit.close(kit.gradients(toy.upstream.model), expected.upstream)


def test_an_empty_doc_needs_no_step(toy: Any, kit: Any) -> None:
    examples = toy.examples(["a big dog"])
    toy.upstream.update(examples)
    toy.heads["first"].update([*examples, *toy.examples([""])])


def test_accumulation_adds_the_gradients_of_several_batches(toy: Any, kit: Any, unshared: Any) -> None:
    first, second = toy.examples(), toy.examples(["some other words", "and more"])
    parts = [unshared(toy, batch, ["first", "second"]).upstream for batch in (first, second)]
    before = kit.weights(toy.upstream.model)
    run_step(toy, first, ["first", "second"])
    run_step(toy, second, ["first", "second"], kit.SGD(0.01, L2=0.0, grad_clip=0.0))
    after = [w - 0.01 * (a + b) for w, a, b in zip(before, *parts, strict=True)]
    assert kit.close(kit.weights(toy.upstream.model), after)


def test_accumulation_in_a_hand_written_loop(toy: Any, kit: Any, unshared: Any) -> None:
    first, second = toy.examples(), toy.examples(["some other words", "and more"])
    parts = [unshared(toy, batch, ["first", "second"]).upstream for batch in (first, second)]
    for batch in (first, second):
        toy.upstream.update(batch)
        for head in toy.heads.values():
            head.update(batch)
    toy.upstream.broadcast.finish(None)
    total = [a + b for a, b in zip(*parts, strict=True)]
    assert kit.close(kit.gradients(toy.upstream.model), total)


def test_a_frozen_upstream_keeps_its_weights_and_has_no_gradients(toy: Any, kit: Any) -> None:
    before = kit.weights(toy.upstream.model)
    head_before = kit.weights(toy.heads["first"].model)
    sgd = kit.SGD(0.1)
    examples = toy.examples()
    with toy.upstream.broadcast.freeze():
        for _ in range(3):
            for head in toy.heads.values():
                head.update(examples, sgd=sgd)
    assert kit.same(kit.weights(toy.upstream.model), before)
    assert not kit.same(kit.weights(toy.heads["first"].model), head_before)
    assert not any(g.any() for g in kit.gradients(toy.upstream.model))
    assert {key[0] for key in sgd.averages}.isdisjoint(node.id for node in toy.upstream.model.walk())
    assert kit.calls(toy.upstream).count(True) == 0
    assert not toy.upstream.broadcast.frozen


def test_a_frozen_upstream_computes_each_doc_once(toy: Any, kit: Any) -> None:
    toy.upstream.broadcast.frozen = True
    examples = toy.examples()
    before = len(kit.calls(toy.upstream))
    for head in toy.heads.values():
        head.update(examples)
        head.update(examples[::-1])
    assert kit.calls(toy.upstream)[before:] == [False]


def test_a_frozen_upstreams_update_opens_no_step(toy: Any, kit: Any) -> None:
    toy.upstream.broadcast.frozen = True
    toy.upstream.update(toy.examples())
    assert toy.upstream.broadcast.step is None


@pytest.mark.parametrize(("drop", "predictions"), [(0.0, 0), (0.3, 1)])
def test_forward_passes_of_a_step(toy: Any, kit: Any, drop: float, predictions: int) -> None:
    examples = toy.examples()
    before = len(kit.calls(toy.upstream))
    toy.upstream.update(examples, drop=drop)
    for head in toy.heads.values():
        head.update(examples, drop=drop)
        list(head.pipe(eg.predicted for eg in examples))  # both annotate
    toy.upstream.broadcast.finish(None)
    assert kit.calls(toy.upstream)[before:] == [True] + [False] * predictions


def test_annotating_reads_what_prediction_would_give(toy: Any, kit: Any) -> None:
    examples = toy.examples()
    docs = [eg.predicted for eg in examples]
    toy.upstream.update(examples, drop=0.5)
    listener = toy.heads["first"].model.get_ref("tok2vec")
    assert kit.close(listener.predict(docs), toy.upstream.model.predict(docs))
    assert not kit.close(listener.begin_update(docs)[0], listener.predict(docs))


def test_training_a_doc_that_the_upstream_has_not_seen_is_an_error(toy: Any, kit: Any) -> None:
    examples = toy.examples()
    toy.upstream.update(examples[:2])
    message = (
        "'first' cannot be trained on the Doc 'one ': 'upstream' has not been updated on it in this step.*freeze it"
    )
    with pytest.raises(ListenerError, match=message):
        toy.heads["first"].update(examples[2:])
    toy.upstream.broadcast.finish(None)
    with pytest.raises(ListenerError, match="'a big dog barks ': 'upstream' has not been updated on it"):
        toy.heads["first"].update(examples[:1])


def test_training_a_doc_whose_tokens_have_changed_is_an_error(toy: Any, kit: Any) -> None:
    examples = toy.examples()
    toy.upstream.update(examples)
    with examples[0].predicted.retokenize() as retokenizer:
        retokenizer.merge(examples[0].predicted[1:3])
    with pytest.raises(ListenerError, match="its tokens have changed since 'upstream' was updated on it"):
        toy.heads["first"].update(examples)


def test_gradients_after_the_step_are_an_error(toy: Any, kit: Any) -> None:
    examples = toy.examples()
    docs = [eg.predicted for eg in examples]
    toy.upstream.update(examples)
    scores, backprop = toy.heads["first"].model.begin_update(docs)
    toy.upstream.broadcast.finish(None)
    with pytest.raises(ListenerError, match="came too late: its step is closed"):
        backprop(scores)


def test_activations_are_freed_when_the_step_ends(toy: Any, kit: Any) -> None:
    class Activation:
        pass

    activation = Activation()
    alive = weakref.ref(activation)
    examples = toy.examples()
    docs = [eg.predicted for eg in examples]
    outputs = toy.upstream.model.predict(docs)
    toy.upstream.broadcast.publish(docs, outputs, lambda d, held=activation: held)
    del activation
    gc.collect()
    assert alive() is not None
    toy.upstream.broadcast.finish(None)
    gc.collect()
    assert alive() is None


def test_the_loss_is_the_sum_of_the_squared_gradients(toy: Any, kit: Any) -> None:
    examples = toy.examples()
    expected = 0.0
    for head in toy.heads.values():
        with toy.upstream.broadcast.freeze():
            scores, _ = head.model.begin_update([eg.predicted for eg in examples])
        output = head.model.get_ref("output_layer").get_param("W")
        expected += sum(float(((d @ output) ** 2).sum()) for d in head.get_loss(examples, scores)[1])
    losses: dict[str, float] = {}
    run_step(toy, examples, ["first", "second"], losses=losses)
    assert losses["upstream"] == pytest.approx(expected, rel=1e-5)


def factors(kind: str) -> tuple[Any, list[float]]:
    values = [0.5, 0.0, 2.0]
    if kind == "generator":
        return (value for value in values), values
    if kind == "schedule":

        class Schedule:
            def __call__(self, step: int, **extra: Any) -> float:
                return values[step]

        return Schedule(), values
    return 0.25, [0.25] * 3


@pytest.mark.parametrize("kind", ["number", "generator", "schedule"])
def test_grad_factor_scales_what_a_listener_sends(kit: Any, unshared: Any, kind: str) -> None:
    factor, values = factors(kind)
    toy = kit.Toy({"first": kit.head_model(grad_factor=factor), "second": kit.head_model()})
    for value in values:
        examples = toy.examples()
        expected = unshared(toy, examples, ["first", "second"], {"first": value})
        toy.upstream.update(examples)
        toy.heads["first"].update(examples[:2])
        toy.heads["first"].update(examples[2:])  # the same step
        toy.heads["second"].update(examples)
        toy.upstream.broadcast.finish(None)
        assert kit.close(kit.gradients(toy.upstream.model), expected.upstream)
        for node in toy.upstream.model.walk():
            for name in node.grad_names:
                node.set_grad(name, node.get_grad(name) * 0)


def test_a_real_schedule_of_thinc_is_taken(kit: Any) -> None:
    from thinc.api import warmup_linear

    toy = kit.Toy({"first": kit.head_model(grad_factor=warmup_linear(1.0, 2, 4))})
    found = []
    for _ in range(3):
        examples = toy.examples()
        run_step(toy, examples, ["first"])
        found.append(toy.heads["first"].model.get_ref("tok2vec").factor())
    schedule = warmup_linear(1.0, 2, 4)
    expected = [schedule(i) for i in range(3)] if callable(schedule) else list(itertools.islice(schedule, 3))
    assert found == pytest.approx(expected)


def test_factor_zero_sends_nothing_and_costs_nothing(kit: Any) -> None:
    toy = kit.Toy({name: kit.head_model(grad_factor=0) for name in ("first", "second")})
    sgd = kit.SGD(0.1)
    before = kit.weights(toy.upstream.model)
    examples = toy.examples()
    ran = []
    toy.upstream.broadcast.publish(
        [eg.predicted for eg in examples],
        toy.upstream.model.predict([eg.predicted for eg in examples]),
        lambda gradients: ran.append(gradients),
        sgd=sgd,
    )
    for head in toy.heads.values():
        head.update(examples, sgd=sgd)
    assert toy.upstream.broadcast.step is None  # closed: everyone has answered
    assert not ran
    assert kit.same(kit.weights(toy.upstream.model), before)


def test_an_upstream_of_an_upstream_gets_its_gradients(kit: Any) -> None:
    from thinc.api import chain

    from spanwright.listener import Listener

    middle = kit.upstream_model(depth=Listener("upstream", kit.width))
    toy = kit.Toy({"first": kit.head_model("middle")}, others={"middle": middle})
    upper = toy.others["middle"]
    examples = toy.examples()
    own, own_middle = toy.upstream.model.copy(), middle.layers[1].copy()
    model = chain(own, own_middle, toy.heads["first"].model.layers[1].copy())
    scores, backprop = model.begin_update([eg.predicted for eg in examples])
    backprop(toy.heads["first"].get_loss(examples, scores)[1])
    for component in (toy.upstream, upper, toy.heads["first"]):
        component.update(examples)
    toy.upstream.broadcast.finish(None)  # closes the step in between first
    assert kit.close(kit.gradients(toy.upstream.model), kit.gradients(own))
    assert kit.close(kit.gradients(middle.layers[1]), kit.gradients(own_middle))


def test_two_upstreams_each_get_their_own_listeners_gradients(kit: Any, unshared: Any) -> None:
    heads = {"first": kit.head_model("upstream"), "second": kit.head_model("other")}
    toy = kit.Toy(heads, others={"other": kit.upstream_model()})
    other = toy.others["other"]
    examples = toy.examples()
    expected = unshared(toy, examples, ["first"])
    for component in (toy.upstream, other, *toy.heads.values()):
        component.update(examples)
    assert toy.upstream.broadcast.step is not None
    other.broadcast.finish(None)
    assert any(g.any() for g in kit.gradients(other.model))
    toy.upstream.broadcast.finish(None)
    assert kit.close(kit.gradients(toy.upstream.model), expected.upstream)


def test_steps_belong_to_the_thread_that_trains(toy: Any, kit: Any) -> None:
    examples = toy.examples()
    toy.upstream.update(examples)
    caught = []

    def other() -> None:
        assert toy.upstream.broadcast.step is None
        toy.heads["first"].predict(toy.docs())
        try:
            toy.heads["first"].update(examples)
        except ListenerError as error:
            caught.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert len(caught) == 1
    assert toy.upstream.broadcast.step is not None


def test_rehearsal_pulls_back_to_what_was_predicted(toy: Any, kit: Any) -> None:
    import copy

    for component in (toy.upstream, *toy.heads.values()):
        component._rehearsal_model = copy.deepcopy(component.model)
    sgd = kit.SGD(0.02)
    head = toy.heads["first"]
    before = numpy.concatenate(head.predict(toy.docs()))
    for _ in range(10):
        run_step(toy, toy.examples(), ["first", "second"], sgd)
    moved = numpy.abs(numpy.concatenate(head.predict(toy.docs())) - before).mean()
    for _ in range(60):
        examples = toy.examples()
        toy.upstream.rehearse(examples)
        for other in toy.heads.values():
            other.rehearse(examples)
        toy.upstream.broadcast.finish(None)
        for component in (toy.upstream, *toy.heads.values()):
            component.finish_update(sgd)
    back = numpy.abs(numpy.concatenate(head.predict(toy.docs())) - before).mean()
    assert back < moved / 2


def test_a_teacher_reads_the_upstream_as_it_was(toy: Any, kit: Any) -> None:
    import copy

    docs = toy.docs()
    listener = toy.heads["first"].model.get_ref("tok2vec")
    before = toy.upstream.model.predict(docs)
    with teaching():  # no copy has been kept: as it is now
        assert kit.close(listener.begin_update(docs)[0], before)
    toy.upstream._rehearsal_model = copy.deepcopy(toy.upstream.model)
    for _ in range(3):
        run_step(toy, toy.examples(), ["first", "second"], kit.SGD(0.1))
    assert not kit.close(listener.predict(docs), before)
    with teaching():
        assert kit.close(listener.begin_update([*docs, docs[0]])[0], [*before, before[0]])


def test_dropout_left_in_the_model_counts_as_randomness(toy: Any, kit: Any) -> None:
    examples = toy.examples()
    docs = [eg.predicted for eg in examples]
    set_dropout_rate(toy.upstream.model, 0.2)
    toy.upstream.broadcast.publish(docs, toy.upstream.model.predict(docs), lambda gradients: None)
    assert all(not doc.broadcasts for doc in docs)
    link(toy.components)
