"""The conformance kit passes what is right, and says what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

# thinc calls the arguments of `init` X and Y.
# ruff: noqa: N803
import numpy as np
import pytest
from thinc.api import Linear, Model, Relu, Softmax_v2, chain, with_array

from spanwright.errors import SpanwrightError
from spanwright.registry import registry
from spanwright.testing import (
    ARCHITECTURE_CHECKS,
    ConformanceError,
    check_architecture,
    check_component,
    check_distribution,
    conformance,
    sample_docs,
    sample_examples,
)

Forward = Callable[..., tuple[Any, Callable[[Any], Any]]]


@pytest.fixture
def register() -> Iterator[Callable[[Any], str]]:
    """Register a function for one test; its name is test.Net.v1."""
    registered = []

    def add(func: Any, kind: str = "architectures") -> str:
        name = "test.Net.v1"
        getattr(registry, kind)(name, func=func)
        registered.append((kind, name))
        return name

    yield add
    for kind, name in registered:
        registry.remove(kind, name)


def scaled(forward: Forward, **attrs: Any) -> Model:
    """A layer from lists of matrices to lists of matrices, with one parameter."""

    def init(model: Model, X: Any = None, Y: Any = None) -> None:
        model.set_param("w", np.ones(8, dtype="float32"))

    return Model("scaled", forward, init=init, params={"w": None}, dims={"nO": 8}, attrs=attrs)


def right(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    w = model.get_param("w")

    def backprop(d_ys: Any) -> Any:
        model.inc_grad("w", sum((x * d).sum(axis=0) for x, d in zip(xs, d_ys, strict=True)) + np.zeros_like(w))
        return [d * w for d in d_ys]

    return [x * w for x in xs], backprop


def check(name: str, **settings: Any) -> None:
    check_architecture(name, inputs="floats", **{"width": 8, **settings})


def test_a_right_network_passes(register: Any) -> None:
    def net(width: int) -> Model:
        return scaled(right)

    check(register(net))


def test_a_softmax_is_compared_by_cross_entropy(register: Any) -> None:
    def net(width: int, nO: int) -> Model:
        def forward(model: Model, xs: Any, is_train: bool) -> Any:
            if not xs:
                return [], lambda d_ys: []
            return model.layers[0](xs, is_train)

        inner = with_array(chain(Linear(6, width), Softmax_v2(nO, 6)))
        return Model("outer", forward, init=lambda model, X, Y: model.layers[0].initialize(X), layers=[inner])

    check(register(net), nO=3)


def test_kinks_are_stepped_around(register: Any) -> None:
    def net(width: int) -> Model:
        return Model(
            "outer",
            lambda model, xs, is_train: model.layers[0](xs, is_train) if xs else ([], lambda d: []),
            init=lambda model, X, Y: model.layers[0].initialize(X),
            layers=[with_array(chain(Relu(16, width), Relu(5, 16)))],
        )

    check(register(net))


def wrong_gradient(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    ys, backprop = right(model, xs, is_train)
    return ys, lambda d_ys: backprop([1.1 * d for d in d_ys])


def no_gradient(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    return right(model, xs, is_train)[0], lambda d_ys: d_ys


def sees_neighbours(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    ys, backprop = right(model, xs, is_train)
    return [y + len(xs) for y in ys], backprop


def refuses_nothing(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    if not all(map(len, xs)):
        raise ValueError("no rows")
    return right(model, xs, is_train)


def drops_empties(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    return right(model, [x for x in xs if len(x)], is_train)


def not_finite(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    ys, backprop = right(model, xs, is_train)
    return [y * np.float32("nan") for y in ys], backprop


def other_shape(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    ys, backprop = right(model, xs, is_train)
    return ([y[:, :4] for y in ys] if is_train else ys), backprop


def no_arrays(model: Model, xs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    return "text", lambda d: d


@pytest.mark.parametrize(
    ("forward", "only", "text"),
    [
        (
            wrong_gradient,
            "gradients",
            r"the gradient of 'w' of the node 'scaled' disagrees with finite differences: .*0\.09",
        ),
        (no_gradient, "gradients", "disagrees with finite differences"),
        (no_gradient, "runs forward and backward", "the backward pass left no gradient on any parameter"),
        (sees_neighbours, "is independent of the batch", "an input alone gives another output than in a batch"),
        (refuses_nothing, "takes empty batches and Docs", r"with \[0\] tokens raises ValueError: no rows"),
        (drops_empties, "takes empty batches and Docs", "a batch of 1 inputs gives 0 outputs"),
        (not_finite, "runs forward and backward", "the output has values that are not finite"),
        (other_shape, "runs forward and backward", "prediction and training give outputs of different shapes"),
        (no_arrays, "runs forward and backward", "prediction gave a str without arrays"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_faults_are_named(register: Any, forward: Forward, only: str, text: str) -> None:
    def net(width: int) -> Model:
        return scaled(forward)

    with pytest.raises(ConformanceError, match=f"architectures 'test.Net.v1': .*{text}") as caught:
        check(register(net), only=only)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, SpanwrightError)


@pytest.mark.parametrize(
    ("backprop", "message"),
    [
        (lambda d_ys: d_ys, r"the gradient of the input of 'tripled' disagrees with finite differences"),
        (lambda d_ys: [], r"gives gradients of another shape than the inputs have"),
    ],
)
def test_a_layer_without_parameters_is_checked_too(register: Any, backprop: Any, message: str) -> None:
    def net(width: int) -> Model:
        return Model("tripled", lambda model, xs, is_train: ([3 * x for x in xs], backprop))

    with pytest.raises(ConformanceError, match=message):
        check(register(net), only="gradients")


def test_settings_that_turn_checks_off(register: Any) -> None:
    def net(width: int) -> Model:
        return scaled(wrong_gradient)

    name = register(net)
    check(name, only="gradients", gradients=False)
    check(name, only="gradients", without_gradients=["w", "input"])
    check(name, only="gradients", tolerance=0.5)


def test_an_initialisation_that_leaves_gaps(register: Any) -> None:
    def net(width: int) -> Model:
        return Model("gap", right, params={"w": None}, dims={"nO": 8})

    with pytest.raises(ConformanceError, match="after initialisation the node 'gap' has no value for w"):
        check(register(net), only="initialises")


def test_what_is_not_in_the_bytes(register: Any) -> None:
    calls = []

    def net(width: int) -> Model:
        calls.append(1)
        shift = float(len(calls))

        def forward(model: Model, xs: Any, is_train: bool) -> Any:
            ys, backprop = right(model, xs, is_train)
            return [y + shift for y in ys], backprop

        return scaled(forward)

    with pytest.raises(ConformanceError, match="a model loaded from bytes predicts something else"):
        check(register(net), only="serialises")


def test_inputs_that_are_not_known(register: Any) -> None:
    def net(width: int) -> Model:
        return scaled(right)

    with pytest.raises(ConformanceError, match="inputs='words' is not known. Expected 'docs', 'floats'"):
        check_architecture(register(net), inputs="words", width=8)


def test_a_listener(register: Any) -> None:
    from spanwright.listener import Listener

    def net(width: int) -> Model:
        return Listener("*", width)

    check_architecture(register(net), width=8)


def test_a_listener_of_another_width(register: Any) -> None:
    from spanwright.listener import Listener

    def narrow(width: int) -> Model:
        return Listener("*", 3)

    with pytest.raises(ConformanceError, match="the width of the listener is 3; expected 8"):
        check_architecture(register(narrow), width=8)


def test_a_pytest_function_with_one_case_for_each_check() -> None:
    func = conformance({"a": {"width": 1}, "b": {}}, kind="layers")
    marks = [mark for mark in func.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert len(marks[0].args[1]) == 2 * len(ARCHITECTURE_CHECKS)
    with pytest.raises(SpanwrightError, match="Can't find 'b' in the registry 'layers'"):
        func("b", "initialises")
    assert conformance(["a"]).pytestmark  # type: ignore[attr-defined]


def test_samples() -> None:
    import spanwright

    assert [len(doc) for doc in sample_docs((0, 3))] == [0, 3]
    assert sample_docs((3,), vectors=0)[0].vocab.vectors_length == 0
    examples = sample_examples(spanwright.blank("xx"))
    assert {token.tag_ for example in examples for token in example.reference} == {"DT", "JJ", "NN", "VB"}
    assert any(example.reference.ents for example in examples)


class Shout:
    """A component that tags words, and is not trainable."""

    name = "shout"

    def __init__(self, forgetful: bool = False) -> None:
        self.forgetful = forgetful
        self.calls = 0

    def __call__(self, doc: Any) -> Any:
        self.calls += 1
        for token in doc:
            token.tag_ = f"X{self.calls}" if self.forgetful else token.text[0].upper()
        return doc


def make_shout(nlp: Any, name: str, forgetful: bool = False) -> Shout:
    return Shout(forgetful)


@pytest.fixture
def shout() -> str:
    from spanwright.language import Language

    name = "test_kit_shout"
    if not Language.has_factory(name):
        Language.factory(name, func=make_shout, default_config={"forgetful": False})
    return name


def test_a_right_component_passes(shout: str) -> None:
    check_component(shout)


def test_a_component_that_remembers_what_it_saw(shout: str) -> None:
    with pytest.raises(
        ConformanceError, match=r"component 'test_kit_shout': Docs alone are annotated otherwise.*columns"
    ):
        check_component(shout, config={"forgetful": True})


def test_a_right_distribution_passes() -> None:
    check_distribution("spanwright-core")


def test_a_distribution_that_declares_nothing() -> None:
    with pytest.raises(ConformanceError, match="No installed distribution 'nothing-at-all' declares anything"):
        check_distribution("nothing-at-all")


def test_every_fault_of_a_distribution_is_told(make_distribution: Any) -> None:
    make_distribution(
        "fake-faults",
        {
            "spanwright_architectures": {
                "fake.Net.v1": "fake_faults.nets:Other_v1",
                "fake.Gone.v1": "fake_faults.nets:Gone_v1",
                "fake.Moved.v1": "fake_faults:Moved_v1",
                "fake.Mute.v1": "fake_faults.nets:Mute_v1",
            },
            "spanwright_factories": {
                "fake_thing": "fake_faults.nets:make_thing",
                "fake_alias": "fake_faults.parts:make_undeclared",
            },
        },
        {
            "fake_faults/__init__.py": "from .nets import Moved_v1\n",
            "fake_faults/nets.py": (
                "from spanwright.language import Language\n"
                'def Other_v1():\n    """fake.Net.v1: something."""\n'
                'def Moved_v1():\n    """fake.Moved.v1: something."""\n'
                "def Mute_v1(): ...\n"
                'def Hidden_v2():\n    """fake.Hidden.v2: not declared."""\n'
                'def Helper_v2():\n    """Only a helper."""\n'
                "def make_thing(nlp, name): ...\n"
                "if False:\n    pass\n"
                "def unused(): ...\n"
                "def _never():\n    @Language.factory('inner')\n    def inner(nlp, name): ...\n"
            ),
            "fake_faults/parts.py": (
                "from spanwright.language import Language\n"
                "@Language.factory('fake_undeclared')\ndef make_undeclared(nlp, name): ...\n"
                "@Language.component(name='fake_plain')\ndef plain(doc): ...\n"
            ),
        },
    )
    with pytest.raises(ConformanceError, match=r"fake-faults 1\.0 has faults in what it registers") as caught:
        check_distribution("fake-faults")
    text = str(caught.value)
    for part in (
        "the function is called Other_v1; expected Net_v1",
        "has no 'Gone_v1'",
        "the object is defined in fake_faults.nets. Point the entry point at that leaf module",
        "its docstring opens with ''; expected the name 'fake.Mute.v1' first",
        "the function is no factory. Decorate it with @Language.factory('fake_thing')",
        "the factory is decorated as 'fake_undeclared'; expected 'fake_alias'",
        "fake_faults.nets:Hidden_v2 looks like a registered function, and no entry point declares it",
        "fake_faults.parts:make_undeclared is the factory 'fake_undeclared', and no entry point declares it",
        "fake_faults.parts:plain is the factory 'fake_plain'",
    ):
        assert part in text
    assert "Helper_v2" not in text
