"""A transformer of PyTorch as a layer of thinc."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any

from thinc.model import Model

from ..data_classes import HFObjects, WordpieceBatch

__all__ = ["HFWrapper"]


def HFWrapper(
    hf_model: HFObjects,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    mixed_precision: bool = False,
    grad_scaler_config: dict[str, Any] | None = None,
    config_cls: Any = None,
    model_cls: Any = None,
    tokenizer_cls: Any = None,
) -> Model[WordpieceBatch, Any]:
    """A layer from wordpieces to the outputs of a transformer, as transformers gives them.

    hf_model: The transformer and its tokenizer.
    convert_inputs: From this layer, its input and whether it is trained to thinc's ArgsKwargs and a function for the
        backward pass.
    convert_outputs: From this layer, (input, output) and whether it is trained to the output and a function from its
        gradient to what the shim's backward pass takes.
    mixed_precision, grad_scaler_config, config_cls, model_cls, tokenizer_cls: As for `HFShim`.
    """
    from .hf_shim import HFShim

    shim = HFShim(
        hf_model,
        mixed_precision=mixed_precision,
        grad_scaler_config=grad_scaler_config,
        config_cls=config_cls,
        model_cls=model_cls,
        tokenizer_cls=tokenizer_cls,
    )
    return Model(
        "hf-pytorch",
        forward,
        attrs={"convert_inputs": convert_inputs or to_tensors, "convert_outputs": convert_outputs or from_tensors},
        shims=[shim],
        dims={"nI": None, "nO": None},
    )


def forward(model: Model, wordpieces: Any, is_train: bool) -> tuple[Any, Callable]:
    """Run the transformer."""
    inputs, get_d_inputs = model.attrs["convert_inputs"](model, wordpieces, is_train)
    found, torch_backprop = model.shims[0](inputs, is_train)
    output, get_d_output = model.attrs["convert_outputs"](model, (wordpieces, found), is_train)

    def backprop(d_output: Any) -> Any:
        return get_d_inputs(torch_backprop(get_d_output(d_output)))

    return output, backprop


def to_tensors(model: Model, wordpieces: WordpieceBatch, is_train: bool) -> tuple[Any, Callable]:
    """The arguments of a transformer's forward pass."""
    import torch
    from thinc.types import ArgsKwargs

    device = model.shims[0].device  # type: ignore[attr-defined]

    def tensor(array: Any) -> Any:
        return torch.as_tensor(array, dtype=torch.int64).to(device, non_blocking=True)

    arguments = {"input_ids": tensor(wordpieces.input_ids), "attention_mask": tensor(wordpieces.attention_mask)}
    shim: Any = model.shims[0]
    if wordpieces.token_type_ids is not None and _takes(type(shim._model).forward, "token_type_ids"):
        arguments["token_type_ids"] = tensor(wordpieces.token_type_ids)
    return ArgsKwargs(args=(), kwargs=arguments), lambda d_inputs: []


@cache
def _takes(function: Hashable, argument: str) -> bool:
    """Whether a forward pass takes an argument: tokenizers give segment ids to models that have no use for them."""
    parameters = inspect.signature(function).parameters  # type: ignore[arg-type]
    return argument in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def from_tensors(model: Model, inputs_outputs: tuple[Any, Any], is_train: bool) -> tuple[Any, Callable]:
    """The outputs as they are, and the gradient of the last hidden state."""
    from thinc.api import xp2torch

    _, output = inputs_outputs

    def backprop(gradient: Any) -> Any:
        # A dict of outputs, the first of which is that of the last hidden state; or that alone.
        found = next(iter(gradient.values())) if isinstance(gradient, dict) else gradient
        return found if hasattr(found, "requires_grad") else xp2torch(found, device=output.last_hidden_state.device)

    return output, backprop
