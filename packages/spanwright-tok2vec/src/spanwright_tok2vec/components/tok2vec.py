"""The component tok2vec: token vectors that several components share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spanwright.broadcast import Broadcast
from spanwright.errors import UnsupportedError
from spanwright.language import Language
from spanwright.pipe import TrainablePipe, check_examples, check_get_examples

from ..architectures.listener import Tok2VecListener

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer
    from thinc.types import Floats2d

    from spanwright.listener import Listener
    from spanwright.tokens import Doc, Example
    from spanwright.vocab import Vocab

__all__ = ["DEFAULT_TOK2VEC_MODEL", "Tok2Vec", "Tok2VecListener", "make_tok2vec"]

DEFAULT_TOK2VEC_MODEL: dict[str, Any] = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 96,
    "depth": 4,
    "embed_size": 2000,
    "window_size": 1,
    "maxout_pieces": 3,
    "subword_features": True,
}


@Language.factory("tok2vec", assigns=["doc.tensor"], default_config={"model": DEFAULT_TOK2VEC_MODEL})
def make_tok2vec(nlp: Language, name: str, model: Model) -> Tok2Vec:
    """tok2vec: computes token vectors once, for all components that listen to it.

    model: Gives one vector per token, such as spacy.HashEmbedCNN.v2: list of Docs in, list of float32 matrices out.
    """
    return Tok2Vec(nlp.vocab, model, name)


class Tok2Vec(TrainablePipe):
    """Computes token vectors, sets them as `Doc.tensor`, and shares them with the components that listen.

    vocab: The vocabulary shared with the pipeline.
    model: Gives one vector per token: list of Docs in, list of float32 matrices out.
    name: The component's name in its pipeline.
    """

    def __init__(self, vocab: Vocab, model: Model, name: str = "tok2vec") -> None:
        super().__init__(vocab, model, name)
        self.broadcast = Broadcast(self, name=name)
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
        from spanwright.listener import listeners_of

        self.broadcast.name = self.name
        for listener in listeners_of(component):
            if listener.upstream_name in ("*", self.name) and listener.accepts(self.broadcast):
                self.broadcast.add_listener(listener, component.name)

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> list[Floats2d]:
        """The vectors of a batch of Docs, which are not changed.

        Returns one matrix per Doc. *Shape:* (number of tokens, width).
        """
        docs = list(docs)
        self.broadcast.settle(docs)
        if not any(len(doc) for doc in docs):
            width = self.model.get_dim("nO")
            return [self.model.ops.alloc2f(0, width) for _ in docs]
        return self.model.predict(docs)

    def set_annotations(self, docs: Sequence[Doc], tokvecses: Sequence[Floats2d]) -> None:
        """Set `Doc.tensor`, and offer the vectors to the listeners.

        tokvecses: What `predict` gave.
        """
        for doc, vectors in zip(docs, tokvecses, strict=True):
            doc.tensor = vectors
        if self.broadcast.listener_map:
            self.broadcast.publish(docs, tokvecses)

    # Training

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        set_annotations: bool = False,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Run the forward pass of a training step, and offer its vectors to the listeners.

        The backward pass follows when they have given back their gradients: in `nlp.update` after all components,
        or, if `sgd` is given, after the last listener's own update.

        drop: Dropout rate.
        set_annotations: Whether to set `Doc.tensor` too, to what prediction gives.
        sgd: Optimizer for the end of the step.
        losses: Losses so far, by component. This one's is the sum of the squared gradients that it receives, so it
            grows while the listeners are updated. Returned.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        check_examples(examples, "Tok2Vec.update")
        self._open_step([example.predicted for example in examples], drop, sgd, losses)
        if set_annotations:
            docs = [example.predicted for example in examples]
            self.set_annotations(docs, self.predict(docs))
        return losses

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

    def _open_step(self, docs: list[Doc], drop: float, sgd: Any, losses: dict[str, float]) -> None:
        self.broadcast.settle()
        docs = list({id(doc): doc for doc in docs}.values())
        if not any(len(doc) for doc in docs):
            self.broadcast.publish(docs, self.predict(docs), lambda gradients: None, sgd=sgd, exact=True)
            return
        tokvecs, backprop = self._begin_update(docs, drop)

        def add_to_loss(gradient: Any) -> None:
            losses[self.name] += float((gradient**2).sum())

        self.broadcast.publish(docs, tokvecs, backprop, sgd=sgd, observe=add_to_loss)

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
        check_get_examples(get_examples, "Tok2Vec.initialize")
        self._initialize_model([example.x for example in self._sample(get_examples)])

    def add_label(self, label: str) -> int:
        """Token vectors have no labels."""
        raise UnsupportedError(f"Component '{self.name}' computes vectors and has no labels.")
