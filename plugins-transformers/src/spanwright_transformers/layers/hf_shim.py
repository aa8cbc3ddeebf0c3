"""What stands between a transformer of PyTorch and thinc: running, learning, saving."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from numbers import Real
from typing import Any

from thinc.shims.pytorch import PyTorchShim
from thinc.shims.shim import Shim

from ..data_classes import HFObjects
from ..errors import TransformerSettingError
from .cut_embeddings import CutEmbeddings

__all__ = ["HFShim"]

SCALER_SETTINGS = ("enabled", "init_scale", "backoff_factor", "growth_factor", "growth_interval")
SCALER_RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "init_scale": (lambda value: value > 0, "a number above 0"),
    "backoff_factor": (lambda value: 0 < value < 1, "a number between 0 and 1"),
    "growth_factor": (lambda value: value > 1, "a number above 1"),
    "growth_interval": (lambda value: value >= 1 and value == int(value), "a whole number of at least 1"),
}
PRECISIONS = ("fp16", "bf16")


class HFShim(PyTorchShim):
    """A transformer and its tokenizer.

    model: The objects; those of PyTorch may be None until they are loaded.
    mixed_precision: Whether the forward passes run in half precision where that is safe. On a CPU only if a precision
        is asked for.
    grad_scaler_config: Settings of `torch.amp.GradScaler`: enabled, init_scale, backoff_factor, growth_factor,
        growth_interval.
    config_cls, model_cls, tokenizer_cls: The classes of transformers to load with.
    """

    def __init__(
        self,
        model: HFObjects,
        config: Any = None,
        optimizer: Any = None,
        mixed_precision: bool = False,
        grad_scaler_config: dict[str, Any] | None = None,
        config_cls: Any = None,
        model_cls: Any = None,
        tokenizer_cls: Any = None,
    ) -> None:
        _check_scaler(grad_scaler_config)
        super().__init__(model.transformer, config, optimizer)
        self._hfmodel = model
        self._mixed_precision = mixed_precision
        self._scaler_config = dict(grad_scaler_config or {})
        self.config_cls, self.model_cls, self.tokenizer_cls = config_cls, model_cls, tokenizer_cls
        self.precision: str | None = None
        self.compile = False
        self.gradient_checkpointing = False
        self._forget_run()

    def _forget_run(self) -> None:
        self._scaler: Any = None
        self._compiled: Any = None
        self._checkpointing = False

    def set_objects(self, objects: HFObjects) -> None:
        """Take over a transformer and its tokenizer."""
        self._hfmodel = objects
        self._model = objects.transformer
        self._forget_run()

    # Running

    def predict(self, inputs: Any) -> Any:
        """The outputs of the transformer, in evaluation mode and without gradients.

        inputs: Arguments of its forward pass, as thinc's ArgsKwargs.
        """
        import torch

        if self._model.training:
            self._model.eval()
        with torch.no_grad(), self._autocast():
            return self._runner()(*inputs.args, **inputs.kwargs)

    def begin_update(self, inputs: Any) -> tuple[Any, Callable[[Any], Any]]:
        """The outputs in training mode, and the function for the backward pass.

        That function takes the gradient of `last_hidden_state`, or ArgsKwargs for `torch.autograd.backward`.
        """
        import torch

        if getattr(self._model, "dtype", None) in (torch.float16, torch.bfloat16):
            raise TransformerSettingError(
                f"The weights of {type(self._model).__name__} are in {self._model.dtype}, which predicts, but does not "
                "learn: steps are smaller than its digits. Leave torch_dtype out of transformer_config, and set "
                "mixed_precision = true."
            )
        if not self._model.training:
            self._model.train()
        self._set_checkpointing()
        with self._autocast():
            output = self._runner()(*inputs.args, **inputs.kwargs)

        def backprop(gradient: Any) -> Any:
            tensors, found = (output.last_hidden_state,), (gradient,)
            if hasattr(gradient, "kwargs"):
                tensors, found = gradient.args, tuple(gradient.kwargs["grad_tensors"])
            scaler = self._grad_scaler_of(tensors[0].device)
            if scaler is not None:
                found = tuple(scaler.scale(one) for one in found)
            torch.autograd.backward(tensors, [one.to(t.dtype) for one, t in zip(found, tensors, strict=True)])
            return inputs

        return output, backprop

    def cut_embeddings(self) -> CutEmbeddings | None:
        """What lets the parts of a step share one backward pass of the word embeddings, where that can be done."""
        # Checkpoints compute again what they have seen, and compiled models want nothing to change.
        return None if self.compile or self.gradient_checkpointing else CutEmbeddings.of(self._model)

    def _runner(self) -> Any:
        if not self.compile:
            return self._model
        if self._compiled is None:
            import torch

            self._compiled = torch.compile(self._model, dynamic=True)
        return self._compiled

    def _set_checkpointing(self) -> None:
        if self.gradient_checkpointing == self._checkpointing:
            return
        # transformers has renamed it.
        name = "activation" if hasattr(self._model, "activation_checkpointing_enable") else "gradient"
        try:
            if self.gradient_checkpointing:
                enable = getattr(self._model, f"{name}_checkpointing_enable")
                enable(**{f"{name}_checkpointing_kwargs": {"use_reentrant": False}})
            else:
                getattr(self._model, f"{name}_checkpointing_disable")()
        except ValueError as error:
            raise TransformerSettingError(
                f"gradient_checkpointing: {type(self._model).__name__} cannot do it ({error}). Set it to false in "
                "[spanwright.components], and take smaller batches instead."
            ) from error
        self._checkpointing = self.gradient_checkpointing

    def _autocast(self) -> Any:
        import torch

        device = self.device.type
        if not self._mixed_precision or (device == "cpu" and self.precision is None):
            return nullcontext()
        return torch.autocast(device, dtype=torch.bfloat16 if self.precision == "bf16" else torch.float16)

    def _grad_scaler_of(self, device: Any) -> Any:
        """The scaler of gradients, or None where the precision has no need of one."""
        on_cpu = device.type == "cpu"
        wanted = self._mixed_precision and not (on_cpu and self.precision is None) and self.precision != "bf16"
        if not self._scaler_config.get("enabled", wanted) or (on_cpu and not wanted):
            return None
        if self._scaler is None:
            import torch

            settings = {key: value for key, value in self._scaler_config.items() if key != "enabled"}
            self._scaler = torch.amp.GradScaler(device.type, **settings)
        return self._scaler

    # Learning

    def finish_update(self, optimizer: Any) -> None:
        """Update the weights with the gradients that have been added up, and forget these.

        A step whose gradients have overflowed in half precision changes nothing but the scale.
        """
        learned = [parameter for parameter in self._model.parameters() if parameter.grad is not None]
        if not learned:
            return
        scaler = self._grad_scaler_of(learned[0].device)
        if scaler is None:
            self._step(optimizer)
        else:
            scaler.step(_stepper(learned, lambda: self._step(optimizer)))
            scaler.update()
        for parameter in learned:
            parameter.grad = None

    def _step(self, optimizer: Any) -> None:
        from thinc.api import torch2xp, xp2torch

        for name, parameter in self._model.named_parameters():
            if parameter.grad is not None:
                values, _ = optimizer((self.id, name), torch2xp(parameter.data), torch2xp(parameter.grad))
                parameter.data = xp2torch(values, device=parameter.device)

    @contextmanager
    def use_params(self, params: dict[Any, Any]) -> Iterator[None]:
        """Use other weights for a while, such as an optimizer's averages; by (shim id, parameter name)."""
        from thinc.api import xp2torch

        own = [] if self._model is None else list(self._model.named_parameters())
        found = [(parameter, params[self.id, name]) for name, parameter in own if (self.id, name) in params]
        backup = [parameter.data for parameter, _ in found]
        try:
            for parameter, values in found:
                parameter.data = xp2torch(values, device=parameter.device).reshape(parameter.shape)
            yield
        finally:
            for (parameter, _), values in zip(found, backup, strict=True):
                parameter.data = values

    # Files and copies

    def to_bytes(self) -> bytes:
        """Configuration, weights and tokenizer as bytes."""
        from ..saving import dump_objects

        return dump_objects(self._hfmodel)

    def from_bytes(self, bytes_data: bytes) -> HFShim:
        """Load what `to_bytes` gave; the shim is unchanged if that fails."""
        from ..saving import load_objects

        classes = {"config_cls": self.config_cls, "model_cls": self.model_cls, "tokenizer_cls": self.tokenizer_cls}
        self.set_objects(load_objects(bytes_data, **classes))
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> HFShim:
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        run = {"_scaler", "_compiled", "_checkpointing"}
        for name, value in self.__dict__.items():
            setattr(copied, name, value if name in run or name.endswith("_cls") else copy.deepcopy(value, memo))
        copied._forget_run()
        copied._checkpointing = self._checkpointing
        # An optimizer keeps apart by this what it knows of each parameter.
        with Shim.global_id_lock:
            Shim.global_id += 1
            copied.id = Shim.global_id
        return copied

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_scaler": None, "_compiled": None}


def _check_scaler(settings: dict[str, Any] | None) -> None:
    for key in settings or {}:
        if key not in SCALER_SETTINGS:
            raise TransformerSettingError(
                f"grad_scaler_config has no setting '{key}'; there are {', '.join(SCALER_SETTINGS)}."
            )
    for key, (fits, expected) in SCALER_RANGES.items():
        value = (settings or {}).get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, Real) or not fits(value)):
            raise TransformerSettingError(f"grad_scaler_config: {key} must be {expected}, found {value!r}.")


def _stepper(parameters: list[Any], step: Callable[[], None]) -> Any:
    """thinc's optimizer as one of PyTorch, for its scaler."""
    import torch

    class Stepper(torch.optim.Optimizer):
        def step(self, closure: Any = None) -> None:
            step()

    return Stepper(parameters, {})
