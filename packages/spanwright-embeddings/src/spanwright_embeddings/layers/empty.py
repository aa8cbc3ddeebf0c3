"""Batches without a single token, which the layers of thinc do not all take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thinc.layers.chain import forward as plain_forward


def is_empty(docs: Any) -> bool:
    """Whether a batch has no token at all."""
    return not any(len(doc) for doc in docs)


def embed_empty(model: Any, docs: Any) -> tuple[list[Any], Callable]:
    """An empty matrix for each Doc, as wide as the last layer with weights makes it; nothing flows back."""
    widths = [node.get_dim("nO") for node in model.walk() if node.name == "layernorm" and node.has_dim("nO")]
    return [model.ops.alloc2f(0, widths[-1]) for _ in docs], lambda d_output: []


def forward_unless_empty(model: Any, docs: Any, is_train: bool) -> tuple[Any, Callable]:
    """Callback of a chain: what the chain does, if there is anything to do it with."""
    return embed_empty(model, docs) if is_empty(docs) else plain_forward(model, docs, is_train)
