"""What this distribution announces."""

from __future__ import annotations

from collections.abc import Sequence

from spanwright.hookspecs import Extension, hookimpl


@hookimpl
def extensions() -> Sequence[Extension]:
    """`Doc._.trf_data`: the transformer's output, or None."""
    return [Extension("Doc", "trf_data", default=None)]
