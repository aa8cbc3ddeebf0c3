"""Reading what components save: settings, and thinc models, which are checked whole before a model is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

from spanwright_tokens.io import read_json_bytes, read_msgpack

from .errors import DataFormatError, ModelDataError

_PARTS = ("nodes", "attrs", "params", "shims")

# Shapes of the parameters of thinc's own layers, for a model whose parameters are not allocated yet.
_AFFINE = {"W": ("nO", "nI"), "b": ("nO",)}
_SHAPES: dict[str, dict[str, tuple[str, ...]]] = {
    "softmax": _AFFINE,
    "linear": _AFFINE,
    "logistic": _AFFINE,
    "relu": _AFFINE,
    "mish": _AFFINE,
    "maxout": {"W": ("nO", "nP", "nI"), "b": ("nO", "nP")},
    "layernorm": {"G": ("nI",), "b": ("nI",)},
    "hashembed": {"E": ("nV", "nO")},
    "embed": {"E": ("nV", "nO")},
    "static_vectors": {"W": ("nO", "nM")},
}


def load_model_bytes(model: Any, data: bytes, *, where: str) -> Any:
    """Read a message written by `model.to_bytes()` into a model of the same structure.

    model: The thinc model; untouched unless the whole message fits.
    data: The message.
    where: What is being read, for errors: a path, or a component's name.
    Returns the model. Raises ModelDataError (a ValueError) that names the first differing node, and what was
    expected and found. Nothing is unpickled.
    """
    return prepare_model(model, data, where=where)()


def prepare_model(model: Any, data: bytes, *, where: str) -> Callable[[], Any]:
    """The first half of `load_model_bytes`: check the message, and return a function that sets it on the model.

    The function's attribute `outputs`, if there is one, is the number of the saved model's outputs, or None.
    """
    from thinc.model import Model

    if not isinstance(model, Model) or type(model).from_bytes is not Model.from_bytes:
        return lambda: model.from_bytes(data)
    message = _parse(data, where)
    nodes = list(model.walk())
    _check_structure(nodes, message, where)
    attrs = _read_attrs(nodes, message, where)
    params = [_read_params(node, message, index, where) for index, node in enumerate(nodes)]

    def apply() -> Any:
        _load_shims(nodes, message, where)
        for node, info, more, arrays in zip(nodes, message["nodes"], attrs, params, strict=True):
            node.name = info["name"]
            node.attrs.update(more)
            known = {dim: size for dim, size in info["dims"].items() if size is not None}
            refs = {ref: None if target is None else nodes[target] for ref, target in info["refs"].items()}
            parts: list[tuple[Callable[..., None], dict[str, Any]]]
            parts = [(node.set_dim, known), (node.set_ref, refs), (node.set_param, arrays)]
            for setter, values in parts:
                for name, value in values.items():
                    setter(name, value)
        return model

    apply.outputs = _saved_outputs(message["nodes"])  # type: ignore[attr-defined]
    return apply


def _saved_outputs(nodes: list[dict[str, Any]]) -> int | None:
    """How many outputs a saved model has, if its message tells."""
    if not nodes:
        return None
    last = nodes[0]["refs"].get("output_layer")
    found: int | None = nodes[0 if last is None else last]["dims"].get("nO")
    return found


def _parse(data: bytes, where: str) -> dict[str, list[Any]]:
    if not data:
        raise ModelDataError(f"{where}: the saved model is empty.")
    try:
        message = read_msgpack(data, where=where)
    except DataFormatError as error:
        raise ModelDataError(
            f"{error}. These {len(data)} bytes are no saved model, or a truncated one: copy or download it again."
        ) from error
    if not isinstance(message, dict) or not all(isinstance(message.get(part), list) for part in _PARTS):
        found = sorted(map(str, message))[:8] if isinstance(message, dict) else type(message).__name__
        raise ModelDataError(
            f"{where}: this msgpack is no saved model: expected a map with {list(_PARTS)}, found {found}."
        )
    nodes = message["nodes"]
    for index, info in enumerate(nodes):
        shape = {"name": str, "dims": dict, "refs": dict}
        if not isinstance(info, dict) or not all(isinstance(info.get(key), kind) for key, kind in shape.items()):
            raise ModelDataError(f"{where}: node {index} of the saved model is damaged: expected name, dims and refs.")
    kinds = {"attrs": dict, "params": dict, "shims": list}
    for part, kind in kinds.items():
        if len(message[part]) != len(nodes) or not all(isinstance(item, kind) for item in message[part]):
            raise ModelDataError(f"{where}: the saved model is damaged: '{part}' does not fit its {len(nodes)} nodes.")
    return message


def _check_structure(nodes: list[Any], message: dict[str, list[Any]], where: str) -> None:
    saved = message["nodes"]
    for index, (node, info) in enumerate(zip(nodes, saved, strict=False)):
        # The name of a node with layers only repeats theirs, and is kept when a listener has been replaced.
        if not node.layers and node.name != info["name"]:
            text = f"expected a node '{node.name}', found '{_short(info['name'])}'"
            raise _mismatch(where, index, node, text, nodes, saved)
        _check_dims(where, index, node, info, nodes, saved)
        _check_refs(where, index, node, info, nodes, saved)
        found = set(message["params"][index])
        if not found <= set(node.param_names):
            text = f"expected the parameters {sorted(node.param_names)}, found {sorted(found)}"
            raise _mismatch(where, index, node, text, nodes, saved)
        shims = len(message["shims"][index])
        if shims != len(node.shims):
            raise _mismatch(where, index, node, f"expected {len(node.shims)} shims, found {shims}", nodes, saved)
    if len(nodes) != len(saved):
        index = min(len(nodes), len(saved))
        more = f"the model has '{_short(nodes[index].name)}'" if len(nodes) > index else ""
        more = more or f"the file has '{_short(saved[index]['name'])}'"
        raise ModelDataError(
            f"{where}: the saved model has another structure: expected {len(nodes)} nodes, found {len(saved)}. "
            f"From node {index} on, only {more}. {_ADVICE}"
        )


def _check_dims(where: str, index: int, node: Any, info: dict[str, Any], nodes: list[Any], saved: list[Any]) -> None:
    for dim, size in info["dims"].items():
        if size is None:
            continue
        if not isinstance(size, int) or node.has_dim(dim) is False:
            text = f"expected the dimensions {sorted(node.dim_names)}, found {dim} = {size!r}"
            raise _mismatch(where, index, node, text, nodes, saved)
        if node.has_dim(dim) and node.get_dim(dim) != size:
            raise _mismatch(where, index, node, f"expected {dim} = {node.get_dim(dim)}, found {size}", nodes, saved)


def _check_refs(where: str, index: int, node: Any, info: dict[str, Any], nodes: list[Any], saved: list[Any]) -> None:
    for ref, target in info["refs"].items():
        if target is None:
            continue
        if not isinstance(target, int) or not 0 <= target < len(saved):
            raise _mismatch(where, index, node, f"its reference '{ref}' points to no node ({target!r})", nodes, saved)
        known = node.maybe_get_ref(ref)
        if known is not None and (target >= len(nodes) or nodes[target] is not known):
            expected = next((i for i, other in enumerate(nodes) if other is known), None)
            text = f"expected its reference '{ref}' at node {expected}, found {target}"
            raise _mismatch(where, index, node, text, nodes, saved)


_ADVICE = "The file belongs to another architecture, or to other settings of it: compare [components.*.model]."


def _mismatch(where: str, index: int, node: Any, text: str, nodes: list[Any], saved: list[Any]) -> ModelDataError:
    count = "" if len(nodes) == len(saved) else f" (expected {len(nodes)} nodes in all, found {len(saved)})"
    return ModelDataError(
        f"{where}: the saved model does not fit at node {index} ('{_short(node.name)}'): {text}{count}. {_ADVICE}"
    )


def _read_attrs(nodes: list[Any], message: dict[str, list[Any]], where: str) -> list[dict[str, Any]]:
    from thinc.model import deserialize_attr

    plain = deserialize_attr.dispatch(object)
    result = []
    for index, node in enumerate(nodes):
        read = {}
        for name, value in message["attrs"][index].items():
            try:
                default = node.attrs.get(name)
                if deserialize_attr.dispatch(type(default)) is plain:
                    read[name] = read_msgpack(value, where=name)
                else:
                    read[name] = deserialize_attr(default, value, name, node)
            except Exception as error:
                raise ModelDataError(
                    f"{where}: the attribute '{name}' of node {index} ('{_short(node.name)}') cannot be read "
                    f"({type(error).__name__}: {error})."
                ) from error
        result.append(read)
    return result


def _read_params(node: Any, message: dict[str, list[Any]], index: int, where: str) -> dict[str, Any]:
    dims = message["nodes"][index]["dims"]
    read: dict[str, Any] = {}
    for name, value in message["params"][index].items():
        if value is None:
            read[name] = None
            continue
        if not isinstance(value, numpy.ndarray) or value.dtype.kind not in "fiu":
            found = value.dtype if isinstance(value, numpy.ndarray) else type(value).__name__
            raise ModelDataError(
                f"{where}: parameter '{name}' of node {index} ('{_short(node.name)}'): "
                f"expected an array of numbers, found {found}."
            )
        expected = _expected_shape(node, name, dims)
        if expected is not None and tuple(value.shape) != expected:
            raise ModelDataError(
                f"{where}: the saved model does not fit at node {index} ('{_short(node.name)}'): "
                f"expected parameter '{name}' of shape {expected}, found {tuple(value.shape)}. {_ADVICE}"
            )
        array = node.ops.asarray(value)
        # What msgpack gives is a read-only view of the message, and optimizers write in place.
        read[name] = array.copy() if array is value or not getattr(array.flags, "writeable", True) else array
    return read


def _expected_shape(node: Any, name: str, dims: dict[str, Any]) -> tuple[int, ...] | None:
    if node.has_param(name):
        return tuple(node.get_param(name).shape)
    names = _SHAPES.get(node.name, {}).get(name)
    if names is None or not all(dim in node.dim_names for dim in names):
        return None
    sizes = [dims.get(dim) if dims.get(dim) is not None else node.maybe_get_dim(dim) for dim in names]
    return None if None in sizes else tuple(sizes)  # type: ignore[arg-type]


def _load_shims(nodes: list[Any], message: dict[str, list[Any]], where: str) -> None:
    shims = [
        (index, shim, data)
        for index, node in enumerate(nodes)
        for shim, data in zip(node.shims, message["shims"][index], strict=True)
    ]
    backups: list[tuple[Any, bytes]] = []
    for index, shim, data in shims:
        try:
            if len(shims) > 1:
                backups.append((shim, shim.to_bytes()))
            shim.from_bytes(data)
        except Exception as error:
            for done, backup in backups:
                done.from_bytes(backup)
            raise ModelDataError(
                f"{where}: the weights of node {index} ('{_short(nodes[index].name)}') cannot be read "
                f"({type(error).__name__}: {error}). {_ADVICE}"
            ) from error


def _short(name: Any) -> str:
    text = str(name)
    return text if len(text) <= 60 else text[:57] + "..."


def deserialize_config(path: Path) -> dict[str, Any]:
    """Read a component's `cfg` file: a JSON map; a missing or empty file is an empty map."""
    path = Path(path)
    if not path.exists():
        return {}
    data = path.read_bytes().strip()
    return read_cfg(data, str(path)) if data else {}


def read_cfg(data: bytes, where: str) -> dict[str, Any]:
    """Parse a component's settings; raises DataFormatError (a ValueError)."""
    cfg = read_json_bytes(data, where=where)
    if not isinstance(cfg, dict):
        raise DataFormatError(f"{where}: expected the component's settings as a JSON map, found {type(cfg).__name__}.")
    return cfg
