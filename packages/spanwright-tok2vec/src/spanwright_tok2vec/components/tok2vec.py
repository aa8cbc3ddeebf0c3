"""The component tok2vec: token vectors that several components share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spanwright.language import Language
from spanwright.upstream import Upstream

from ..architectures.listener import Tok2VecListener

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer
    from thinc.types import Floats2d

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


class Tok2Vec(Upstream):
    """Computes token vectors, sets them as `Doc.tensor`, and shares them with the components that listen.

    vocab: The vocabulary shared with the pipeline.
    model: Gives one vector per token: list of Docs in, list of float32 matrices out.
    name: The component's name in its pipeline.
    """

    def __init__(self, vocab: Vocab, model: Model, name: str = "tok2vec") -> None:
        super().__init__(vocab, model, name)

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
        """Run the forward pass of a training step, and offer its vectors to the listeners. See `Upstream.update`.

        set_annotations: Whether to set `Doc.tensor` too, to what prediction gives.
        """
        examples = list(examples)
        losses = super().update(examples, drop=drop, sgd=sgd, losses=losses)
        if set_annotations:
            docs = [example.predicted for example in examples]
            self.set_annotations(docs, self.predict(docs))
        return losses

    def open_step(self, docs: list[Doc], drop: float, sgd: Any, losses: dict[str, float]) -> None:
        """Publish the vectors of a step's Docs with their way back. See `Upstream.open_step`."""
        if not any(len(doc) for doc in docs):
            self.broadcast.publish(docs, self.predict(docs), lambda gradients: None, sgd=sgd, exact=True)
            return
        tokvecs, backprop = self._begin_update(docs, drop)

        def add_to_loss(gradient: Any) -> None:
            losses[self.name] += float((gradient**2).sum())

        self.broadcast.publish(docs, tokvecs, backprop, sgd=sgd, observe=add_to_loss)
