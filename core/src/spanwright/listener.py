"""Listeners: layers that stand for the output of another component, and how a pipeline links them."""

from __future__ import annotations

import copy
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from thinc.model import Model

from .broadcast import Broadcast, Step, teaching
from .errors import ListenerError, SpanwrightWarning

if TYPE_CHECKING:
    from spanwright_tokens.tokens import Doc

__all__ = [
    "Broadcast",
    "Listener",
    "ListenerWarning",
    "Step",
    "broadcast_of",
    "copy_model",
    "forget_samples",
    "link",
    "listeners_of",
    "replace_node",
    "teaching",
    "unlink",
    "upstreams",
]


class ListenerWarning(SpanwrightWarning):
    """A listener has no upstream in its pipeline (yet)."""


class Listener(Model):
    """A layer that takes Docs and gives what an upstream component has computed for them.

    In training it hands gradients back to the upstream, which runs its backward pass once for all listeners.

    upstream: Name of the upstream component, or "*" for the nearest one before this component.
    width: Width of the vectors; None until the upstream knows it.
    name: Name of the node in saved models.
    kind: Which upstreams "*" may mean; see `Broadcast`.
    grad_factor: Scales the gradients that are sent up: a number, or a schedule with one value a step (a generator
        or a thinc Schedule). 0 sends nothing.

    *Shape*: a list of Docs to a list of arrays (tokens, width).
    """

    def __init__(
        self,
        upstream: str = "*",
        width: int | None = None,
        *,
        name: str = "tok2vec-listener",
        kind: str = "tok2vec",
        grad_factor: Any = 1.0,
    ) -> None:
        super().__init__(name=name, forward=forward, init=init, dims={"nO": width})
        self.upstream_name = upstream
        self.kind = kind
        self.grad_factor = grad_factor
        self.component_name: str | None = None
        self.broadcast: Broadcast | None = None
        self.owner_broadcast: Broadcast | None = None
        self._problem: str | None = None
        self._sample: tuple[int, Any] | None = None
        self._factor: tuple[int, float] | None = None

    # Linking

    def accepts(self, broadcast: Broadcast) -> bool:
        """Whether the upstream gives what this listener can pass on."""
        return broadcast.kind == self.kind

    def bind(self, broadcast: Broadcast | None, component_name: str | None, problem: str | None = None) -> None:
        """Connect the listener to an upstream, or disconnect it (None), remembering why."""
        self.broadcast = broadcast
        self.component_name = component_name
        self._problem = problem
        self._sample = None

    @property
    def upstream(self) -> str | None:
        """Name of the component that this listener is bound to, or None."""
        return self.broadcast.name if self.broadcast is not None else None

    def connected(self) -> Broadcast:
        """The upstream's broadcast; raises ListenerError if the listener is not linked."""
        if self.broadcast is None:
            owner = f"'{self.component_name}'" if self.component_name else "a component"
            problem = self._problem or "it has not been added to a pipeline"
            raise ListenerError(
                f"The listener '{self.name}' of {owner} has no upstream: {problem}. "
                f"Add the upstream component before {owner}, or give {owner} its own copy with nlp.replace_listeners."
            )
        return self.broadcast

    # Numbers

    def factor(self) -> float:
        """The gradient factor of the upstream's current step."""
        if isinstance(self.grad_factor, (int, float)):
            return float(self.grad_factor)
        step = self.broadcast.steps_taken if self.broadcast is not None else 0
        if self._factor is None or self._factor[0] != step:
            schedule = self.grad_factor
            value = schedule(max(step - 1, 0)) if callable(schedule) else next(schedule)
            self._factor = (step, float(value))
        return self._factor[1]

    def placeholder(self, docs: Sequence[Doc]) -> list[Any]:
        """Zeros of the right shape, which only shape inference sees."""
        width = self.maybe_get_dim("nO")
        if width is None:
            owner = f"'{self.component_name}'" if self.component_name else "a component"
            raise ListenerError(
                f"The width of the listener '{self.name}' of {owner} is not known: initialize its upstream "
                f"'{self.upstream or self.upstream_name}' first, or set `width`."
            )
        return [self.ops.alloc2f(len(doc), width) for doc in docs]

    def check_width(self, outputs: Sequence[Any]) -> None:
        """Raise ListenerError if the upstream's vectors have another width than this layer was built for."""
        width = self._dims.get("nO")
        if width is None or not outputs:
            return
        shape = getattr(outputs[0], "shape", None)
        if shape is not None and len(shape) == 2 and shape[1] != width:
            raise ListenerError(
                f"The listener of '{self.component_name}' was made for vectors of width {width}, "
                f"but its upstream '{self.upstream}' gives width {shape[1]}. Set the listener's `width` to {shape[1]}."
            )

    # Copies: thinc's own would make a plain Model, which forgets its upstream.

    def _copy(self, seen: dict[int, Any] | None = None) -> Listener:
        copied = self._duplicate(lambda value: copy.deepcopy(value))
        with Model.global_id_lock:
            Model.global_id += 1
            copied.id = Model.global_id
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Listener:
        copied = self._duplicate(lambda value: copy.deepcopy(value, memo))
        memo[id(self)] = copied
        copied.broadcast = memo.get(id(self.broadcast), self.broadcast)
        copied.owner_broadcast = memo.get(id(self.owner_broadcast), self.owner_broadcast)
        return copied

    def _duplicate(self, deepcopy: Callable[[Any], Any]) -> Listener:
        copied = type(self).__new__(type(self))
        links = {"broadcast", "owner_broadcast", "grad_factor", "_func", "init", "ops", "id", "_refs", "_layers"}
        for name, value in self._state().items():
            setattr(copied, name, value if name in links else deepcopy(value))
        copied._refs, copied._layers = dict(self._refs), list(self._layers)
        copied.broadcast, copied.owner_broadcast = self.broadcast, self.owner_broadcast
        copied._sample = None
        return copied

    def _state(self) -> dict[str, Any]:
        slots = {slot: getattr(self, slot) for slot in Model.__slots__}
        unlinked = {"broadcast": None, "owner_broadcast": None, "_sample": None}
        return {**slots, **self.__dict__, **unlinked}

    def __reduce__(self) -> Any:
        state = self._state()
        # Generators cannot be pickled: the current value stands for the schedule.
        if isinstance(self.grad_factor, Iterator):
            state["grad_factor"] = self._factor[1] if self._factor is not None else 1.0
        return _blank, (type(self),), state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)


def _blank(cls: type[Listener]) -> Listener:
    return cls.__new__(cls)


def forward(model: Listener, docs: Sequence[Doc], is_train: bool) -> tuple[list[Any], Callable[[Any], list[Any]]]:
    """Give the upstream's outputs, and in training a callback that hands their gradients back."""
    sample = model._sample
    if sample is not None:
        if not is_train and sample[1] is docs and sample[0] == threading.get_ident():
            return model.placeholder(docs), _keep
        model._sample = None
    broadcast = model.connected()
    outputs = broadcast.collect(docs, training=is_train, listener=model)
    model.check_width(outputs)
    if not is_train or not broadcast.takes_gradients():
        return outputs, _keep
    factor = model.factor()

    def backprop(d_outputs: Sequence[Any]) -> list[Any]:
        if factor == 0.0:
            gradients = None
        elif factor == 1.0:
            gradients = d_outputs
        else:
            gradients = [gradient * factor for gradient in d_outputs]
        broadcast.give_back(docs, gradients, listener=model)
        return []

    return outputs, backprop


def init(model: Listener, X: Any = None, Y: Any = None) -> None:  # noqa: N803 (thinc's names)
    """Infer the width from the upstream, and expect to be asked for zeros on the sample."""
    if model.has_dim("nO") is None and model.broadcast is not None and model.broadcast.width is not None:
        model.set_dim("nO", model.broadcast.width)
    if X is not None:
        model._sample = (threading.get_ident(), X)


def _keep(d_outputs: Any) -> list[Any]:
    return []


def broadcast_of(component: Any) -> Broadcast | None:
    """The broadcast of a component, or None if it is no upstream."""
    broadcast = getattr(component, "broadcast", None)
    return broadcast if isinstance(broadcast, Broadcast) else None


def upstreams(components: Iterable[tuple[str, Any]]) -> list[tuple[str, Broadcast]]:
    """The upstreams among a pipeline's (name, component) pairs, in order."""
    found = ((name, broadcast_of(component)) for name, component in components)
    return [(name, broadcast) for name, broadcast in found if broadcast is not None]


def listeners_of(component: Any) -> list[Listener]:
    """The listener nodes in a component's model, in the order of the model's nodes."""
    model = getattr(component, "model", None)
    return [node for node in model.walk() if isinstance(node, Listener)] if isinstance(model, Model) else []


def _teachers_listeners(component: Any) -> list[Listener]:
    # The model that a component rehearses reads the same upstream, and counts for none of its steps.
    teacher = getattr(component, "_rehearsal_model", None)
    return [node for node in teacher.walk() if isinstance(node, Listener)] if isinstance(teacher, Model) else []


def follow_rename(components: Iterable[tuple[str, Any]], old: str, new: str) -> list[str]:
    """Let listeners that name an upstream call it by its new name; to be called before the pipeline is linked again.

    Returns the names of the components that have such listeners.
    """
    followed = []
    for name, component in components:
        named = [node for node in (*listeners_of(component), *_teachers_listeners(component)) if node.upstream == old]
        named = [node for node in named if node.upstream_name == old]
        for listener in named:
            listener.upstream_name = new
        if named:
            followed.append(name)
    return followed


def forget_samples(model: Any) -> None:
    """End shape inference: the model's listeners give zeros no more."""
    if isinstance(model, Model):
        for node in model.walk():
            if isinstance(node, Listener):
                node._sample = None


def link(components: Iterable[tuple[str, Any]], *, warn: bool = True) -> dict[str, list[str]]:
    """Bind every listener of a pipeline to its upstream. To be called whenever the pipeline changes.

    components: All (name, component) pairs in order, those switched off included: a listener may read an upstream
        that does not run.
    warn: Whether a listener that has lost or not found its upstream warns (ListenerWarning), once.
    Returns the bound component names, by name of the upstream.
    """
    components = list(components)
    orphans = {}
    for _, component in components:
        for listener in listeners_of(component):
            orphans[id(listener)] = listener._problem
    for name, broadcast in upstreams(components):
        broadcast.clear()
        broadcast.name = name
    names = [name for name, _ in components]
    before: list[Broadcast] = []
    for name, component in components:
        own = broadcast_of(component)
        for listener in listeners_of(component):
            listener.owner_broadcast = own
            chosen = _choose(listener, before)
            if chosen is not None:
                chosen.add_listener(listener, name)
                continue
            problem = _why_unlinked(listener, names, before)
            listener.bind(None, name, problem)
            if warn and orphans[id(listener)] != problem:
                warnings.warn(
                    f"'{name}' listens to an upstream that is missing: {problem}. It can be loaded, but not run.",
                    ListenerWarning,
                    stacklevel=3,
                )
        for listener in _teachers_listeners(component):
            listener.bind(_choose(listener, before), name, _why_unlinked(listener, names, before))
        if own is not None:
            before.append(own)
    return {broadcast.name: list(broadcast.listener_map) for broadcast in before}


def unlink(components: Iterable[tuple[str, Any]]) -> None:
    """Unbind every listener of these components, and every listener bound to them."""
    for name, component in components:
        broadcast = broadcast_of(component)
        if broadcast is not None:
            broadcast.clear()
        for listener in listeners_of(component):
            if listener.broadcast is not None:
                listener.broadcast.remove_listener(listener, name)
            listener.bind(None, name, f"'{name}' is not in a pipeline")


def _choose(listener: Listener, before: Sequence[Broadcast]) -> Broadcast | None:
    for broadcast in reversed(before):
        if listener.upstream_name in ("*", broadcast.name) and listener.accepts(broadcast):
            return broadcast
    return None


def _why_unlinked(listener: Listener, names: Sequence[str], before: Sequence[Broadcast]) -> str:
    wanted = listener.upstream_name
    if wanted == "*":
        return "no component before it in the pipeline offers vectors" + _offers(before)
    if wanted not in names:
        return f"the pipeline has no component '{wanted}'" + _offers(before)
    if wanted in [broadcast.name for broadcast in before]:
        return f"'{wanted}' offers another kind of output than the listener '{listener.name}' takes"
    return f"'{wanted}' does not come before it, or is no upstream" + _offers(before)


def _offers(before: Sequence[Broadcast]) -> str:
    return f" (upstreams before it: {', '.join(repr(broadcast.name) for broadcast in before)})" if before else ""


def copy_model(model: Model) -> Model:
    """A copy of a model with its references, which thinc's own copy leaves out."""
    copied = model.copy()
    copies = dict(zip(map(id, model.walk()), copied.walk(), strict=True))
    for node in model.walk():
        for name in node.ref_names:
            target = node.maybe_get_ref(name)
            copies[id(node)].set_ref(name, None if target is None else copies[id(target)])
    return copied


def replace_node(model: Model, old: Model, new: Model) -> Model:
    """Put a node in the place of another, in the layers and in the references of all nodes; returns the model.

    Where the model itself is the node to replace, the new node is returned.
    """
    if model is old:
        return new
    for node in list(model.walk()):
        if node is new:
            continue
        node.layers[:] = [new if layer is old else layer for layer in node.layers]
    for node in model.walk():
        for name in node.ref_names:
            if node.maybe_get_ref(name) is old:
                node.set_ref(name, new)
    return model
