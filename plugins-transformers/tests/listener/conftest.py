"""The toys of the core's tests of its listener, with a transformer in the place of their upstream."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy
import pytest
from thinc.api import SGD, chain, reduce_mean
from thinc.util import fix_random_seed

from spanwright import listener as core_listener
from spanwright.listener import link
from spanwright_tokens.tokens import Doc, Example
from spanwright_tokens.vocab import Vocab
from spanwright_transformers import Transformer, TransformerListener, TransformerModel
from spanwright_transformers.data_classes import TransformerData
from spanwright_transformers.layers.transformer_model import forward
from spanwright_transformers.layers.trfs2arrays import trfs2arrays
from spanwright_transformers.span_getters import get_strided_spans

CORE = Path(__file__).resolve().parents[3] / "core" / "tests" / "listener"
WIDTH = 8
TEXTS = ["a big dog barks", "cats sleep", "one", "the quick brown fox jumps over it", "stop"]


def core_module(name: str) -> ModuleType:
    """A module of the core's tests."""
    spec = importlib.util.spec_from_file_location(f"core_listener_{name}", CORE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PoolingListener(TransformerListener):
    """A TransformerListener and its pooling in one node, so that models look as the core's toys do."""

    def __init__(self, upstream: str = "*", width: int | None = None, *, grad_factor: Any = 1.0) -> None:
        super().__init__(upstream)
        self.name = "tok2vec-listener"
        self.pooling = trfs2arrays(reduce_mean(), grad_factor)
        self.replace_callbacks(listen_and_pool, init=self.init)
        if width is not None:
            self.set_dim("nO", width)


def listen_and_pool(model: Any, docs: Any, is_train: bool) -> Any:
    datas, backprop_listener = core_listener.forward(model, docs, is_train)
    vectors, backprop_pooling = model.pooling(datas, is_train)
    width = model.maybe_get_dim("nO") or WIDTH
    vectors = [v if len(v) else model.ops.alloc2f(0, width) for v in vectors]
    return vectors, lambda d_vectors: backprop_listener(backprop_pooling(d_vectors))


def count(model: Any, docs: Any, is_train: bool) -> Any:
    model.attrs["calls"].append(is_train)
    return forward(model, docs, is_train)


FOLDERS: dict[str, Path] = {}


def windows(docs: Any) -> Any:
    return get_strided_spans(docs, 3, 2)


def upstream_model(width: int = WIDTH, seed: int = 0) -> Any:
    """A loaded transformer with windows of three tokens. `attrs["calls"]` counts forward passes."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    from spanwright_transformers.data_classes import HFObjects

    model = TransformerModel("toy", windows)
    fix_random_seed(seed)
    torch.manual_seed(numpy.random.randint(1 << 30))
    config = AutoConfig.for_model(
        "bert", hidden_size=width, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, vocab_size=320,
        max_position_embeddings=64, initializer_range=0.5, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    tokenizer = AutoTokenizer.from_pretrained(FOLDERS["tokenizer"])
    model.attrs["set_transformer"](model, HFObjects(tokenizer, AutoModel.from_config(config)))
    model.attrs["calls"] = []
    model.replace_callbacks(count, init=model.init)
    return model


@pytest.fixture(scope="session", autouse=True)
def tokenizer_folder(tiny: Path) -> None:
    FOLDERS["tokenizer"] = tiny


class Upstream(Transformer):
    """The component; its default name is that of the core's toy."""

    def __init__(self, vocab: Any, model: Any, name: str = "upstream") -> None:
        super().__init__(vocab, model, name=name)


def parameters(model: Any) -> list[Any]:
    return [p for node in model.walk() for shim in node.shims for p in shim._model.parameters()]


def weights(model: Any) -> list[Any]:
    """Copies of all parameters, in order; what a transformer's listeners cannot teach is left out."""
    own = [n.get_param(p).copy() for n in model.walk() for p in n.param_names if n.has_param(p)]
    return [*own, *(p.detach().numpy().copy() for p in parameters(model))]


def gradients(model: Any) -> list[Any]:
    """Copies of all gradients, in order; zeros where there is none."""
    own = [
        node.get_grad(name).copy() if node.has_grad(name) else numpy.zeros_like(node.get_param(name))
        for node in model.walk()
        for name in node.param_names
    ]
    found = [numpy.zeros(p.shape, dtype="f") if p.grad is None else p.grad.numpy().copy() for p in parameters(model)]
    return [*own, *found]


def calls(upstream: Any) -> list[bool]:
    return upstream.model.attrs["calls"]


def as_arrays(values: Any) -> list[Any]:
    return [v.token_vectors() if isinstance(v, TransformerData) else v for v in values]


def close(first: Any, second: Any, tolerance: float = 1e-4) -> bool:
    pairs = list(zip(as_arrays(first), as_arrays(second), strict=True))
    return all(
        (not a.size and not b.size) or (a.shape == b.shape and numpy.allclose(a, b, rtol=tolerance, atol=tolerance))
        for a, b in pairs
    )


def same(first: Any, second: Any) -> bool:
    return all(numpy.array_equal(a, b) for a, b in zip(as_arrays(first), as_arrays(second), strict=True))


def head_model(upstream: str = "*", *, grad_factor: Any = 1.0, width: int | None = WIDTH, listener: Any = None) -> Any:
    parts = core_module("conftest")
    tok2vec = listener if listener is not None else PoolingListener(upstream, width, grad_factor=grad_factor)
    return parts.head_model(listener=tok2vec)


@pytest.fixture
def kit() -> SimpleNamespace:
    parts = core_module("conftest")

    class Toy(parts.Toy):  # type: ignore[name-defined, misc]
        def __init__(self, heads: Any = None, *, others: Any = None, seed: int = 0) -> None:
            fix_random_seed(seed)
            self.vocab = Vocab()
            self.upstream = Upstream(self.vocab, upstream_model(seed=seed))
            self.others = {name: Upstream(self.vocab, model, name) for name, model in (others or {}).items()}
            models = {"first": head_model(), "second": head_model()} if heads is None else heads
            self.heads = {
                name: parts.Head(self.vocab, model, name, shift=index / 3)
                for index, (name, model) in enumerate(models.items())
            }
            self.components = [("upstream", self.upstream), *self.others.items(), *self.heads.items()]
            link(self.components)
            for _, component in self.components:
                component.initialize(lambda: self.examples())

        def doc(self, text: str) -> Any:
            return Doc(self.vocab, words=text.split(), spaces=[True] * len(text.split()))

        def examples(self, texts: Iterable[str] = TEXTS) -> list[Any]:
            return [Example(doc, doc) for doc in self.docs(texts)]

        def alone(self, doc: Any) -> Any:
            return as_arrays(self.upstream.model.predict([doc]))[0]

    return SimpleNamespace(
        Toy=Toy, Upstream=Upstream, Head=parts.Head, upstream_model=upstream_model, head_model=head_model,
        weights=weights, gradients=gradients, calls=calls, close=close, same=same, texts=TEXTS, width=WIDTH, SGD=SGD,
    )  # fmt: skip


@pytest.fixture
def toy(kit: SimpleNamespace) -> Any:
    return kit.Toy()


@pytest.fixture
def unshared() -> Callable[..., Any]:
    """The same net without sharing: every head on a copy of the transformer of its own, gradients added by hand."""
    from spanwright_transformers.layers.split_trf import split_trf_batch

    def reference(toy: Any, examples: list[Any], trained: Iterable[str], factors: Any = None) -> Any:
        total, heads = None, {}
        for name in trained:
            head = toy.heads[name]
            own = toy.upstream.model.copy()
            listener = head.model.get_ref("tok2vec")
            rest = [layer.copy() for layer in head.model.layers if layer is not listener]
            model = chain(chain(own, split_trf_batch()), trfs2arrays(reduce_mean(), 1.0), *rest)
            scores, backprop = model.begin_update([eg.predicted for eg in examples])
            backprop(head.get_loss(examples, scores)[1])
            factor = (factors or {}).get(name, 1.0)
            found = [factor * g for g in gradients(own)]
            total = found if total is None else [a + b for a, b in zip(total, found, strict=True)]
            heads[name] = gradients(model.layers[-1])
        return SimpleNamespace(upstream=total, heads=heads)

    return reference
