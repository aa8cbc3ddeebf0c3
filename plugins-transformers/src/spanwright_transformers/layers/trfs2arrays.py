"""The layer that makes token vectors of a transformer's output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..data_classes import TransformerData, _new_output
from ..errors import TransformerDataError, TransformerSettingError
from .pooling import check_pooling, pool
from .schedules import NextValue

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d, Ragged

__all__ = ["trfs2arrays"]


def trfs2arrays(
    pooling: Model[Ragged, Floats2d],
    grad_factor: Any,
    *,
    factor: Callable[[], float] | None = None,
    width: Callable[[], int] | None = None,
) -> Model[list[TransformerData], list[Floats2d]]:
    """A layer that pools the vectors of pieces into one for each token.

    pooling: A layer from Ragged to Floats2d, such as reduce_mean.
    grad_factor: Scales the gradients: a number, or a schedule with one value a step. 0 sends nothing.
    factor: Gives the factor of the current step, where `grad_factor` is a schedule; by default its next value.
    width: Gives the width of vectors for a batch of Docs without tokens, whose outputs do not tell; by default 0.
    """
    from thinc.model import Model

    check_pooling(pooling)
    if isinstance(grad_factor, (int, float)) and isfinite(grad_factor):
        own = None
    elif callable(grad_factor) or hasattr(grad_factor, "__next__"):
        own = factor or NextValue(grad_factor)
    else:
        raise TransformerSettingError(
            f"`grad_factor` must be a number or a schedule (@schedules); found {grad_factor!r}."
        )
    return Model(
        "trfs2arrays",
        partial(forward, width=width),
        init=init,
        layers=[pooling],
        attrs={"grad_factor": _Factor(own) if own else grad_factor},
    )


class _Factor:
    """A factor that changes; no part of saved models."""

    def __init__(self, current: Callable[[], float]) -> None:
        self.current = current


def init(model: Model, X: Any = None, Y: Any = None) -> None:  # noqa: N803 (thinc's names)
    """Let the pooling infer its shapes, where it has some, from the vectors of a sample."""
    from thinc.types import Ragged

    pooling, ops = model.layers[0], model.ops
    data = next((data for data in X or () if data.has_width), None)
    if data is None:
        pooling.initialize()
    else:
        pooling.initialize(X=Ragged(ops.alloc2f(2, data.width), ops.asarray1i([1, 1])))


def forward(
    model: Model, trf_datas: Sequence[TransformerData], is_train: bool, width: Callable[[], int] | None = None
) -> tuple[list[Any], Callable]:
    """Pool, and in training give gradients back as TransformerData, or None where nothing is to be sent."""
    for data in trf_datas:
        if not hasattr(data, "align") or not hasattr(data, "model_output"):
            raise TransformerDataError(
                f"The layer '{model.name}' takes the output of a transformer for each Doc (TransformerData), and was "
                f"given {type(data).__name__}. A TransformerListener needs a component `transformer` before it, "
                "whose model is a spacy-transformers.TransformerModel."
            )
    known = width() if width is not None else 0
    outputs, backprop_pooling = pool(model.layers[0], trf_datas, is_train=is_train, width=known)

    def backprop(d_outputs: Sequence[Any]) -> list[TransformerData] | None:
        setting = model.attrs["grad_factor"]
        factor = setting.current() if isinstance(setting, _Factor) else float(setting)
        if factor == 0.0 and not any(node.param_names for node in model.layers[0].walk()):
            return None
        gradients = backprop_pooling(d_outputs)  # the pooling may have weights of its own
        if factor == 0.0:
            return None
        return [_gradient(data, found, factor) for data, found in zip(trf_datas, gradients, strict=True)]

    return outputs, backprop


def _gradient(data: TransformerData, found: Any, factor: float) -> TransformerData:
    from thinc.api import get_array_module

    output = _new_output()
    if found is None and "last_hidden_state" in data.model_output:  # no token of the Doc has a piece
        state = data.model_output["last_hidden_state"]
        found = get_array_module(state).zeros(state.shape, dtype="f")
    if found is not None:
        if factor != 1.0:
            found *= factor
        output["last_hidden_state"] = found
    return TransformerData(data.wordpieces, output, data.align)
