"""Growing the scorer, so that a trained component can take more labels."""

from __future__ import annotations

from typing import Any

from thinc.api import Model

# The bias of a new output, below that of all others: its score is near 0 until it has been trained.
UNLIKELY = -4.0


def output_node(model: Any) -> Model | None:
    """The node of the scorer that has the labels' weights, if it is of a known kind; None otherwise."""
    if not isinstance(model, Model) or not model.has_ref("scorer"):
        return None
    found = [node for node in model.get_ref("scorer").walk() if node.param_names]
    if len(found) == 1 and set(found[0].param_names) == {"W", "b"} and "nO" in found[0].dim_names:
        return found[0]
    return None


def insert_output(model: Model, at: int) -> None:
    """Add an output. The others keep their weights, and thus their scores or, with softmax, nearly so.

    model: A model with a reference `scorer` that `output_node` knows.
    at: The column of the new output.
    """
    node = output_node(model)
    assert node is not None
    width = node.get_dim("nO") + 1
    holders = [one for one in model.walk() if "nO" in one.dim_names and node in list(one.walk())]
    # The logistic function knows its width, too.
    holders += [one for one in model.get_ref("scorer").walk() if not one.layers and one not in holders]
    old: dict[str, Any] = {name: node.maybe_get_param(name) for name in node.param_names}
    for name in old:
        node.set_param(name, None)
    for holder in holders:
        for dim in ("nO", "nI") if holder is not node and not holder.layers else ("nO",):
            if dim in holder.dim_names:
                holder.set_dim(dim, width, force=True)
    if any(value is None for value in old.values()):
        return
    # Optimizers keep state by node id, and theirs has the old shape.
    with Model.global_id_lock:
        Model.global_id += 1
        node.id = Model.global_id
    W, b = old["W"], old["b"]
    xp = node.ops.xp
    low = xp.minimum(b.min(initial=0.0), 0.0) + UNLIKELY
    node.set_param("W", xp.concatenate([W[:at], xp.zeros((1, W.shape[1]), dtype=W.dtype), W[at:]]))
    node.set_param("b", xp.concatenate([b[:at], xp.full((1,), low, dtype=b.dtype), b[at:]]))
