"""The component tok2vec: the interface of its documentation, in a pipeline and by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from thinc.api import SGD, Linear, chain, with_array
from thinc.util import fix_random_seed

from spanwright import blank, load
from spanwright.language import Language
from spanwright.listener import Listener
from spanwright.pipe import TrainablePipe
from spanwright.tokens import Doc, Example
from spanwright_tok2vec.architectures.listener import Tok2VecListener
from spanwright_tok2vec.components.tok2vec import DEFAULT_TOK2VEC_MODEL, Tok2Vec

SMALL = {**DEFAULT_TOK2VEC_MODEL, "width": 8, "depth": 1, "embed_size": 40, "maxout_pieces": 2}
TEXTS = ["A big dog barks .", "Cats sleep", "One"]


class Head(TrainablePipe):
    """Learns ones from the vectors."""

    def predict(self, docs: Any) -> Any:
        return self.model.predict(list(docs))

    def set_annotations(self, docs: Any, scores: Any) -> None:
        for doc, score in zip(docs, scores, strict=True):
            doc.user_data["score"] = score

    def get_loss(self, examples: Any, scores: Any) -> Any:
        gradients = [score - 1 for score in scores]
        return float(sum((g**2).sum() for g in gradients)), gradients

    def initialize(self, get_examples: Any, *, nlp: Any = None, **settings: Any) -> None:
        self._initialize_model([eg.x for eg in self._sample(get_examples)])


@Language.factory("tok2vec_tests_head")
def make_head(nlp: Any, name: str) -> Head:
    model = chain(Tok2VecListener("*", 8), with_array(Linear(nO=2, nI=8, init_W=ones)))
    return Head(nlp.vocab, model, name)


def ones(ops: Any, shape: Any) -> Any:
    return ops.alloc(shape) + 0.1


def build(*heads: str) -> Any:
    fix_random_seed(0)
    nlp = blank("xx")
    nlp.add_pipe("tok2vec", config={"model": SMALL})
    for name in heads:
        nlp.add_pipe("tok2vec_tests_head", name=name)
    nlp.initialize(lambda: examples(nlp))
    return nlp


def examples(nlp: Any) -> list[Any]:
    return [Example.from_dict(nlp.make_doc(text), {}) for text in TEXTS]


def weights(model: Any) -> list[Any]:
    return [node.get_param(name).copy() for node in model.walk() for name in node.param_names]


def same(first: Any, second: Any) -> bool:
    return all(numpy.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_the_default_model_and_construction() -> None:
    nlp = blank("xx")
    pipe = nlp.add_pipe("tok2vec")
    assert type(pipe) is Tok2Vec
    assert nlp.get_pipe_config("tok2vec")["model"] == DEFAULT_TOK2VEC_MODEL
    assert nlp.get_pipe_meta("tok2vec").assigns == ["doc.tensor"]
    assert pipe.model.get_dim("nO") == 96
    assert Tok2Vec(nlp.vocab, pipe.model).name == "tok2vec"
    assert (pipe.cfg, pipe.labels, pipe.is_trainable) == ({}, (), True)


def test_the_tensor_is_what_the_model_gives() -> None:
    nlp = build()
    tok2vec = nlp.get_pipe("tok2vec")
    doc = nlp(TEXTS[0])
    assert doc.tensor.shape == (5, 8)
    assert same([doc.tensor], tok2vec.model.predict([nlp.make_doc(TEXTS[0])]))
    assert all(numpy.allclose(d.tensor, nlp(d.text).tensor, atol=1e-6) for d in nlp.pipe(TEXTS))


@pytest.mark.parametrize("texts", [[""], ["", ""], ["", "One", ""], ["   "]])
def test_empty_docs(texts: list) -> None:
    nlp = build("head")
    docs = [Doc(nlp.vocab, words=text.split()) for text in texts]
    tok2vec = nlp.get_pipe("tok2vec")
    for doc, vectors in zip(docs, tok2vec.predict(docs), strict=True):
        assert vectors.shape == (len(doc), 8)
    assert [doc.user_data["score"].shape for doc in nlp.pipe(docs)] == [(len(doc), 2) for doc in docs]
    nlp.update([Example(doc, doc) for doc in docs], sgd=SGD(0.1))


def test_listeners_as_users_know_them() -> None:
    nlp = build("first", "second")
    tok2vec, first = nlp.get_pipe("tok2vec"), nlp.get_pipe("first")
    listener = first.model.layers[0]
    assert tok2vec.listening_components == ["first", "second"]
    assert tok2vec.listener_map["first"] == [listener]
    assert tok2vec.listeners == [listener, nlp.get_pipe("second").model.layers[0]]
    assert tok2vec.remove_listener(listener, "first")
    assert not tok2vec.remove_listener(listener, "first")
    assert tok2vec.listening_components == ["second"]
    tok2vec.find_listeners(first)
    assert tok2vec.listener_map["first"] == [listener]
    tok2vec.listener_map = {}
    assert tok2vec.listeners == []
    tok2vec.add_listener(listener, "first")
    assert listener.upstream == "tok2vec"
    assert isinstance(listener, Listener)
    named = Head(nlp.vocab, chain(Tok2VecListener("other", 8), with_array(Linear(2, 8))), "named")
    tok2vec.find_listeners(named)
    assert "named" not in tok2vec.listener_map
    tok2vec.find_listeners(lambda doc: doc)


def test_update_returns_losses_and_trains_with_its_listeners() -> None:
    nlp = build("head")
    tok2vec, head = nlp.get_pipe("tok2vec"), nlp.get_pipe("head")
    sgd = SGD(0.05)
    before = weights(tok2vec.model)
    batch = examples(nlp)
    losses = tok2vec.update(batch, sgd=sgd)
    assert losses == {"tok2vec": 0.0}
    head.update(batch, sgd=sgd, losses=losses)
    assert losses["tok2vec"] > 0 and losses["head"] > 0
    assert not same(weights(tok2vec.model), before)
    first = nlp.update(batch, sgd=sgd)["head"]
    for _ in range(20):
        last = nlp.update(batch, sgd=sgd)["head"]
    assert last < first / 2


def test_update_can_annotate() -> None:
    nlp = build("head")
    tok2vec = nlp.get_pipe("tok2vec")
    batch = examples(nlp)
    tok2vec.update(batch, drop=0.5, set_annotations=True)
    docs = [eg.predicted for eg in batch]
    assert all(numpy.allclose(d.tensor, t, atol=1e-6) for d, t in zip(docs, tok2vec.model.predict(docs), strict=True))


def test_without_listeners_a_step_keeps_nothing() -> None:
    nlp = build()
    tok2vec = nlp.get_pipe("tok2vec")
    batch = examples(nlp)
    tok2vec.update(batch)
    assert tok2vec.broadcast.step is None
    nlp("One")
    assert nlp("One").broadcasts == {}


def test_the_early_interface() -> None:
    nlp = blank("xx")
    tok2vec = nlp.add_pipe("tok2vec", config={"model": SMALL})
    head = nlp.add_pipe("tok2vec_tests_head")
    optimizer = tok2vec.begin_training(list, pipeline=nlp.pipeline)
    assert head.model.layers[0].upstream == "tok2vec"
    assert tok2vec(nlp.make_doc("One word")).tensor.shape == (2, 8)
    assert tok2vec.begin_training(lambda: examples(nlp), sgd=optimizer) is optimizer
    assert tok2vec.create_optimizer() is not None


@pytest.mark.parametrize("wrong", [None, lambda: None, list, lambda: [1], [1]])
def test_initialize_takes_a_function_of_examples(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"Tok2Vec\.initialize (takes|needs) a"):
        build().get_pipe("tok2vec").initialize(wrong)


def test_what_a_tok2vec_does_not_have() -> None:
    tok2vec = build().get_pipe("tok2vec")
    with pytest.raises(NotImplementedError, match="'tok2vec' computes vectors and has no labels"):
        tok2vec.add_label("x")
    with pytest.raises(NotImplementedError, match="'tok2vec' has no loss of its own"):
        tok2vec.get_loss([], [])
    with pytest.raises(TypeError, match=r"Tok2Vec\.update needs a list of Examples"):
        tok2vec.update(["text"])


def test_use_params_and_finish_update() -> None:
    nlp = build("head")
    tok2vec = nlp.get_pipe("tok2vec")
    sgd = SGD(0.05)
    for _ in range(3):
        nlp.update(examples(nlp), sgd=sgd)
    trained = nlp("A big dog").tensor.copy()
    with tok2vec.use_params(sgd.averages):
        assert not same([nlp("A big dog").tensor], [trained])
    assert same([nlp("A big dog").tensor], [trained])


def test_files_and_bytes(tmp_path: Path) -> None:
    nlp = build("head")
    tok2vec = nlp.get_pipe("tok2vec")
    fresh = blank("xx").add_pipe("tok2vec", config={"model": SMALL})
    tok2vec.to_disk(tmp_path / "tok2vec", exclude=["vocab"])
    assert sorted(path.name for path in (tmp_path / "tok2vec").iterdir()) == ["cfg", "model"]
    fresh.from_disk(tmp_path / "tok2vec", exclude=["vocab"])
    assert same(weights(fresh.model), weights(tok2vec.model))
    other = blank("xx").add_pipe("tok2vec", config={"model": SMALL})
    assert same(weights(other.from_bytes(tok2vec.to_bytes()).model), weights(tok2vec.model))
    nlp.to_disk(tmp_path / "nlp")
    loaded = load(tmp_path / "nlp")
    assert loaded.get_pipe("tok2vec").listening_components == ["head"]
    assert same([loaded(TEXTS[0]).user_data["score"]], [nlp(TEXTS[0]).user_data["score"]])


def test_distilling_trains_the_students_vectors() -> None:
    teacher, student = build("head"), build("head")
    for node in teacher.get_pipe("head").model.walk():
        if node.has_param("b"):
            node.set_param("b", node.get_param("b") + 2)
    tok2vec, head = student.get_pipe("tok2vec"), student.get_pipe("head")
    head.get_teacher_student_loss = lambda t, s: head.get_loss(None, [a - b + 1 for a, b in zip(s, t, strict=True)])
    before = weights(tok2vec.model)
    batch, sgd = examples(student), SGD(0.01)
    tok2vec.distill(teacher.get_pipe("tok2vec"), batch, sgd=sgd)
    losses = head.distill(teacher.get_pipe("head"), batch, sgd=sgd)
    assert losses["head"] > 0
    assert not same(weights(tok2vec.model), before)


def test_a_second_tok2vec_takes_over_what_comes_after_it() -> None:
    nlp = build("first")
    nlp.add_pipe("tok2vec", name="other", config={"model": SMALL})
    nlp.add_pipe("tok2vec_tests_head", name="second")
    assert nlp.get_pipe("tok2vec").listening_components == ["first"]
    assert nlp.get_pipe("other").listening_components == ["second"]
