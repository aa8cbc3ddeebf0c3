"""The errors of this distribution."""

from __future__ import annotations

from spanwright.errors import SpanwrightError


class MissingTorchError(SpanwrightError, ImportError):
    """An architecture needs PyTorch, which is not installed."""
