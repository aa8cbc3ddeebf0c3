"""Annotation as pictures: dependency arcs as SVG, entities and overlapping spans as HTML."""

from __future__ import annotations

from .api import app, get_doc_settings, is_in_jupyter, render, serve, set_render_wrapper
from .dependencies import DependencyRenderer
from .entities import EntityRenderer
from .parsing import parse_deps, parse_ents, parse_spans
from .spans import SpanRenderer

__all__ = [
    "DependencyRenderer",
    "EntityRenderer",
    "SpanRenderer",
    "app",
    "get_doc_settings",
    "is_in_jupyter",
    "parse_deps",
    "parse_ents",
    "parse_spans",
    "render",
    "serve",
    "set_render_wrapper",
]
