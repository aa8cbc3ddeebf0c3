"""The broadcast of an upstream: vectors down to its listeners, gradients back up, one backward pass a step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any

from .errors import ListenerError

if TYPE_CHECKING:
    from spanwright_tokens.tokens import Doc

    from .listener import Listener

# Keys are never reused, so that a Doc which went through several pipelines keeps their outputs apart.
_keys = count(1)

# Set while the teacher of a rehearsal runs: its listeners read, and give nothing back.
_teaching: ContextVar[bool] = ContextVar("spanwright_teaching", default=False)


@contextmanager
def teaching() -> Iterator[None]:
    """Let listeners read the upstream as it was when rehearsal began, and take no gradient.

    Meant for the tutor model in a component's `rehearse`, whose scores only serve as targets.
    """
    token = _teaching.set(True)
    try:
        yield
    finally:
        _teaching.reset(token)


class Step:
    """One training batch of an upstream: from its forward pass to its only backward pass."""

    __slots__ = (
        "backprop",
        "docs",
        "gradients",
        "observe",
        "outputs",
        "pending",
        "rows",
        "running",
        "sgd",
        "structures",
    )

    def __init__(
        self,
        docs: Sequence[Doc],
        outputs: Sequence[Any],
        backprop: Callable[[list[Any]], Any],
        *,
        listeners: Sequence[Listener],
        sgd: Any,
        observe: Callable[[Any], None] | None,
    ) -> None:
        self.docs = list(docs)  # holds the Docs, so that their ids stay theirs
        self.outputs = list(outputs)
        self.backprop = backprop
        self.sgd = sgd
        self.observe = observe
        self.structures = [doc.structure for doc in self.docs]
        self.rows: dict[int, int] = {}
        for row, doc in enumerate(self.docs):
            self.rows.setdefault(id(doc), row)
        self.gradients: list[Any] = [None] * len(self.docs)
        self.pending = {id(listener): set(self.rows.values()) for listener in listeners}
        self.running = 0  # forward passes of listeners whose backward pass has not come yet

    def row(self, doc: Doc) -> int | None:
        """The row of a Doc whose output is still valid, or None."""
        row = self.rows.get(id(doc))
        return row if row is not None and self.structures[row] == doc.structure else None

    @property
    def touched(self) -> bool:
        """Whether any gradient has arrived."""
        return any(gradient is not None for gradient in self.gradients)

    @property
    def complete(self) -> bool:
        """Whether every linked listener has given back gradients for every Doc."""
        return not self.running and not any(self.pending.values())


class Broadcast:
    """What an upstream component publishes to the listeners of its pipeline, and where their gradients meet.

    A component is an upstream if it has one of these as its attribute `broadcast`. Outputs are kept on each Doc
    (`doc.broadcasts`), so order and batching do not matter; gradients are added up by Doc.

    component: The upstream. It needs `predict(docs)`, which gives one output per Doc, and `finish_update(sgd)`.
    name: Its name in the pipeline; `spanwright.listener.link` keeps it up to date.
    kind: Which listeners may use it: a listener is only bound to an upstream of its own kind.

    Outputs are arrays of shape (tokens, width). A subclass for other outputs overrides `zeros` and `add`.
    """

    def __init__(self, component: Any, *, name: str | None = None, kind: str = "tok2vec") -> None:
        self.component = component
        self.name: str = name or getattr(component, "name", None) or "upstream"
        self.kind = kind
        self.key = next(_keys)
        self.generation = 0
        self.steps_taken = 0
        self.listener_map: dict[str, list[Listener]] = {}
        self._frozen = False
        self._local = threading.local()

    # Linking

    @property
    def listeners(self) -> list[Listener]:
        """All listeners, in the order of their components."""
        return [listener for found in self.listener_map.values() for listener in found]

    def add_listener(self, listener: Listener, component_name: str) -> None:
        """Bind a listener of the named component to this upstream."""
        known = self.listener_map.setdefault(component_name, [])
        if not any(listener is other for other in known):
            known.append(listener)
        listener.bind(self, component_name)

    def remove_listener(self, listener: Listener, component_name: str) -> bool:
        """Unbind a listener; returns whether it was bound under that component's name."""
        known = self.listener_map.get(component_name, [])
        kept = [other for other in known if other is not listener]
        if len(kept) == len(known):
            return False
        if kept:
            self.listener_map[component_name] = kept
        else:
            del self.listener_map[component_name]
        if listener.broadcast is self:
            listener.bind(None, component_name)
        return True

    def clear(self) -> None:
        """Unbind all listeners."""
        for name, listeners in list(self.listener_map.items()):
            for listener in list(listeners):
                self.remove_listener(listener, name)
        self.listener_map = {}

    @property
    def width(self) -> int | None:
        """Width of the outputs, or None while the upstream does not know it."""
        model = getattr(self.component, "model", None)
        return model.get_dim("nO") if model is not None and model.has_dim("nO") else None

    @property
    def step(self) -> Step | None:
        """The training step that this thread has open, or None."""
        return getattr(self._local, "step", None)

    # Freezing

    @property
    def frozen(self) -> bool:
        """Whether training only reads this upstream: no backward pass, no gradients. Settable."""
        return self._frozen or getattr(self._local, "frozen", 0) > 0

    @frozen.setter
    def frozen(self, value: bool) -> None:
        self._frozen = bool(value)

    @contextmanager
    def freeze(self) -> Iterator[None]:
        """Freeze the upstream for a while, in this thread."""
        self._local.frozen = getattr(self._local, "frozen", 0) + 1
        try:
            yield
        finally:
            self._local.frozen -= 1

    # Vectors down

    def publish(
        self,
        docs: Sequence[Doc],
        outputs: Sequence[Any],
        backprop: Callable[[list[Any]], Any] | None = None,
        *,
        sgd: Any = None,
        observe: Callable[[Any], None] | None = None,
        exact: bool | None = None,
    ) -> None:
        """Offer the outputs of a batch to the listeners.

        docs, outputs: The Docs, and one output for each, such as an array of shape (tokens, width).
        backprop: For training: takes one gradient per Doc. Opens a step, after closing one that is still open.
        sgd: Optimizer to apply when the step closes by itself, which it does once every listener has given back.
        observe: Called with each gradient that arrives, for the upstream's loss.
        exact: Whether prediction would give the same outputs. By default: without `backprop`, or if the model
            has no dropout now and no layer of another framework.
        """
        if exact is None:
            exact = backprop is None or not _is_random(getattr(self.component, "model", None))
        if backprop is not None:
            self.settle()
        if exact:
            for doc, output in zip(docs, outputs, strict=True):
                doc.broadcasts[self.key] = (doc.structure, self.generation, output)
        if backprop is not None:
            self.steps_taken += 1
            listeners = self.listeners
            if listeners and not self.frozen:
                self._local.step = Step(docs, outputs, backprop, listeners=listeners, sgd=sgd, observe=observe)

    def collect(self, docs: Sequence[Doc], *, training: bool = False, listener: Listener | None = None) -> list[Any]:
        """The outputs for any Docs, in any order.

        In prediction, what is missing or stale is computed by the upstream. In training, each Doc must belong to the
        open step, unless the upstream is frozen; raises ListenerError otherwise, naming component, upstream and Doc.
        """
        if not training:
            return self._recall(docs)
        if _teaching.get():
            return self._recall_teacher(docs)
        if self.frozen:
            return self._recall(docs)
        step = self.step
        outputs = []
        for doc in docs:
            row = step.row(doc) if step is not None else None
            if step is not None and row is not None:
                outputs.append(step.outputs[row])
            elif len(doc) == 0 and listener is not None:
                outputs.extend(listener.placeholder([doc]))
            else:
                raise self._no_step(doc, listener)
        if step is not None:
            step.running += 1
        return outputs

    def _recall(self, docs: Sequence[Doc]) -> list[Any]:
        self.settle(docs)
        key, generation = self.key, self.generation
        entries = [doc.broadcasts.get(key) for doc in docs]
        missing = {
            id(doc): doc
            for doc, entry in zip(docs, entries, strict=True)
            if entry is None or entry[0] != doc.structure or entry[1] != generation
        }
        if missing:
            wanted = list(missing.values())
            self.publish(wanted, self.component.predict(wanted))
        return [doc.broadcasts[key][2] for doc in docs]

    def _recall_teacher(self, docs: Sequence[Doc]) -> list[Any]:
        teacher = getattr(self.component, "_rehearsal_model", None)
        if teacher is None:
            return self._recall(docs)
        distinct = list({id(doc): doc for doc in docs}.values())
        outputs = dict(zip(map(id, distinct), teacher.predict(distinct), strict=True))
        return [outputs[id(doc)] for doc in docs]

    def _no_step(self, doc: Doc, listener: Listener | None) -> ListenerError:
        who = repr(listener.component_name) if listener is not None else "A listener"
        reason = (
            f"its tokens have changed since '{self.name}' was updated on it"
            if self.step is not None and id(doc) in self.step.rows
            else f"'{self.name}' has not been updated on it in this step"
        )
        return ListenerError(
            f"{who} cannot be trained on the Doc {_describe(doc)}: {reason}. "
            f"Update '{self.name}' on the same Docs first, as nlp.update does, or freeze it "
            f"(frozen_components in [training], or nlp.get_pipe('{self.name}').broadcast.frozen = True)."
        )

    # Gradients up

    def takes_gradients(self) -> bool:
        """Whether a listener that has just collected for training is to give gradients back."""
        return not self.frozen and not _teaching.get()

    def give_back(
        self, docs: Sequence[Doc], gradients: Sequence[Any] | None, *, listener: Listener | None = None
    ) -> None:
        """Add a listener's gradients to the open step, by Doc.

        gradients: One per Doc, of the shape of its output, or None where the listener sends nothing up.
        If the step was opened with an optimizer and no linked listener is missing any more, it closes.
        """
        step = self.step
        if step is None:
            raise ListenerError(
                f"The gradients for '{self.name}' came too late: its step is closed, and its backward pass has run."
            )
        for index, doc in enumerate(docs):
            row = step.rows.get(id(doc))
            if row is None:
                continue
            if gradients is not None:
                gradient = gradients[index]
                if step.observe is not None:
                    step.observe(gradient)
                before = step.gradients[row]
                step.gradients[row] = gradient if before is None else self.add(before, gradient)
            if listener is not None and id(listener) in step.pending:
                step.pending[id(listener)].discard(row)
        step.running -= 1
        if step.sgd not in (None, False) and step.complete:
            self.settle()

    def finish(self, sgd: Any = None) -> None:
        """Close the open step: run its backward pass once, free its activations, then update the weights.

        sgd: Optimizer for the weights; None leaves the gradients in the model, for accumulation.
        A step that no gradient has reached costs nothing.
        """
        self._finish_downstream()
        step, self._local.step = self.step, None
        if step is not None:
            if step.touched:
                step.backprop(
                    [
                        self.zeros(output) if gradient is None else gradient
                        for gradient, output in zip(step.gradients, step.outputs, strict=True)
                    ]
                )
            step.backprop = _spent
        if sgd not in (None, False):
            self.component.finish_update(sgd)

    def settle(self, docs: Sequence[Doc] | None = None) -> None:
        """Close the open step as its `update` asked for, if there is one.

        docs: If given, a step that has one of these Docs, or had no optimizer, or no gradient yet, is left open:
            predictions on the Docs in training belong to the step.
        """
        step = self.step
        if step is None:
            return
        own = docs is not None and any(id(doc) in step.rows for doc in docs)
        if docs is not None and (own or step.sgd in (None, False) or not step.touched):
            return
        self.finish(step.sgd if step.touched else None)

    def abandon(self) -> None:
        """Drop the open step and its gradients, as after an error in another component's update."""
        self._local.step = None

    def _finish_downstream(self) -> None:
        # An upstream that listens to this one owes gradients until its own step is closed.
        for listener in self.listeners:
            other = listener.owner_broadcast
            if other is not None and other is not self and other.step is not None:
                other.settle()

    def invalidate(self) -> None:
        """Count a change of the upstream's weights: all outputs published before are stale."""
        self.generation += 1

    # For outputs that are not arrays

    def zeros(self, output: Any) -> Any:
        """A gradient of zeros for an output."""
        return self.component.model.ops.alloc(output.shape, dtype=output.dtype)

    def add(self, first: Any, second: Any) -> Any:
        """The sum of two gradients, as a new object: the parts may belong to a listener."""
        return first + second

    # Thread-local state is nobody else's, and a copy is another upstream.

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["_local"], state["key"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.key = next(_keys)
        self._local = threading.local()
        for name, listeners in self.listener_map.items():
            for listener in listeners:
                listener.bind(self, name)

    def __repr__(self) -> str:
        return f"<Broadcast of '{self.name}' to {list(self.listener_map)}>"


def _is_random(model: Any) -> bool:
    # Layers of another framework keep their own dropout.
    if model is None:
        return False
    return any(node.attrs.get("dropout_rate") or node.shims for node in model.walk())


def _spent(gradients: list[Any]) -> None:
    raise ListenerError("The backward pass of this step has run already.")


def _describe(doc: Doc) -> str:
    text = str(doc)
    return repr(text if len(text) <= 60 else text[:57] + "...")
