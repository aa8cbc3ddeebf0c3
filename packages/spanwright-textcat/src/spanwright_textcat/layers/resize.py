"""Growing the output of a network that scores Docs, so that a trained component can take more labels.

The scores of the labels that are there stay as they are. Which layers grow is read off the graph, so that networks of
earlier and other makers grow, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from thinc.api import Linear, Logistic, Model, Softmax, Softmax_v2, SparseLinear, chain, concatenate, noop, resizable
from thinc.api import softmax_activation as make_softmax
from thinc.api import with_cpu as make_with_cpu
from thinc.layers.dropout import Dropout

from spanwright.errors import UnsupportedError

from .sparse_linear import forward as sparse_forward

# Biases of new labels. Where labels exclude each other, one that starts so low takes nothing from the others, and yet
# learns (from spaCy's -5000 it cannot). Where they do not, the first score is spaCy's to four digits.
EXCLUDED = -20.0
UNLIKELY = -10.0


def _forward_of(node: Model) -> Any:
    return getattr(node._func, "forward", node._func)


_SAMPLE: Model[Any, Any] = noop()
_CHAIN, _CONCATENATE = _forward_of(chain(noop(), noop())), _forward_of(concatenate(noop(), noop()))
_WRAPPERS = {resizable(_SAMPLE, len)._func, make_with_cpu(_SAMPLE, _SAMPLE.ops)._func}
_ACTIVATIONS = {Logistic()._func, make_softmax()._func, Dropout()._func}
_SPARSE = {SparseLinear()._func, sparse_forward}
_SOFTMAX = {Softmax()._func, Softmax_v2()._func}
_DENSE = {Linear()._func, *_SOFTMAX}


@dataclass
class Head:
    """The layer that makes a network's scores.

    layer: Linear or softmax, with rows of weights W and biases b.
    before: The node whose output it takes, if it is known.
    exclusive: Whether the scores of the labels add up to 1.
    """

    layer: Model
    before: Model | None
    exclusive: bool


def find_head(node: Model, before: Model | None = None, *, exclusive: bool = False) -> Head | None:
    """The layer that makes the scores of a network, or None if it does not end in one of a known kind."""
    forward = _forward_of(node)
    if forward is _CHAIN:
        for place in range(len(node.layers) - 1, -1, -1):
            layer = node.layers[place]
            if _forward_of(layer) in _ACTIVATIONS or _is_activation(layer):
                exclusive = exclusive or _ends_in_softmax(layer)
                continue
            return find_head(layer, node.layers[place - 1] if place else before, exclusive=exclusive)
        return None
    if forward in _WRAPPERS:
        return find_head(node.layers[0], before, exclusive=exclusive)
    if forward in _SPARSE or forward in _DENSE:
        return Head(node, before, exclusive or forward in _SOFTMAX)
    return None


def _is_activation(node: Model) -> bool:
    return _forward_of(node) in _WRAPPERS and _forward_of(node.layers[0]) in _ACTIVATIONS


def _ends_in_softmax(node: Model) -> bool:
    return any(_forward_of(inner) is make_softmax()._func for inner in node.walk())


def forget_width(model: Model) -> None:
    """Let a network without weights take those of any number of labels and width of vectors.

    Published ensembles that are told their number of labels expect vectors of that width.
    """
    head = find_head(model)
    if head is not None and _parts_by_label(head) and head.layer.has_param("W") is None:
        head.layer.set_dim("nI", None, force=True)  # type: ignore[arg-type]


def can_resize(model: Any) -> bool:
    """Whether a network's output can grow."""
    return isinstance(model, Model) and find_head(model) is not None


def resize_output(model: Model, new_nO: int) -> Model:
    """Change the number of scores; return the model. Labels that stay keep their scores to the last digits.

    model: A network that scores Docs.
    new_nO: The new number of scores.

    Raises UnsupportedError (a NotImplementedError) if the network does not end in a layer of a known kind.
    """
    head = find_head(model)
    if head is None:
        raise UnsupportedError(
            f"The model '{model.name}' cannot take another number of labels: it does not end in a linear layer or "
            f"softmax. Give the component all its labels before it is initialized."
        )
    old = head.layer.maybe_get_dim("nO")
    parts = _parts_by_label(head)
    changed = [head.layer]
    inserted: list[tuple[int, int]] = []
    if parts:
        start = 0
        for part, width in parts:
            inner = find_head(part) if width is None else None
            if inner is not None:
                changed.append(inner.layer)
                inserted.append((start, start + (old or 0)))
                _resize_rows(inner.layer, new_nO, _first_bias(inner, inside=True))
            start += (old or 0) if width is None else width
    by_width = [node for node in model.walk() if node.has_dim("nO") and _has_width_of(node, changed)]
    _resize_rows(head.layer, new_nO, _first_bias(head))
    if inserted:
        _insert_columns(head.layer, inserted, new_nO - (old or 0))
    for node in by_width:
        node.set_dim("nO", new_nO, force=True)
    model.set_dim("nO", new_nO, force=True)
    if parts:
        _widen_input(model, head)
    return model


def _first_bias(head: Head, *, inside: bool = False) -> float:
    sparse = _forward_of(head.layer) in _SPARSE
    if head.exclusive:
        return EXCLUDED
    return UNLIKELY if sparse and not inside else 0.0


def _parts_by_label(head: Head) -> list[tuple[Model, int | None]]:
    """What a layer on several networks reads: each with its width, or None if it has one score per label."""
    if head.before is None or _forward_of(head.before) is not _CONCATENATE:
        return []
    parts = []
    for part in head.before.layers:
        by_label = find_head(part) is not None
        parts.append((part, None if by_label else part.maybe_get_dim("nO") or 0))
    return parts if any(width is None for _, width in parts) else []


def _has_width_of(node: Model, changed: list[Model]) -> bool:
    """Whether a node's outputs are those of a layer that changes."""
    found = find_head(node)
    return found is not None and any(found.layer is layer for layer in changed)


def _resize_rows(layer: Model, new: int, bias: float) -> None:
    """Give a layer more or fewer scores; weights that stay are kept, those of new labels are 0."""
    old = layer.maybe_get_dim("nO")
    values: dict[str, Any] = {name: layer.maybe_get_param(name) for name in ("W", "b")}
    _forget(layer)
    layer.set_dim("nO", new, force=True)
    if old is None or any(value is None for value in values.values()):
        return
    kept = min(old, new)
    for name, value in values.items():
        per_label = value.size // old
        grown = layer.ops.alloc((new * per_label,), dtype=value.dtype)
        grown[: kept * per_label] = value.reshape(-1)[: kept * per_label]
        if name == "b":
            grown[kept:] = bias
        layer.set_param(name, grown.reshape((new, *value.shape[1:])) if value.ndim > 1 else grown)


def _insert_columns(layer: Model, places: list[tuple[int, int]], count: int) -> None:
    """Make room in the input of a layer at the ends of the (start, end) places; the new inputs have weight 0."""
    W: Any = layer.maybe_get_param("W")
    b: Any = layer.maybe_get_param("b")
    width = layer.maybe_get_dim("nI")
    if width is None:
        return
    _forget(layer)
    layer.set_dim("nI", width + count * len(places), force=True)
    if W is None:
        return
    pieces, done = [], 0
    for _, end in places:
        pieces.append(W[:, done : end + min(count, 0)])
        pieces.append(layer.ops.alloc2f(W.shape[0], max(count, 0)))
        done = end
    widened: Any = layer.ops.as_contig(layer.ops.xp.concatenate([*pieces, W[:, done:]], axis=1))
    layer.set_param("W", widened)
    layer.set_param("b", b)


def _widen_input(model: Model, head: Head) -> None:
    """Let the nodes between, which pass on what the layer reads, have its width."""
    width = head.layer.maybe_get_dim("nI")
    if width is None or head.before is None:
        return
    for node in (head.before, *model.walk()):
        if node is head.before and node.has_dim("nO"):
            node.set_dim("nO", width, force=True)
        elif _forward_of(node) is _CHAIN and node.layers[0] is head.layer and node.has_dim("nI"):
            node.set_dim("nI", width, force=True)


def _forget(layer: Model) -> None:
    """Take the parameters off a layer. It gets a new id: optimizers keep state of the old shape by id."""
    for name in ("W", "b"):
        layer.set_param(name, None)
    with Model.global_id_lock:
        Model.global_id += 1
        layer.id = Model.global_id
