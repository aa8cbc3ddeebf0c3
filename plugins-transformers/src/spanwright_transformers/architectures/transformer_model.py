"""A transformer as the model of the component `transformer`."""

# The defaults are the published ones; nothing writes to them.
# ruff: noqa: B006
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..layers.transformer_model import TransformerModel

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Doc

    from ..data_classes import FullTransformerBatch


def TransformerModel_v1(
    name: str, get_spans: Callable, tokenizer_config: dict[str, Any] = {}
) -> Model[list[Doc], FullTransformerBatch]:
    """spacy-transformers.TransformerModel.v1: a transformer, with settings for its tokenizer only.

    name, get_spans, tokenizer_config: As for TransformerModel.v3.

    Returns a model: list of Docs in, FullTransformerBatch out.
    """
    return TransformerModel(name, get_spans, tokenizer_config)


def TransformerModel_v2(
    name: str, get_spans: Callable, tokenizer_config: dict[str, Any] = {}, transformer_config: dict[str, Any] = {}
) -> Model[list[Doc], FullTransformerBatch]:
    """spacy-transformers.TransformerModel.v2: a transformer, in full precision.

    name, get_spans, tokenizer_config, transformer_config: As for TransformerModel.v3.

    Returns a model: list of Docs in, FullTransformerBatch out.
    """
    return TransformerModel(name, get_spans, tokenizer_config, transformer_config)


def TransformerModel_v3(
    name: str,
    get_spans: Callable,
    tokenizer_config: dict[str, Any] = {},
    transformer_config: dict[str, Any] = {},
    mixed_precision: bool = False,
    grad_scaler_config: dict[str, Any] = {},
) -> Model[list[Doc], FullTransformerBatch]:
    """spacy-transformers.TransformerModel.v3: a pretrained transformer of the library transformers.

    name: A folder, or a name that transformers knows. The weights are loaded by `initialize`, and saved with the
        pipeline, so that a trained one does not need them.
    get_spans: Cuts Docs into windows (@span_getters): list of Docs in, a list of Spans for each out. They may overlap
        or leave tokens out. A window with more pieces than the model takes is split, and its pieces are pooled.
    tokenizer_config: Settings for AutoTokenizer.from_pretrained. Advised: {"use_fast": true}.
    transformer_config: Settings for AutoConfig.from_pretrained, such as {"output_attentions": true} or the
        transformer's own dropout.
    mixed_precision: Whether forward passes run in half precision where that is safe: faster and smaller on GPUs with
        tensor cores.
    grad_scaler_config: Settings of torch.amp.GradScaler for it: enabled, init_scale (65536), backoff_factor (0.5),
        growth_factor (2), growth_interval (2000 steps).

    Returns a model: list of Docs in, FullTransformerBatch out.

    Raises MissingTorchError (an ImportError) without PyTorch, and TransformerSettingError (a ValueError).
    """
    return TransformerModel(name, get_spans, tokenizer_config, transformer_config, mixed_precision, grad_scaler_config)
