"""Numbers of models: flattening outputs, making gradients, directional finite differences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from ..errors import SpanwrightError

# Lengths by which a parameter is moved to measure a slope, how many directions are tried, and how many must be smooth.
STEPS = (8e-3, 4e-3, 2e-3, 1e-3)
DIRECTIONS = 20
ENOUGH = 3
# A slope below this is zero: the float32 of the loss has no more digits.
FLAT = 1e-2
# The name by which the gradient of the input can be passed over.
INPUT = "input"


class ConformanceError(SpanwrightError, AssertionError):
    """Something that is registered does not hold what its kind promises."""


def arrays(value: Any) -> list[Any]:
    """The arrays in a model's output: of lists, tuples, Ragged, Padded and single arrays."""
    if isinstance(value, (list, tuple)):
        return [array for inner in value for array in arrays(inner)]
    for attribute in ("dataXd", "data"):
        if not hasattr(value, "dtype") and hasattr(value, attribute):
            return [getattr(value, attribute)]
    return [value] if hasattr(value, "dtype") else []


def like(value: Any, make: Callable[[Any], Any]) -> Any:
    """A value of the same structure, with each array replaced by `make(array)`."""
    if isinstance(value, (list, tuple)):
        return type(value)(like(inner, make) for inner in value)
    if hasattr(value, "dtype"):
        return make(value)
    kind = type(value).__name__
    if kind == "Ragged":
        return type(value)(make(value.data), value.lengths)
    if kind == "Padded":
        return type(value)(make(value.data), value.size_at_t, value.lengths, value.indices)
    raise ConformanceError(f"The output is a {kind}. Expected arrays, lists of them, Ragged or Padded.")


def is_float(value: Any) -> bool:
    """Whether all arrays of an output hold floats (integers have no gradient)."""
    found = arrays(value)
    return bool(found) and all(array.dtype.kind == "f" for array in found)


def largest_difference(one: Any, other: Any) -> float:
    """The largest difference of two outputs; infinite if their shapes differ."""
    left, right = arrays(one), arrays(other)
    if [array.shape for array in left] != [array.shape for array in right]:
        return float("inf")
    worst = 0.0
    for a, b in zip(left, right, strict=True):
        if a.size:
            worst = max(worst, float(np.abs(a.astype("float64") - b.astype("float64")).max()))
    return worst


def parameters(model: Any) -> Iterator[tuple[Any, str]]:
    """Each parameter of each node that has a value."""
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                yield node, name


def randomise(model: Any, numbers: np.random.Generator) -> None:
    """Add noise to all parameters: zeros would hide faults."""
    for node, name in parameters(model):
        value = node.get_param(name)
        node.set_param(name, value + (0.2 * numbers.normal(size=value.shape)).astype(value.dtype))


def has_softmax(model: Any) -> bool:
    """Whether the last arithmetic node is a softmax, whose backward pass takes the gradient of the cross-entropy."""
    return any(node.name.startswith("softmax") for node in model.walk())


def compare_gradients(
    model: Any, inputs: Any, *, tolerance: float, softmax: bool, without: Collection[str] = ()
) -> None:
    """Compare the gradient of each parameter, and of inputs that are lists of float arrays, with finite differences.

    softmax: The loss is the cross-entropy with random distributions; else a random linear function of the output.
    without: Names of parameters to pass over; "input" for the input.

    Each parameter is moved along its gradient mixed with a random direction. A direction with a kink nearby (where
    step lengths disagree) is passed over for another. Raises ConformanceError, naming node and parameter, if the
    relative error is above the tolerance, or if no direction is smooth.
    """
    numbers = np.random.default_rng(3)
    output, backprop = model(inputs, is_train=True)
    if not is_float(output):
        return
    weights = like(output, lambda array: _weights(array, numbers, softmax))
    d_inputs = backprop(_gradient(output, weights, softmax))

    def loss(batch: Any = inputs) -> float:
        return _loss(model(batch, is_train=True)[0], weights, softmax)

    for node, name in list(parameters(model)):
        if name not in without:
            value = node.get_param(name).copy()
            grad = node.get_grad(name) if node.has_grad(name) else np.zeros_like(value)

            def moved(to: Any, node: Any = node, name: str = name, value: Any = value) -> float:
                node.set_param(name, to)
                found = loss()
                node.set_param(name, value)
                return found

            _compare_one(f"'{name}' of the node '{node.name}'", value, grad, moved, numbers, tolerance)
    if INPUT not in without and isinstance(inputs, list) and is_float(inputs):
        _compare_inputs(model, inputs, d_inputs, loss, numbers, tolerance)


def _compare_inputs(
    model: Any, inputs: list[Any], d_inputs: Any, loss: Callable[[Any], float], numbers: Any, tolerance: float
) -> None:
    if [array.shape for array in arrays(d_inputs)] != [array.shape for array in inputs]:
        raise ConformanceError("the backward pass gives gradients of another shape than the inputs have.")
    ends = np.cumsum([len(array) for array in inputs])[:-1]

    def moved(to: Any) -> float:
        return loss(np.split(to, ends))

    grad = np.concatenate(arrays(d_inputs))
    _compare_one(f"the input of '{model.name}'", np.concatenate(inputs), grad, moved, numbers, tolerance)


def _compare_one(
    what: str, value: Any, grad: Any, loss: Callable[[Any], float], numbers: np.random.Generator, tolerance: float
) -> None:
    """Compare one gradient. loss: Gives the loss with another array in place of `value`."""
    grad = grad.astype("float64")

    def slope(along: Any, step: float) -> float:
        return (loss(value + step * along) - loss(value - step * along)) / (2 * step)

    length = float(np.sqrt((grad**2).sum()))
    smooth = 0
    # Along the gradient its length shows; in random directions, whatever it lacks.
    for number in range(DIRECTIONS):
        along = _unit(grad if number == 0 and length else numbers.normal(size=value.shape)).astype("float32")
        analytic = float((grad * along).sum())
        measured = _smooth_slope(along, slope, tolerance)
        if measured is None:
            continue
        size = max(abs(analytic), abs(measured), 0.1 * length / np.sqrt(value.size), FLAT)
        error = abs(analytic - measured) / size
        if error > tolerance:
            raise ConformanceError(
                f"the gradient of {what} disagrees with finite differences: relative error "
                f"{error:.3g}, expected under {tolerance} (backward pass {analytic:.6g}, finite difference "
                f"{measured:.6g})."
            )
        smooth += 1
        if smooth == ENOUGH:
            return
    raise ConformanceError(
        f"only {smooth} of {DIRECTIONS} directions in which {what} was moved are smooth "
        f"enough to compare its gradient; {ENOUGH} are needed. Give other sample settings, or name the parameter in "
        "without_gradients if the output is not differentiable in it."
    )


def _smooth_slope(along: Any, slope: Callable[[Any, float], float], tolerance: float) -> float | None:
    """The slope in a direction, if two step lengths agree on it; None where a kink lies between."""
    for step in STEPS:
        wide, narrow = slope(along, step), slope(along, step / 2)
        if abs(wide - narrow) <= 0.3 * tolerance * max(abs(wide), abs(narrow), FLAT):
            return narrow
    return None


def _unit(array: Any) -> Any:
    length = float(np.sqrt((array.astype("float64") ** 2).sum()))
    return array / length if length else array


def _weights(array: Any, numbers: np.random.Generator, softmax: bool) -> Any:
    raw = numbers.normal(size=array.shape).astype("float32")
    if softmax and array.ndim == 2 and array.size:
        raw = np.exp(raw)
        raw /= raw.sum(axis=1, keepdims=True)
    return raw


def _gradient(output: Any, weights: Any, softmax: bool) -> Any:
    if not softmax:
        return like(weights, lambda array: array.copy())
    targets = iter(arrays(weights))
    return like(output, lambda array: array - next(targets))


def _loss(output: Any, weights: Any, softmax: bool) -> float:
    total = 0.0
    for array, weight in zip(arrays(output), arrays(weights), strict=True):
        values = array.astype("float64")
        total += float((-weight * np.log(np.maximum(values, 1e-30))).sum() if softmax else (weight * values).sum())
    return total
