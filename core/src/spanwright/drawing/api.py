"""`render`: Docs, Spans or plain data in; SVG or HTML out, or shown in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import InvalidTypeError, InvalidValueError, PipelineError
from .checks import check_data, check_options
from .dependencies import DependencyRenderer
from .entities import EntityRenderer
from .parsing import get_doc_settings, parse_deps, parse_ents, parse_spans
from .spans import SpanRenderer

__all__ = ["app", "get_doc_settings", "is_in_jupyter", "render", "serve", "set_render_wrapper"]

STYLES: dict[str, tuple[Any, Callable[..., dict[str, Any]]]] = {
    "dep": (DependencyRenderer, parse_deps),
    "ent": (EntityRenderer, parse_ents),
    "span": (SpanRenderer, parse_spans),
}
_state: dict[str, Any] = {"wrapper": None, "served": ""}


def render(
    docs: Any,
    style: str = "dep",
    page: bool = False,
    minify: bool = False,
    jupyter: bool | None = None,
    options: Mapping[str, Any] = {},
    manual: bool = False,
) -> Any:
    """Draw the annotation of Docs or Spans.

    docs: A Doc, a Span, or several; with `manual`, dicts as `parse_deps`, `parse_ents` and `parse_spans` give them.
    style: "dep" for dependency arcs (SVG), "ent" for entities, "span" for spans that may overlap (HTML).
    page: A whole HTML page.
    minify: Without blanks at the beginning and end of lines.
    jupyter: Show it in the notebook, and return nothing. None finds out whether there is one.
    options: What to draw and how; see the page on pictures. dep: fine_grained, add_lemma, collapse_punct,
        collapse_phrases, compact, color, bg, font, distance, word_spacing, offset_x, arrow_stroke, arrow_width,
        arrow_spacing. ent: ents, colors, template, kb_url_template. span: spans_key, colors, template,
        kb_url_template, top_offset, top_offset_step, span_label_offset.
    manual: `docs` are dicts, not Docs.

    Returns the markup. Raises InvalidValueError (a ValueError) for an unknown style or faulty data, InvalidTypeError
    (a TypeError and ValueError) for what is no Doc.
    """
    if style not in STYLES:
        raise InvalidValueError(f"There is no style '{style}'. There are: {', '.join(STYLES)}.")
    kind, parse = STYLES[style]
    renderer = kind(options=check_options(options, style))
    parsed = [check_data(doc, style) if manual else _parsed(doc, parse, options) for doc in _as_list(docs)]
    html: str = renderer.render(parsed, page=page, minify=minify).strip()
    _state["served"] = html
    if _state["wrapper"] is not None:
        html = _state["wrapper"](html)
    inline = is_in_jupyter() if jupyter is None else jupyter
    if inline:
        from IPython.display import HTML, display

        # Long sentences scroll; MathJax is told to leave the text alone.
        return display(HTML(f'<div class="tex2jax_ignore" style="overflow-x: auto">{html}</div>'))
    return html


class DrawingError(InvalidTypeError, ValueError):
    """Something cannot be drawn because it is no Doc or Span."""


def _as_list(docs: Any) -> list[Any]:
    if isinstance(docs, Mapping) or hasattr(docs, "vocab"):
        return [docs]
    if isinstance(docs, str) or not isinstance(docs, Iterable):
        raise DrawingError(
            f"render draws Docs and Spans, not {type(docs).__name__}. Annotate the text first: nlp(text)."
        )
    return list(docs)


def _parsed(doc: Any, parse: Callable[..., dict[str, Any]], options: Mapping[str, Any]) -> Any:
    if not hasattr(doc, "vocab"):
        hint = (
            " Give manual=True to draw dicts." if isinstance(doc, Mapping) else " Annotate the text first: nlp(text)."
        )
        raise DrawingError(f"render draws Docs and Spans, not {type(doc).__name__}.{hint}")
    return parse(doc.as_doc() if hasattr(doc, "as_doc") else doc, options)


def set_render_wrapper(func: Callable[[str], Any] | None) -> None:
    """Have a function called on all markup that `render` makes; it returns what render returns. None ends that.

    Raises DrawingError (a TypeError and ValueError) for what cannot be called.
    """
    if func is not None and not callable(func):
        raise DrawingError(f"The wrapper of render is a function that takes markup, found {type(func).__name__}.")
    _state["wrapper"] = func


def is_in_jupyter() -> bool:
    """Whether this runs in a notebook, which shows HTML."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return shell is not None and getattr(shell, "kernel", None) is not None


def app(environ: Any, start_response: Any) -> list[bytes]:
    """The WSGI application behind `serve`: the last picture that was made."""
    start_response("200 OK", [("Content-type", "text/html; charset=utf-8")])
    return [_state["served"].encode()]


def serve(
    docs: Any,
    style: str = "dep",
    page: bool = True,
    minify: bool = False,
    options: Mapping[str, Any] = {},
    manual: bool = False,
    port: int = 5000,
    host: str = "127.0.0.1",
    auto_select_port: bool = False,
) -> None:
    """Show a picture in a browser, until Ctrl-C. Arguments as for `render`.

    port: Port of the server. host: Address that it listens on; "0.0.0.0" lets other machines see it.
    auto_select_port: Take the next free port if this one is in use.

    Raises PipelineError (a ValueError) if the port is in use.
    """
    from wsgiref import simple_server

    render(docs, style=style, page=page, minify=minify, jupyter=False, options=options, manual=manual)
    last = port + 100 if auto_select_port else port
    while True:
        try:
            server = simple_server.make_server(host, port, app)
            break
        except OSError as error:
            if port >= last:
                raise PipelineError(
                    f"The port {port} on {host} cannot be used: {error}. Give another: port=..."
                ) from error
            port += 1
    print(f"The picture is at http://{host}:{server.server_port} until Ctrl-C.")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
