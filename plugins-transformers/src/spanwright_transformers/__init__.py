"""Hugging Face transformers for pipelines: TransformerModel, TransformerListener and the component transformer."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spanwright.registry import registry

    from . import annotation_setters, architectures, span_getters
    from .components.transformer import Transformer, install_extensions
    from .data_classes import FullTransformerBatch, TransformerData, WordpieceBatch
    from .layers.listener import TransformerListener
    from .layers.transformer_model import TransformerModel

__all__ = [
    "FullTransformerBatch",
    "Transformer",
    "TransformerData",
    "TransformerListener",
    "TransformerModel",
    "WordpieceBatch",
    "annotation_setters",
    "architectures",
    "install_extensions",
    "registry",
    "span_getters",
]

_WHERE = {
    "FullTransformerBatch": ".data_classes",
    "Transformer": ".components.transformer",
    "TransformerData": ".data_classes",
    "TransformerListener": ".layers.listener",
    "TransformerModel": ".layers.transformer_model",
    "WordpieceBatch": ".data_classes",
    "install_extensions": ".components.transformer",
}


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name], __name__), name)
    if name == "registry":
        from spanwright.registry import registry

        return registry
    if name in ("annotation_setters", "architectures", "span_getters", "data_classes"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
