"""Growing an output layer, so that a trained component can take more labels."""

from __future__ import annotations

from typing import Any

from thinc.api import Model

from spanwright.errors import UnsupportedError


def can_resize(model: Any) -> bool:
    """Whether the model ends in a layer of known kind: an `output_layer` with parameters W and b."""
    if not isinstance(model, Model):
        return False
    layer = model.maybe_get_ref("output_layer")
    return layer is not None and set(layer.param_names) == {"W", "b"} and "nO" in layer.dim_names


def resize_output(model: Model, width: int) -> None:
    """Change the number of outputs. Outputs that stay keep their weights; new ones start from zero.

    model: A model with a reference `output_layer`.
    width: The new number of outputs.
    """
    if not can_resize(model):
        raise UnsupportedError(f"The model '{model.name}' has no output layer of a kind that can be resized.")
    layer = model.get_ref("output_layer")
    holders = [node for node in model.walk() if "nO" in node.dim_names and layer in list(node.walk())]
    old: dict[str, Any] = {name: layer.maybe_get_param(name) for name in layer.param_names}
    for name in layer.param_names:
        layer.set_param(name, None)
    for node in holders:
        node.set_dim("nO", width, force=True)
    if any(value is None for value in old.values()):
        return
    # Optimizers keep state by node id, and theirs has the old shape.
    with Model.global_id_lock:
        Model.global_id += 1
        layer.id = Model.global_id
    for name, value in old.items():
        grown = layer.ops.alloc((width, *value.shape[1:]), dtype=value.dtype)
        kept = min(width, value.shape[0])
        grown[:kept] = value[:kept]
        layer.set_param(name, grown)
