"""What this distribution announces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spanwright.hookspecs import Extension, hookimpl
from spanwright_tokens.io import announce_message_kind


@hookimpl
def extensions() -> Sequence[Extension]:
    """`Doc._.trf_data`: the transformer's output, or None."""
    return [Extension("Doc", "trf_data", default=None)]


def _read(plain: Any) -> Any:
    from .data_classes import TransformerData

    return TransformerData.empty().from_dict(plain)


# Docs that were saved with their `trf_data` can be read before anything of transformers is imported.
announce_message_kind("__transformerdata__", _read)
