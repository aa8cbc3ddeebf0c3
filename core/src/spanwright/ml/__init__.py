"""What the models of several plugins share."""

from __future__ import annotations

from typing import Any

__all__ = ["get_tok2vec_width"]


def __getattr__(name: str) -> Any:
    # thinc is imported when a layer is asked for, not before.
    if name == "get_tok2vec_width":
        from .width import get_tok2vec_width

        return get_tok2vec_width
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
