"""Pictures under the name that programs know them by; see `spanwright.drawing`."""

from __future__ import annotations

from .drawing import (
    DependencyRenderer,
    EntityRenderer,
    SpanRenderer,
    app,
    get_doc_settings,
    parse_deps,
    parse_ents,
    parse_spans,
    render,
    serve,
    set_render_wrapper,
)

__all__ = [
    "DependencyRenderer",
    "EntityRenderer",
    "SpanRenderer",
    "app",
    "get_doc_settings",
    "parse_deps",
    "parse_ents",
    "parse_spans",
    "render",
    "serve",
    "set_render_wrapper",
]
