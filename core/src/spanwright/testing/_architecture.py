"""Checks of a registered architecture or layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._numbers import (
    ConformanceError,
    arrays,
    compare_gradients,
    has_softmax,
    is_float,
    largest_difference,
    like,
    parameters,
    randomise,
)
from ._samples import sample_docs, sample_floats

MakeInputs = Callable[[tuple[int, ...]], list[Any]]
SAME = 1e-4


@dataclass
class Subject:
    """A registered function with sample settings, and how to feed what it makes.

    make_inputs: From numbers of tokens to a batch.
    """

    kind: str
    name: str
    settings: Mapping[str, Any]
    make_inputs: MakeInputs
    outputs: Any = None
    tolerance: float = 2e-2
    gradients: bool = True
    softmax: bool | None = None
    without_gradients: Sequence[str] = ()
    independent: bool = True
    batch: list[Any] = field(default_factory=list)

    def build(self) -> Any:
        """A new model, resolved from the settings as a config would be."""
        from ..config import resolve

        return resolve({"model": {f"@{self.kind}": self.name, **self.settings}})["model"]

    def ready(self) -> Any:
        """A new model, initialised, with noise on its parameters and without dropout."""
        from thinc.api import fix_random_seed, set_dropout_rate

        fix_random_seed(0)
        model = self.build()
        model.initialize(X=self.batch, Y=self.outputs)
        randomise(model, np.random.default_rng(0))
        set_dropout_rate(model, 0.0)
        return model

    def fail(self, text: str) -> None:
        """Raise, naming the subject."""
        raise ConformanceError(f"{self.kind} '{self.name}': {text}")


def _initialises(subject: Subject) -> None:
    model = subject.ready()
    for node in model.walk():
        unset = [name for name in node.param_names if node.has_param(name) is None]
        if unset:
            subject.fail(f"after initialisation the node '{node.name}' has no value for {', '.join(unset)}.")
    bad = [name for node, name in parameters(model) if not np.isfinite(node.get_param(name)).all()]
    if bad:
        subject.fail(f"initialisation left values that are not finite in {', '.join(bad)}.")


def _runs_forward_and_backward(subject: Subject) -> None:
    model = subject.ready()
    output = model.predict(subject.batch)
    if not arrays(output):
        subject.fail(f"prediction gave a {type(output).__name__} without arrays.")
    trained, backprop = model(subject.batch, is_train=True)
    if [array.shape for array in arrays(output)] != [array.shape for array in arrays(trained)]:
        subject.fail("prediction and training give outputs of different shapes.")
    if not is_float(trained):
        return
    if not all(np.isfinite(array).all() for array in arrays(trained)):
        subject.fail("the output has values that are not finite.")
    backprop(like(trained, np.ones_like))
    slots = list(parameters(model))
    if slots and not any(node.has_grad(name) for node, name in slots):
        subject.fail("the backward pass left no gradient on any parameter.")


def _gradients(subject: Subject) -> None:
    if not subject.gradients:
        return
    model = subject.ready()
    softmax = has_softmax(model) if subject.softmax is None else subject.softmax
    try:
        compare_gradients(
            model, subject.batch, tolerance=subject.tolerance, softmax=softmax, without=subject.without_gradients
        )
    except ConformanceError as error:
        subject.fail(str(error))


def _serialises(subject: Subject) -> None:
    model = subject.ready()
    data = model.to_bytes()
    twin = subject.build()
    twin.from_bytes(data)
    if [node.name for node in twin.walk()] != [node.name for node in model.walk()]:
        subject.fail("a model loaded from bytes has other nodes.")
    if largest_difference(model.predict(subject.batch), twin.predict(subject.batch)) > 0:
        subject.fail("a model loaded from bytes predicts something else.")
    if twin.to_bytes() != data:
        subject.fail("a model loaded from bytes gives other bytes.")
    if largest_difference(model.predict(subject.batch), model.copy().predict(subject.batch)) > 0:
        subject.fail("a copy of the model predicts something else.")


def _takes_nothing(subject: Subject) -> None:
    model = subject.ready()
    for lengths in ((), (0,), (0, 3, 0)):
        batch = subject.make_inputs(lengths)
        try:
            output = model.predict(batch)
            trained, backprop = model(batch, is_train=True)
            if is_float(trained):
                backprop(like(trained, np.ones_like))
        except Exception as error:
            raise ConformanceError(
                f"{subject.kind} '{subject.name}': a batch of inputs with {list(lengths)} tokens raises "
                f"{type(error).__name__}: {error}"
            ) from error
        if isinstance(output, list) and len(output) != len(lengths):
            subject.fail(f"a batch of {len(lengths)} inputs gives {len(output)} outputs.")


def _is_independent_of_the_batch(subject: Subject) -> None:
    if not subject.independent:
        return
    model = subject.ready()
    together = model.predict(subject.batch)
    alone = [model.predict([item]) for item in subject.batch]
    if largest_difference(_stacked(together), _stacked(alone)) > SAME:
        subject.fail("an input alone gives another output than in a batch.")
    backwards = [model.predict([item]) for item in reversed(subject.batch)]
    if largest_difference(_stacked(together), _stacked(backwards[::-1])) > SAME:
        subject.fail("the output depends on what was computed before.")


def _stacked(value: Any) -> Any:
    rows = [array.reshape((array.shape[0], -1)) for array in arrays(value) if array.ndim]
    return np.concatenate(rows) if rows else np.zeros((0, 0))


ARCHITECTURE_CHECKS: dict[str, Callable[[Subject], None]] = {
    "initialises": _initialises,
    "runs forward and backward": _runs_forward_and_backward,
    "gradients": _gradients,
    "serialises": _serialises,
    "takes empty batches and Docs": _takes_nothing,
    "is independent of the batch": _is_independent_of_the_batch,
}


def check_architecture(
    name: str,
    *,
    kind: str = "architectures",
    inputs: str | MakeInputs = "docs",
    outputs: Any = None,
    tolerance: float = 2e-2,
    gradients: bool = True,
    softmax: bool | None = None,
    without_gradients: Sequence[str] = (),
    independent: bool = True,
    only: str | None = None,
    **settings: Any,
) -> None:
    """Check a registered function that makes a model. Raises ConformanceError with what was expected and found.

    It must initialise from a sample, run forward and backward, have gradients that agree with finite differences,
    survive to_bytes and from_bytes, take empty batches and empty Docs, and treat each input by itself.

    name: Registered name.
    kind: The registry it is in.
    inputs: What the model takes: "docs"; "floats" (matrices of token vectors, as wide as the setting `width`); or a
        function from numbers of tokens to a batch.
    outputs: Sample output for the initialisation.
    tolerance: Largest relative error of a gradient, in float32 and without dropout.
    gradients: Compare gradients. False for models that have none to compare.
    softmax: Whether the model ends in a softmax, whose backward pass takes the gradient of the cross-entropy; by
        default a node named softmax says so.
    without_gradients: Names of parameters whose gradient is not compared, because the published one is another;
        "input" for the gradient of the input, which is compared where the model takes floats.
    independent: Whether each input is treated by itself. False for published networks whose inputs see each other.
    only: Run one check of `ARCHITECTURE_CHECKS`.
    settings: Sample arguments of the function, as in a config (blocks that name functions are resolved). Arguments
        whose names are taken by this function can be given as `settings={...}`.
    """
    given = {**settings.pop("settings", {}), **settings} if isinstance(settings.get("settings"), Mapping) else settings
    make = _maker(inputs, given)
    subject = Subject(
        kind, name, given, make, outputs, tolerance, gradients, softmax, tuple(without_gradients), independent
    )
    subject.batch = make((5, 1, 8))
    model = subject.build()
    if _is_listener(model):
        _check_listener(subject, model)
        return
    for title, check in ARCHITECTURE_CHECKS.items():
        if only in (None, title):
            check(subject)


def _maker(inputs: str | MakeInputs, settings: Mapping[str, Any]) -> MakeInputs:
    if callable(inputs):
        return inputs
    if inputs == "docs":
        vocab: list[Any] = []

        def make(lengths: tuple[int, ...]) -> list[Any]:
            from ._samples import sample_vocab

            if not vocab:
                vocab.append(sample_vocab())
            return sample_docs(lengths, vocab=vocab[0])

        return make
    if inputs == "floats" and isinstance(settings.get("width"), int):
        width = int(settings["width"])
        return lambda lengths: sample_floats(lengths, width=width)
    raise ConformanceError(
        f"inputs={inputs!r} is not known. Expected 'docs', 'floats' (with a setting width), or a function."
    )


def _is_listener(model: Any) -> bool:
    from ..listener import Listener

    return isinstance(model, Listener)


def _check_listener(subject: Subject, model: Any) -> None:
    """A listener has no numbers of its own: it needs an upstream, and says so."""
    from ..errors import ListenerError

    width = subject.settings.get("width")
    if width is not None and model.maybe_get_dim("nO") != width:
        subject.fail(f"the width of the listener is {model.maybe_get_dim('nO')}; expected {width}.")
    try:
        model.predict(subject.batch)
    except ListenerError:
        pass
    else:
        subject.fail("a listener without an upstream must raise ListenerError when it is called.")
    twin = subject.build()
    twin.from_bytes(model.to_bytes())
