"""Pipelines as installable Python packages: wheels and sdists, made with nothing but the standard library."""

from __future__ import annotations

from .requirements import requirements_of

__all__ = ["requirements_of"]
