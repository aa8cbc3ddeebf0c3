"""A transformer as the token vectors of one component."""

# The defaults are the published ones; nothing writes to them.
# ruff: noqa: B006
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..layers.split_trf import split_trf_batch
from ..layers.transformer_model import TransformerModel
from ..layers.trfs2arrays import trfs2arrays

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d, Ragged

    from spanwright.tokens import Doc


def Tok2VecTransformer_v1(
    name: str, get_spans: Callable, tokenizer_config: dict[str, Any], pooling: Model[Ragged, Floats2d],
    grad_factor: Any = 1.0,
) -> Model[list[Doc], list[Floats2d]]:  # fmt: skip
    """spacy-transformers.Tok2VecTransformer.v1: a transformer inside one component.

    The arguments are as for Tok2VecTransformer.v3.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).
    """
    from thinc.api import chain

    model = TransformerModel(name, get_spans, tokenizer_config)
    return chain(model, split_trf_batch(), trfs2arrays(pooling, grad_factor))


def Tok2VecTransformer_v2(
    name: str, get_spans: Callable, tokenizer_config: dict[str, Any], pooling: Model[Ragged, Floats2d],
    grad_factor: Any = 1.0, transformer_config: dict[str, Any] = {},
) -> Model[list[Doc], list[Floats2d]]:  # fmt: skip
    """spacy-transformers.Tok2VecTransformer.v2: a transformer inside one component.

    The arguments are as for Tok2VecTransformer.v3.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).
    """
    from thinc.api import chain

    model = TransformerModel(name, get_spans, tokenizer_config, transformer_config)
    return chain(model, split_trf_batch(), trfs2arrays(pooling, grad_factor))


def Tok2VecTransformer_v3(
    name: str, get_spans: Callable, tokenizer_config: dict[str, Any], pooling: Model[Ragged, Floats2d],
    grad_factor: Any = 1.0, transformer_config: dict[str, Any] = {}, mixed_precision: bool = False,
    grad_scaler_config: dict[str, Any] = {},
) -> Model[list[Doc], list[Floats2d]]:  # fmt: skip
    """spacy-transformers.Tok2VecTransformer.v3: a transformer inside one component, which shares it with no other.

    Its graph is that of a TransformerListener.v1 whose listener was replaced.

    name, get_spans, tokenizer_config, transformer_config, mixed_precision, grad_scaler_config: As for
        spacy-transformers.TransformerModel.v3.
    pooling: Makes a token's vector of those of its wordpieces: a layer from Ragged to Floats2d, such as
        reduce_mean.v1. Tokens without a piece get zeros.
    grad_factor: Scales the gradients that go to the transformer: a number, or a schedule with one value a step. 0
        keeps it as it is; 1 is usual.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width).
    """
    from thinc.api import chain

    model = TransformerModel(name, get_spans, tokenizer_config, transformer_config, mixed_precision, grad_scaler_config)
    return chain(chain(model, split_trf_batch()), trfs2arrays(pooling, grad_factor))
