"""The laws again, through `nlp`: update, rehearse, freezing, annotating, sourcing, saving, threads."""

from __future__ import annotations

import copy
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from spanwright import blank, load, registry
from spanwright.errors import ListenerError
from spanwright.language import Language
from spanwright.listener import Listener
from spanwright.tokens import Example

UP = {"@architectures": "toy_tests.Net.v1", "width": 8}
NET = {"@architectures": "toy_tests.Head.v1", "tok2vec": {"@architectures": "toy_tests.Listener.v1", "upstream": "*"}}


@pytest.fixture(scope="module", autouse=True)
def toy_names(request: Any) -> None:
    """Register the toy parts once; a plugin would do it by entry points."""
    import importlib.util
    from pathlib import Path

    spec = importlib.util.spec_from_file_location("toy_parts", Path(__file__).with_name("conftest.py"))
    assert spec is not None and spec.loader is not None
    parts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(parts)
    import sys

    sys.modules["toy_parts"] = parts  # so that pickles find the classes

    @registry.architectures("toy_tests.Net.v1")
    def Net_v1(width: int) -> Any:  # noqa: N802
        return parts.upstream_model(width)

    @registry.architectures("toy_tests.Listener.v1")
    def Listener_v1(upstream: str = "*") -> Any:  # noqa: N802
        return Listener(upstream, 8)

    @registry.architectures("toy_tests.Head.v1")
    def Head_v1(tok2vec: Any) -> Any:  # noqa: N802
        return parts.head_model(listener=tok2vec)

    @Language.factory("toy_upstream", default_config={"model": UP})
    def make_upstream(nlp: Any, name: str, model: Any) -> Any:
        return parts.Upstream(nlp.vocab, model, name)

    @Language.factory("toy_head", default_config={"model": NET, "shift": 0.0})
    def make_head(nlp: Any, name: str, model: Any, shift: float) -> Any:
        return parts.Head(nlp.vocab, model, name, shift=shift)


def build(*heads: str, seed: int = 0) -> Any:
    from thinc.util import fix_random_seed

    fix_random_seed(seed)
    nlp = blank("xx")
    nlp.add_pipe("toy_upstream", name="upstream")
    for index, name in enumerate(heads or ("first", "second")):
        nlp.add_pipe("toy_head", name=name, config={"shift": index / 3})
    nlp.initialize(lambda: examples_of(nlp))
    return nlp


TEXTS = ["a big dog barks", "cats sleep", "one", "the quick brown fox jumps over it", "stop"]


def examples_of(nlp: Any, texts: Any = TEXTS) -> list[Any]:
    return [Example.from_dict(nlp.make_doc(text), {}) for text in texts]


def as_toy(nlp: Any) -> Any:
    heads = {name: pipe for name, pipe in nlp.pipeline if name != "upstream"}
    return SimpleNamespace(upstream=nlp.get_pipe("upstream"), heads=heads)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"exclude": ["second"]},
        {"exclude": ["first"]},
        {"annotates": ["upstream", "first", "second"]},
        {"exclude": ["second"], "annotates": ["second"]},
    ],
)
def test_one_update_is_a_step_without_sharing(kit: Any, unshared: Any, settings: dict) -> None:
    nlp = build()
    toy, examples = as_toy(nlp), examples_of(nlp)
    trained = [name for name in toy.heads if name not in settings.get("exclude", ())]
    expected = unshared(toy, examples, trained)
    before = kit.weights(toy.upstream.model)
    nlp.update(examples, sgd=kit.SGD(0.01, L2=0.0, grad_clip=0.0), **settings)
    after = [w - 0.01 * g for w, g in zip(before, expected.upstream, strict=True)]
    assert kit.close(kit.weights(toy.upstream.model), after)


@pytest.mark.parametrize("frozen", [["upstream"], ["upstream", "first"]])
def test_a_frozen_upstream_stays_bit_identical(kit: Any, frozen: list) -> None:
    nlp = build()
    toy, sgd = as_toy(nlp), kit.SGD(0.1)
    before = kit.weights(toy.upstream.model)
    second = kit.weights(toy.heads["second"].model)
    for _ in range(3):
        nlp.update(examples_of(nlp), sgd=sgd, exclude=frozen, annotates=["upstream"], drop=0.3)
    assert kit.same(kit.weights(toy.upstream.model), before)
    assert not kit.same(kit.weights(toy.heads["second"].model), second)
    assert {key[0] for key in sgd.averages}.isdisjoint(node.id for node in toy.upstream.model.walk())
    assert True not in kit.calls(toy.upstream)


@pytest.mark.parametrize("annotates", [["toy_marks"], ["toy_marks", "upstream"]])
def test_a_frozen_upstream_reads_what_components_before_it_annotate(
    monkeypatch: pytest.MonkeyPatch, annotates: list
) -> None:
    @Language.component("toy_marks")
    def mark(doc: Any) -> Any:
        doc.user_data["mark"] = True
        return doc

    nlp, seen = build(), []
    nlp.add_pipe("toy_marks", first=True)
    upstream = nlp.get_pipe("upstream")
    predict = upstream.predict

    def watch(docs: Any) -> Any:
        seen.append([doc.user_data.get("mark") for doc in docs])
        return predict(docs)

    monkeypatch.setattr(upstream, "predict", watch)
    nlp.update(examples_of(nlp), sgd=False, exclude=["upstream"], annotates=annotates)
    assert seen == [[True] * len(TEXTS)]


def test_a_disabled_upstream_is_frozen_and_still_read(kit: Any) -> None:
    nlp = build()
    toy = as_toy(nlp)
    expected = [doc.tag for doc in nlp("a big dog barks")]
    before = kit.weights(toy.upstream.model)
    with nlp.select_pipes(disable="upstream"):
        doc = nlp("a big dog barks")
        nlp.update(examples_of(nlp), sgd=kit.SGD(0.1))
    assert [token.tag for token in doc] == expected
    assert doc.tensor.size == 0
    assert kit.same(kit.weights(toy.upstream.model), before)


@pytest.mark.parametrize(
    ("settings", "modes"),
    [
        ({}, [True]),
        ({"annotates": ["first", "second"]}, [True]),
        ({"annotates": ["first", "second"], "drop": 0.2}, [True, False]),
        ({"exclude": ["upstream"]}, [False]),
        ({"exclude": ["first", "second"]}, [True]),
    ],
)
def test_forward_passes_of_one_update(kit: Any, settings: dict, modes: list) -> None:
    nlp = build()
    upstream = nlp.get_pipe("upstream")
    before = len(kit.calls(upstream))
    nlp.update(examples_of(nlp), sgd=kit.SGD(0.1), **settings)
    assert kit.calls(upstream)[before:] == modes


def test_accumulation_by_updates_without_an_optimizer(kit: Any, unshared: Any) -> None:
    nlp = build()
    toy = as_toy(nlp)
    batches = [examples_of(nlp), examples_of(nlp, ["more words here", "end"])]
    parts = [unshared(toy, batch, toy.heads).upstream for batch in batches]
    before = kit.weights(toy.upstream.model)
    sgd = kit.SGD(0.01, L2=0.0, grad_clip=0.0)
    nlp.update(batches[0], sgd=False)
    assert kit.same(kit.weights(toy.upstream.model), before)
    nlp.update(batches[1], sgd=sgd)
    after = [w - 0.01 * (a + b) for w, a, b in zip(before, *parts, strict=True)]
    assert kit.close(kit.weights(toy.upstream.model), after)


def test_an_error_in_one_component_leaves_no_half_step(kit: Any) -> None:
    nlp, other = build(), build()
    second = nlp.get_pipe("second")
    second.get_loss = lambda examples, scores: 1 / 0
    with pytest.raises(ZeroDivisionError):
        nlp.update(examples_of(nlp), sgd=kit.SGD(0.1))
    assert nlp.get_pipe("upstream").broadcast.step is None
    del second.get_loss
    for each in (nlp, other):
        each.update(examples_of(each), sgd=kit.SGD(0.1, L2=0.0, grad_clip=0.0))
    for name in nlp.pipe_names:
        assert kit.same(kit.weights(nlp.get_pipe(name).model), kit.weights(other.get_pipe(name).model))


def test_an_error_keeps_gradients_that_were_added_up_before(kit: Any) -> None:
    nlp = build()
    nlp.update(examples_of(nlp), sgd=False)
    upstream, second = nlp.get_pipe("upstream"), nlp.get_pipe("second")
    before = [node.get_grad(name).copy() for node in upstream.model.walk() for name in node.grad_names]
    second.get_loss = lambda examples, scores: 1 / 0
    with pytest.raises(ZeroDivisionError):
        nlp.update(examples_of(nlp), sgd=False)
    after = [node.get_grad(name) for node in upstream.model.walk() for name in node.grad_names]
    assert before and kit.same(after, before)


def test_rehearsal_with_a_shared_upstream(kit: Any) -> None:
    nlp = build()
    sgd = nlp.resume_training(sgd=kit.SGD(0.02))
    docs = [nlp.make_doc(text) for text in TEXTS]
    head = nlp.get_pipe("first")
    before = head.predict(docs)
    for _ in range(10):
        nlp.update(examples_of(nlp), sgd=sgd)
    moved = sum(float(abs(a - b).sum()) for a, b in zip(head.predict(docs), before, strict=True))
    upstream = kit.weights(nlp.get_pipe("upstream").model)
    for _ in range(60):
        nlp.rehearse(examples_of(nlp), sgd=sgd)
    back = sum(float(abs(a - b).sum()) for a, b in zip(head.predict(docs), before, strict=True))
    assert back < moved / 2
    assert not kit.same(kit.weights(nlp.get_pipe("upstream").model), upstream)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp))])
def test_a_copied_pipeline_rehearses_as_the_original(kit: Any, copied: Any) -> None:
    nlp = build()
    sgd = kit.SGD(0.02)
    nlp.resume_training(sgd=sgd)
    nlp.update(examples_of(nlp), sgd=sgd)
    other = copied(nlp)
    for each in (nlp, other):
        each.rehearse(examples_of(each), sgd=sgd)
    for name in nlp.pipe_names:
        assert kit.close(kit.weights(nlp.get_pipe(name).model), kit.weights(other.get_pipe(name).model))


@pytest.mark.parametrize("batch_size", [1, 2, 7])
def test_piping_equals_one_by_one(kit: Any, batch_size: int) -> None:
    nlp = build()
    texts = [*TEXTS, "", "a big dog barks", "   "]
    tags = [[token.tag for token in nlp(text)] for text in texts]
    assert [[token.tag for token in doc] for doc in nlp.pipe(texts, batch_size=batch_size)] == tags


def test_sixteen_threads_through_one_pipeline() -> None:
    nlp = build()
    texts = [f"{text} {number}" for text in TEXTS for number in range(20)]
    serial = [[token.tag for token in nlp(text)] for text in texts]
    with ThreadPoolExecutor(16) as pool:
        assert serial == list(pool.map(lambda text: [token.tag for token in nlp(text)], texts))


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp))], ids=["deepcopy", "pickle"]
)
def test_a_copied_pipeline_is_linked_within_itself(kit: Any, copied: Any) -> None:
    nlp = build()
    other = copied(nlp)
    assert other.get_pipe("upstream").broadcast.listeners[0] is other.get_pipe("first").model.get_ref("tok2vec")
    assert [t.tag_ for t in other("a big dog barks")] == [t.tag_ for t in nlp("a big dog barks")]


def test_replace_listeners_is_exact_and_separates(kit: Any, tmp_path: Any) -> None:
    nlp = build()
    docs = [nlp.make_doc(text) for text in TEXTS]
    before = nlp.get_pipe("first").predict(docs)
    nlp.replace_listeners("upstream", "first", ["model.tok2vec"])
    assert nlp.config["components"]["first"]["model"]["tok2vec"] == UP
    assert list(nlp.get_pipe("upstream").broadcast.listener_map) == ["second"]
    assert kit.same(nlp.get_pipe("first").predict(docs), before)
    nlp.to_disk(tmp_path / "saved")
    assert kit.same(load(tmp_path / "saved").get_pipe("first").predict(docs), before)
    nlp.update(examples_of(nlp), sgd=kit.SGD(0.1), exclude=["first"])
    assert kit.same(nlp.get_pipe("first").predict(docs), before)


def test_changes_of_the_pipeline_relink(kit: Any) -> None:
    nlp = build("first")
    upstream = nlp.get_pipe("upstream")
    nlp.add_pipe("toy_head", name="second")
    assert list(upstream.broadcast.listener_map) == ["first", "second"]
    nlp.rename_pipe("second", "third")
    assert list(upstream.broadcast.listener_map) == ["first", "third"]
    nlp.rename_pipe("upstream", "vectors")
    assert upstream.broadcast.name == "vectors"
    nlp.remove_pipe("third")
    assert list(upstream.broadcast.listener_map) == ["first"]
    with pytest.warns(UserWarning, match="'first' listens to an upstream that is missing"):
        nlp.remove_pipe("vectors")
    with pytest.raises(ListenerError, match="of 'first' has no upstream"):
        nlp("a big dog")


def test_listeners_follow_an_upstream_that_gets_another_name(kit: Any, tmp_path: Any) -> None:
    nlp = build("first", "second")
    named = {"@architectures": "toy_tests.Listener.v1", "upstream": "upstream"}
    nlp.add_pipe("toy_head", name="third", config={"model": {**NET, "tok2vec": named}})
    nlp.initialize(lambda: examples_of(nlp))
    docs = [nlp.make_doc(text) for text in TEXTS]
    before = nlp.get_pipe("third").predict(docs)
    nlp.rename_pipe("upstream", "vectors")
    assert nlp.get_pipe("third").model.get_ref("tok2vec").upstream == "vectors"
    assert nlp.config["components"]["third"]["model"]["tok2vec"]["upstream"] == "vectors"
    assert nlp.config["components"]["first"]["model"]["tok2vec"]["upstream"] == "*"
    assert kit.same(nlp.get_pipe("third").predict(docs), before)
    nlp.to_disk(tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert kit.same(again.get_pipe("third").predict([again.make_doc(text) for text in TEXTS]), before)


def test_loading_without_the_upstream_warns_and_calling_raises(tmp_path: Any) -> None:
    build().to_disk(tmp_path / "saved")
    with pytest.warns(UserWarning, match="'first' listens to an upstream that is missing"):
        nlp = load(tmp_path / "saved", exclude=["upstream", "second"])
    with pytest.raises(ListenerError, match="listener 'tok2vec-listener' of 'first' has no upstream: no comp"):
        nlp("a big dog")


def test_sourcing_with_own_copies_equals_the_source(kit: Any) -> None:
    nlp = build()
    docs = [nlp.make_doc(text) for text in TEXTS]
    expected = nlp.get_pipe("first").predict(docs)
    other = blank("xx", vocab=nlp.vocab)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.add_pipe("upstream", source=nlp)
        other.add_pipe("first", source=nlp)
    assert kit.same(other.get_pipe("first").predict([nlp.make_doc(text) for text in TEXTS]), expected)
    # The source still listens to its own upstream.
    assert nlp.get_pipe("second").model.get_ref("tok2vec").broadcast is nlp.get_pipe("upstream").broadcast
    assert nlp.get_pipe("first").model.get_ref("tok2vec").broadcast is nlp.get_pipe("upstream").broadcast
