"""The state of an optimizer as plain data: moments, averages, counts and the place of each schedule.

thinc keys an optimizer's arrays by node ids, which are counted anew in each process; here they are keyed by component,
the node's place in the model's walk, and parameter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy

ARRAYS = ("mom1", "mom2", "averages")
COUNTS = ("nr_update", "last_seen")


def get_optimizer_state(optimizer: Any, nlp: Any, steps: int) -> dict[str, Any]:
    """What `set_optimizer_state` needs.

    steps: How often `optimizer.step_schedules` has been called.
    """
    places = _places(nlp)
    state: dict[str, Any] = {"steps": steps, "radam": [list(row) for row in optimizer._radam_buffer]}
    for name in (*ARRAYS, *COUNTS):
        table = getattr(optimizer, name)
        state[name] = None if table is None else _rows(table, places)
    state["last_score"] = list(getattr(optimizer, "last_score", None) or ())
    return state


def _rows(table: Mapping[Any, Any], places: Mapping[Any, tuple[str, int, int]]) -> list[list[Any]]:
    rows = []
    for (owner, parameter), value in table.items():
        place = places.get((owner, parameter)) or places.get((owner, None))
        if place is not None:
            plain = value if isinstance(value, int) else _to_numpy(value)
            rows.append([*place, parameter, plain])
    return rows


def _places(nlp: Any) -> dict[Any, tuple[str, int, int]]:
    """Where the parameter of an optimizer's key is. Nodes and shims count their ids apart, so the name decides too."""
    places: dict[Any, tuple[str, int, int]] = {}
    for place, owner, node in _owners(nlp):
        if place[2] < 0:
            places.update({(owner, name): place for name in node.param_names})
        else:
            places[owner, None] = place
    return places


def set_optimizer_state(optimizer: Any, nlp: Any, state: Mapping[str, Any]) -> None:
    """Give a fresh optimizer, made from the same config, the state of another."""
    ids = {place: (owner, node.ops) for place, owner, node in _owners(nlp)}
    for name in (*ARRAYS, *COUNTS):
        rows = state[name]
        if rows is None or getattr(optimizer, name) is None:
            continue
        table = getattr(optimizer, name)
        for component, node, shim, parameter, value in rows:
            owner, ops = ids[(component, node, shim)]
            # Arrays of a message may lie anywhere in memory: the kernels get fresh ones.
            table[(owner, parameter)] = value if name in COUNTS else ops.asarray(numpy.array(value))
    optimizer._radam_buffer = [list(row) for row in state["radam"]]
    for _ in range(state["steps"]):
        optimizer.step_schedules()
    if hasattr(optimizer, "_last_score"):
        optimizer._last_score = tuple(state["last_score"]) or None


def _owners(nlp: Any) -> Iterator[tuple[tuple[str, int, int], int, Any]]:
    """All that owns parameters: its place (component, node, shim; -1 for the node itself), its id, and the node."""
    seen: set[int] = set()
    for name, component in nlp.components:
        model = getattr(component, "model", None)
        if model is None or not hasattr(model, "walk"):
            continue
        for index, node in enumerate(model.walk()):
            if node.id in seen:
                continue
            seen.add(node.id)
            yield (name, index, -1), node.id, node
            for number, shim in enumerate(node.shims):
                yield (name, index, number), shim.id, node


def get_gradient_names(model: Any) -> list[list[Any]]:
    """The parameters that have a gradient array. thinc updates those in each step, others not until they have one."""
    return [[index, name] for index, node in enumerate(model.walk()) for name in node.grad_names if node.has_grad(name)]


def set_gradient_names(model: Any, rows: list[list[Any]]) -> None:
    """Give parameters gradient arrays of zeros."""
    nodes = list(model.walk())
    for index, name in rows:
        node = nodes[index]
        if not node.has_grad(name):
            parameter = node.get_param(name)
            node.inc_grad(name, node.ops.alloc(parameter.shape, dtype=parameter.dtype))


def _to_numpy(array: Any) -> Any:
    return array.get() if hasattr(array, "get") else numpy.asarray(array)
