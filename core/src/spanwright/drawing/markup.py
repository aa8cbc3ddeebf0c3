"""Markup that all styles share: escaping, links, figures, pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

FIGURE = '<figure style="margin: 0 0 3rem 0; overflow-x: auto">\n{}\n</figure>'
PAGE = """<!DOCTYPE html>
<html lang="{lang}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="margin: 0 auto; padding: 3rem 2rem; max-width: {width}; font-size: 16px; line-height: 1.5;\
 font-family: system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; color: #1b1f24;\
 background: #ffffff; direction: {direction}">
{content}
</body>
</html>"""


def make_page(parts: Iterable[str], settings: Mapping[str, Any], *, width: str = "60rem") -> str:
    """A whole page with a figure for each Doc."""
    return PAGE.format(
        lang=escape(str(settings.get("lang") or "")),
        direction=direction_of(settings),
        title="Spanwright",
        width=width,
        content="\n".join(FIGURE.format(part) for part in parts),
    )


def direction_of(settings: Mapping[str, Any] | None) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if (settings or {}).get("direction") == "rtl" else "ltr"


def minified(markup: str) -> str:
    """Without blanks around lines and between tags at their ends; text inside elements stays."""
    return "".join(line.strip() for line in markup.strip().splitlines())


def title_of(title: Any) -> str:
    """A heading over a Doc, if it has a title."""
    return f'<h2 style="margin: 0 0 0.5rem 0; font-size: 1.25rem">{escape(str(title))}</h2>\n' if title else ""


def link_to(kb_id: Any, kb_url: Any) -> str:
    """A link to an entry of a knowledge base; without an id, nothing."""
    if not kb_id:
        return ""
    url = str(kb_url or "#")
    # A scheme such as javascript: would run on a click.
    if re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]*\s*:", url) and not re.match(r"https?:", url):
        url = "#"
    return (
        f'<a style="text-decoration: none; color: inherit; font-weight: normal; margin-inline-start: 0.4em" '
        f'href="{escape(url)}">{escape(str(kb_id))}</a>'
    )
