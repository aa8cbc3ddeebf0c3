"""A tiny upstream and tiny heads, made of thinc layers: core may not import the plugins that have real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from thinc.api import SGD, Dropout, Linear, Maxout, Model, chain, expand_window, with_array
from thinc.util import fix_random_seed

from spanwright.broadcast import Broadcast, teaching
from spanwright.listener import Listener, link
from spanwright.pipe import TrainablePipe
from spanwright_tokens.tokens import Doc, Example, scatter
from spanwright_tokens.vocab import Vocab

WIDTH = 8


def features(model: Any, docs: Any, is_train: bool) -> Any:
    """Five numbers a token, from its characters."""
    model.attrs["calls"].append(is_train)

    def of(doc: Any) -> Any:
        rows = [[len(t.text), *(ord(t.text[i % len(t.text)]) / 100 - 1 for i in range(4))] for t in doc]
        return numpy.asarray(rows, dtype="f").reshape(-1, 5)

    return [of(doc) for doc in docs], lambda d_features: []


def upstream_model(width: int = WIDTH, depth: Any = None) -> Any:
    """Docs to vectors that depend on the neighbours. `attrs["calls"]` of the first layer counts forward passes."""
    first = depth or Model("features", features, attrs={"calls": []})
    n_in = WIDTH if depth else 5
    net = chain(expand_window(1), Maxout(nO=width, nI=n_in * 3, nP=2), Dropout(0.0))
    model = chain(first, with_array(net, pad=1))
    model.set_dim("nO", width)
    return model


class Upstream(TrainablePipe):
    """Like tok2vec, in a dozen lines."""

    def __init__(self, vocab: Any, model: Any, name: str = "upstream", **cfg: Any) -> None:
        super().__init__(vocab, model, name, **cfg)
        self.broadcast = Broadcast(self)
        self._rehearsal_model: Any = None

    def predict(self, docs: Any) -> Any:
        docs = list(docs)
        self.broadcast.settle(docs)
        return self.model.predict(docs)

    def set_annotations(self, docs: Any, scores: Any) -> None:
        for doc, vectors in zip(docs, scores, strict=True):
            doc.tensor = vectors
        self.broadcast.publish(docs, scores)

    def update(self, examples: Any, *, drop: float = 0.0, sgd: Any = None, losses: Any = None) -> Any:
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        self.broadcast.settle()
        docs = list({id(eg.predicted): eg.predicted for eg in examples}.values())
        outputs, backprop = self._begin_update(docs, drop)

        def observe(gradient: Any) -> None:
            losses[self.name] += float((gradient**2).sum())

        self.broadcast.publish(docs, outputs, backprop, sgd=sgd, observe=observe)
        return losses

    def rehearse(self, examples: Any, **settings: Any) -> Any:
        return self.update(examples, **settings)

    def initialize(self, get_examples: Any, *, nlp: Any = None, **settings: Any) -> None:
        self._initialize_model([eg.x for eg in self._sample(get_examples)])


class Head(TrainablePipe):
    """Learns four numbers a token, which depend on its word and on the head's own `shift`."""

    def __init__(self, vocab: Any, model: Any, name: str = "head", *, shift: float = 0.0) -> None:
        super().__init__(vocab, model, name, shift=shift)
        self._rehearsal_model: Any = None

    def predict(self, docs: Any) -> Any:
        return self.model.predict(list(docs))

    def set_annotations(self, docs: Any, scores: Any) -> None:
        docs = list(docs)
        tags = [1 + s.argmax(axis=1) for s in scores if len(s)]
        names = numpy.asarray([0, *(docs[0].vocab.strings.add(name) for name in "WXYZ")], dtype="uint64")
        if tags:
            scatter(docs, "TAG", names[numpy.concatenate(tags)])

    def gold(self, doc: Any) -> Any:
        values = [[(ord(t.text[0]) + i) % 5 / 5 + self.cfg["shift"] for i in range(4)] for t in doc]
        return numpy.asarray(values, dtype="f").reshape(-1, 4)

    def get_loss(self, examples: Any, scores: Any) -> Any:
        gradients = [score - self.gold(eg.predicted) for eg, score in zip(examples, scores, strict=True)]
        return float(sum((g**2).sum() for g in gradients)), gradients

    def rehearse(self, examples: Any, *, drop: float = 0.0, sgd: Any = None, losses: Any = None, **kw: Any) -> Any:
        losses = {} if losses is None else losses
        if self._rehearsal_model is None:
            return losses
        docs = [eg.predicted for eg in examples]
        scores, backprop = self._begin_update(docs, drop)
        with teaching():
            targets, _ = self._rehearsal_model.begin_update(docs)
        backprop([score - target for score, target in zip(scores, targets, strict=True)])
        if sgd:
            self.finish_update(sgd)
        return losses

    def initialize(self, get_examples: Any, *, nlp: Any = None, **settings: Any) -> None:
        docs = [eg.x for eg in self._sample(get_examples)]
        self._initialize_model(docs, [self.gold(doc) for doc in docs])


def head_model(upstream: str = "*", *, grad_factor: Any = 1.0, width: int | None = WIDTH, listener: Any = None) -> Any:
    """A listener and a linear layer."""
    tok2vec = listener if listener is not None else Listener(upstream, width, grad_factor=grad_factor)
    output = Linear(nO=4, nI=tok2vec.maybe_get_dim("nO"), init_W=glorot)
    model = chain(tok2vec, with_array(output))
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output)
    return model


def glorot(ops: Any, shape: Any) -> Any:
    values = numpy.random.uniform(-0.5, 0.5, shape).astype("f")
    return ops.asarray(values)


def weights(model: Any) -> list[Any]:
    """Copies of all parameters, in order."""
    return [node.get_param(name).copy() for node in model.walk() for name in node.param_names if node.has_param(name)]


def gradients(model: Any) -> list[Any]:
    """Copies of all gradients, in order; zeros where there is none."""
    return [
        node.get_grad(name).copy() if node.has_grad(name) else numpy.zeros_like(node.get_param(name))
        for node in model.walk()
        for name in node.param_names
    ]


def calls(upstream: Any) -> list[bool]:
    """The mode (training or not) of each forward pass of an upstream so far."""
    return next(node for node in upstream.model.walk() if "calls" in node.attrs).attrs["calls"]


def close(first: Iterable[Any], second: Iterable[Any], tolerance: float = 1e-5) -> bool:
    """Whether two lists of arrays are the same."""
    pairs = list(zip(first, second, strict=True))
    return all(a.shape == b.shape and numpy.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in pairs)


def same(first: Iterable[Any], second: Iterable[Any]) -> bool:
    """Whether two lists of arrays are bit-identical."""
    return all(numpy.array_equal(a, b) for a, b in zip(first, second, strict=True))


TEXTS = ["a big dog barks", "cats sleep", "one", "the quick brown fox jumps over it", "stop"]


class Toy:
    """An initialized pipeline of an upstream and heads, without `nlp`."""

    def __init__(
        self, heads: dict[str, Any] | None = None, *, others: dict[str, Any] | None = None, seed: int = 0
    ) -> None:
        fix_random_seed(seed)
        self.vocab = Vocab()
        self.upstream = Upstream(self.vocab, upstream_model())
        self.others = {name: Upstream(self.vocab, model, name) for name, model in (others or {}).items()}
        models = {"first": head_model(), "second": head_model()} if heads is None else heads
        self.heads = {
            name: Head(self.vocab, model, name, shift=index / 3) for index, (name, model) in enumerate(models.items())
        }
        self.components = [("upstream", self.upstream), *self.others.items(), *self.heads.items()]
        link(self.components)
        for _, component in self.components:
            component.initialize(lambda: self.examples())

    def doc(self, text: str) -> Any:
        return Doc(self.vocab, words=text.split(), spaces=[True] * len(text.split()))

    def docs(self, texts: Iterable[str] = TEXTS) -> list[Any]:
        return [self.doc(text) for text in texts]

    def examples(self, texts: Iterable[str] = TEXTS) -> list[Any]:
        return [Example(doc, doc) for doc in self.docs(texts)]

    def alone(self, doc: Any) -> Any:
        """The vectors of a Doc computed by themselves, without anything kept."""
        return self.upstream.model.predict([doc])[0]


@pytest.fixture
def toy() -> Toy:
    """A pipeline of an upstream and two heads."""
    return Toy()


@pytest.fixture
def kit() -> SimpleNamespace:
    """The parts of this file, for tests that build something else."""
    return SimpleNamespace(
        Toy=Toy, Upstream=Upstream, Head=Head, upstream_model=upstream_model, head_model=head_model,
        weights=weights, gradients=gradients, calls=calls, close=close, same=same, texts=TEXTS, width=WIDTH, SGD=SGD,
    )  # fmt: skip


@pytest.fixture
def unshared() -> Callable[..., Any]:
    """The same net without sharing: every head on a copy of the upstream of its own, their gradients added by hand."""

    def reference(toy: Toy, examples: list[Any], trained: Iterable[str], factors: Any = None) -> Any:
        total, heads = None, {}
        for name in trained:
            head = toy.heads[name]
            own = toy.upstream.model.copy()
            listener = head.model.get_ref("tok2vec")
            model = chain(own, *[layer.copy() for layer in head.model.layers if layer is not listener])
            scores, backprop = model.begin_update([eg.predicted for eg in examples])
            backprop(head.get_loss(examples, scores)[1])
            factor = (factors or {}).get(name, 1.0)
            found = [factor * g for g in gradients(own)]
            total = found if total is None else [a + b for a, b in zip(total, found, strict=True)]
            heads[name] = gradients(model.layers[-1])
        return SimpleNamespace(upstream=total, heads=heads)

    return reference
