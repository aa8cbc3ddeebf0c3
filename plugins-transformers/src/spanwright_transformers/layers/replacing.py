"""How a transformer model takes the place of a listener."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .split_trf import split_trf_batch

__all__ = ["replace_listener", "replace_listener_cfg"]


def replace_listener(model: Any) -> Any:
    """The layers that give what the listener gave."""
    from thinc.api import chain

    return chain(model, split_trf_batch())


def replace_listener_cfg(tok2vec_model_cfg: Mapping[str, Any], listener_model_cfg: Mapping[str, Any]) -> dict[str, Any]:
    """The config block of the layers that take the place of a listener and its pooling."""
    result = dict(tok2vec_model_cfg)
    of_model, of_listener = result.get("@architectures", ""), listener_model_cfg.get("@architectures", "")
    if "TransformerModel" in of_model and "TransformerListener" in of_listener:
        result["@architectures"] = "spacy-transformers.Tok2VecTransformer.v3"
        for key in ("pooling", "grad_factor"):
            if key in listener_model_cfg:
                result.setdefault(key, listener_model_cfg[key])
    return result
