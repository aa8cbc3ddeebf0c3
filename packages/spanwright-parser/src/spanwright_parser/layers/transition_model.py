"""The network of a transition-based component: token vectors, a lower layer computed beforehand, an upper layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from thinc.api import Model, noop

from .steps import Steps

if TYPE_CHECKING:
    from spanwright.tokens import Doc

# As published, whatever rate of dropout the training asks for.
HIDDEN_DROPOUT = 0.1


def TransitionModel_v1(
    tok2vec: Model,
    lower: Model,
    upper: Model | None,
    resize_output: Callable[[Model, int], Any] | None,
    dropout: float = 0.2,
    unseen_classes: Iterable[int] = set(),
) -> Model[list[Doc], Steps]:
    """spacy.TransitionModel.v1: a model that scores the actions of a transition system.

    tok2vec: List of Docs in, one matrix of token vectors for all of them out.
    lower: Such as spacy.PrecomputableAffine.v1.
    upper: Linear layer from a state's hidden vector to scores; None if the lower layer's sums are the scores.
    resize_output: Function of the model and the new number of actions; None: components cannot use the model.
    dropout: Not used, as published: hidden vectors are trained with dropout 0.1 if there is an upper layer.
    unseen_classes: Numbers of actions that training has not met.

    Returns a model: list of Docs in, an object out that scores the states of these Docs (`Steps`). Its backward pass
    takes anything, and runs through all states at once. References: `tok2vec`, `lower`, `upper`.
    """
    has_upper = upper is not None
    upper = noop() if upper is None else upper
    return Model(
        "parser_model",
        forward,
        init=init,
        dims={"nI": tok2vec.maybe_get_dim("nI")},
        layers=[tok2vec, lower, upper],
        refs={"tok2vec": tok2vec, "lower": lower, "upper": upper},
        attrs={"has_upper": has_upper, "unseen_classes": set(unseen_classes), "resize_output": resize_output},
    )


def forward(model: Model, X: Sequence[Doc], is_train: bool) -> tuple[Steps, Callable[[Any], Any]]:
    """Compute what does not depend on the states."""
    steps = open_steps(model, X, is_train, drop=HIDDEN_DROPOUT)
    return steps, steps.finish_steps


def open_steps(model: Model, docs: Sequence[Doc], is_train: bool, *, drop: float, as_published: bool = True) -> Steps:
    """The scorer of a batch. See `Steps`."""
    return Steps(
        docs,
        *parts(model),
        unseen=model.attrs["unseen_classes"],
        is_train=is_train,
        drop=drop,
        as_published=as_published,
    )


def parts(model: Model) -> tuple[Model, Model, Model | None]:
    """The parts `tok2vec`, `lower` and `upper` (None without one).

    By place: thinc's copies of models have no references.
    """
    tok2vec, lower, upper = model.layers
    return tok2vec, lower, upper if model.attrs["has_upper"] else None


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    """Initialise the parts, the token vectors' from a sample."""
    tok2vec, lower, upper = parts(model)
    tok2vec.initialize(X=X)
    lower.initialize()
    if upper is not None:
        upper.initialize(X=model.ops.alloc2f(2, lower.get_dim("nO")))
