"""Base class of components whose output others listen to: token vectors, transformers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .broadcast import Broadcast
from .errors import UnsupportedError
from .listener import listeners_of
from .pipe import TrainablePipe
from .pipe_checks import check_get_examples

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer

    from spanwright_tokens.tokens import Doc, Example
    from spanwright_tokens.vocab import Vocab

    from .language import Language
    from .listener import Listener

__all__ = ["Upstream"]


class Upstream(TrainablePipe):
    """A component whose model runs once for all components that listen to it.

    A subclass defines `predict` and `set_annotations`, which publishes what was predicted, and `open_step`, which
    publishes what a training step computes. Any component with a `broadcast` can be listened to; this class has what
    such components share.

    vocab: The vocabulary shared with the pipeline.
    model: Computes what listeners take.
    name: The component's name in its pipeline.
    broadcast: Makes what keeps the outputs, from the component and its name.
    cfg: Settings that are saved with the component.
    """

    def __init__(
        self, vocab: Vocab, model: Model, name: str, *, broadcast: Callable[..., Broadcast] = Broadcast, **cfg: Any
    ) -> None:
        super().__init__(vocab, model, name, **cfg)
        self.broadcast = broadcast(self, name=name)
        self._rehearsal_model: Model | None = None

    # Listeners

    @property
    def listener_map(self) -> dict[str, list[Listener]]:
        """The listeners, by name of their component."""
        return self.broadcast.listener_map

    @listener_map.setter
    def listener_map(self, value: dict[str, list[Listener]]) -> None:
        self.broadcast.clear()
        for name, listeners in value.items():
            for listener in listeners:
                self.broadcast.add_listener(listener, name)

    @property
    def listeners(self) -> list[Listener]:
        """All listeners, in the order of their components."""
        return self.broadcast.listeners

    @property
    def listening_components(self) -> list[str]:
        """Names of the components that listen."""
        return list(self.broadcast.listener_map)

    def add_listener(self, listener: Listener, component_name: str) -> None:
        """Bind a listener of the named component. Pipelines do this themselves."""
        self.broadcast.add_listener(listener, component_name)

    def remove_listener(self, listener: Listener, component_name: str) -> bool:
        """Unbind a listener of the named component; returns whether it was bound."""
        return self.broadcast.remove_listener(listener, component_name)

    def find_listeners(self, component: Any) -> None:
        """Bind the listeners in a component's model that name this component, or "*"."""
        self.broadcast.name = self.name
        for listener in listeners_of(component):
            if listener.upstream_name in ("*", self.name) and listener.accepts(self.broadcast):
                self.broadcast.add_listener(listener, component.name)

    # Training

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Run the forward pass of a training step, and offer its output to the listeners.

        The backward pass follows when they have given back their gradients: in `nlp.update` after all components,
        or, if `sgd` is given, after the last listener's own update.

        drop: Dropout rate.
        sgd: Optimizer for the end of the step.
        losses: Losses so far, by component. This one's is the sum of the squared gradients that it receives, so it
            grows while the listeners are updated. Returned.
        """
        examples, losses = self._begin_step(examples, losses, "update")
        docs = list({id(example.predicted): example.predicted for example in examples}.values())
        self.broadcast.settle()
        self.open_step(docs, drop, sgd, losses)
        return losses

    def open_step(self, docs: list[Doc], drop: float, sgd: Any, losses: dict[str, float]) -> None:
        """Run the forward pass of a training step, and publish its outputs with the way back (`broadcast.publish`).

        docs: The Docs of the step, each once; there may be none, or only empty ones.
        drop: Dropout rate.
        sgd: To be passed on to `publish`.
        losses: Where the component's loss is added, at its name, as gradients come in.
        """
        raise self._unimplemented("open_step", "Upstream")

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
        **config: Any,
    ) -> dict[str, float]:
        """Run the forward pass for listeners that rehearse; as `update`."""
        return self.update(examples, drop=drop, sgd=sgd, losses=losses)

    def distill(
        self,
        teacher_pipe: TrainablePipe,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Run the forward pass for listeners that are distilled; as `update`. The teacher's vectors are not copied."""
        return self.update(examples, drop=drop, sgd=sgd, losses=losses)

    def get_loss(self, examples: Iterable[Example], scores: Any) -> tuple[float, Any]:
        """There is no loss but the listeners'."""
        raise UnsupportedError(
            f"Component '{self.name}' has no loss of its own: it learns from those that listen to it."
        )

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None, **settings: Any
    ) -> None:
        """Infer the model's shapes from a sample and allocate its weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        """
        check_get_examples(get_examples, f"{type(self).__name__}.initialize")
        self._initialize_model([example.x for example in self._sample(get_examples)])

    def add_label(self, label: str) -> int:
        """Vectors have no labels."""
        raise UnsupportedError(f"Component '{self.name}' computes vectors and has no labels.")
