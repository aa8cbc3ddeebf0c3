"""The errors of this distribution."""

from __future__ import annotations

from spanwright.errors import InvalidTypeError, InvalidValueError, ModelDataError, SpanwrightError, SpanwrightWarning

__all__ = [
    "MissingTorchError",
    "ModelNotFoundError",
    "SpanGetterError",
    "TransformerDataError",
    "TransformerSettingError",
    "TransformerSettingWarning",
    "WeightsError",
]


class MissingTorchError(SpanwrightError, ImportError):
    """PyTorch or transformers is not installed."""


class ModelNotFoundError(SpanwrightError, OSError):
    """A model or its tokenizer cannot be loaded: there is none of that name, or its files are missing or damaged."""


class WeightsError(ModelDataError, RuntimeError):
    """Weights are missing, or do not fit the model's configuration."""


class SpanGetterError(InvalidValueError):
    """A span getter has returned something else than one list of Spans for each Doc."""


class TransformerDataError(InvalidTypeError, ValueError):
    """A layer was given something else than the outputs of a transformer."""


class TransformerSettingError(InvalidValueError):
    """A setting of the transformer is out of its range, or the model cannot do what it asks for."""


class TransformerSettingWarning(SpanwrightWarning):
    """A setting changes nothing."""
