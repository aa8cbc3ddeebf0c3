"""Entities: marked in the running text, with their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from ..errors import InvalidValueError
from .checks import filled
from .colors import color_of, label_colors, text_on
from .markup import direction_of, link_to, make_page, minified, title_of

BOX = (
    '<div class="entities" lang="{lang}" dir="{direction}" style="line-height: 2.4; direction: {direction}">'
    "{content}</div>"
)
MARK = (
    '<mark class="entity" style="background: {bg}; color: {fg}; padding: 0.3em 0.45em; margin: 0 0.1em; '
    'line-height: 1; border-radius: 0.4em; box-decoration-break: clone; -webkit-box-decoration-break: clone">{text}'
    '<span class="label" style="font-size: 0.68em; font-weight: 700; letter-spacing: 0.03em; opacity: 0.78; '
    'vertical-align: 0.08em; margin-inline-start: 0.55em"><bdi>{label}</bdi>{kb_link}</span></mark>'
)


class EntityRenderer:
    """Draws entities as HTML.

    options: ents (labels to draw; all by default), colors (by label), template (HTML of one entity, with {bg}, {text},
        {label} and {kb_link}).
    """

    style = "ent"

    def __init__(self, options: Mapping[str, Any] = {}) -> None:
        self.colors = label_colors(options)
        ents = options.get("ents")
        self.ents = None if ents is None else {str(label).upper() for label in ents}
        self.template: str = options.get("template") or MARK

    def render(self, parsed: Iterable[Mapping[str, Any]], page: bool = False, minify: bool = False) -> str:
        """The markup of parsed Docs; see `parse_ents`."""
        docs = list(parsed)
        parts = [
            self.render_ents(doc.get("text", ""), doc.get("ents", ()), doc.get("title"), doc.get("settings"))
            for doc in docs
        ]
        markup = make_page(parts, docs[0].get("settings") or {} if docs else {}) if page else "\n".join(parts)
        return minified(markup) if minify else markup

    def render_ents(
        self,
        text: str,
        spans: Iterable[Mapping[str, Any]],
        title: str | None,
        settings: Mapping[str, Any] | None = None,
    ) -> str:
        """The markup of one text."""
        content, at = [], 0
        ordered = sorted(spans, key=lambda span: (span["start"], span["end"]))
        for span in ordered:
            start, end, label = span["start"], span["end"], str(span["label"])
            if not 0 <= start < end <= len(text) or start < at:
                reason = (
                    f"overlaps the one before it, which ends at {at}"
                    if start < at
                    else f"lies outside the text of {len(text)} characters"
                )
                raise InvalidValueError(
                    f"The entity {label} at {start} to {end} {reason}. Entities may not overlap: draw spans "
                    "with style='span'."
                )
            content.append(_running(text[at:start]))
            content.append(
                self._mark(text[start:end], label, span) if self._wanted(label) else _running(text[start:end])
            )
            at = end
        content.append(_running(text[at:]))
        box = BOX.format(
            lang=escape(str((settings or {}).get("lang") or "")),
            direction=direction_of(settings),
            content="".join(content),
        )
        return title_of(title) + box

    def _wanted(self, label: str) -> bool:
        return self.ents is None or label.upper() in self.ents

    def _mark(self, text: str, label: str, span: Mapping[str, Any]) -> str:
        color = color_of(label, self.colors)
        values = {
            "text": _running(text),
            "label": escape(label),
            "bg": escape(color),
            "fg": text_on(color),
            "kb_link": link_to(span.get("kb_id"), span.get("kb_url")),
            **span.get("params", {}),
        }
        return filled("template", self.template, **values)


def _running(text: str) -> str:
    return escape(text).replace("\n", "<br>")
