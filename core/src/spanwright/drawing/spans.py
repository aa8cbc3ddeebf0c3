"""Spans that may overlap: bars under the words, in rows, with a label where each begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ..errors import InvalidValueError
from .checks import filled
from .colors import color_of, darker, label_colors
from .markup import direction_of, link_to, make_page, minified, title_of
from .measure import text_width

BOX = (
    '<div class="spans" lang="{lang}" dir="{direction}" style="direction: {direction}; line-height: 1.3">'
    "{content}</div>"
)
PLAIN = (
    '<span class="token" style="display: inline-block; vertical-align: top; white-space: pre; '
    'height: {height}px">{text}</span>'
)
WORD = (
    '<span class="token" style="display: inline-block; vertical-align: top; white-space: pre; position: relative; '
    'height: {height}px">{text}{rows}</span>'
)
BAR = (
    '<span class="bar" style="position: absolute; top: {top}px; inset-inline-start: {start}px; '
    'inset-inline-end: {end}; height: 4px; background: {bg}; border-radius: {radius}"></span>'
)
LABEL = (
    '<span class="label" style="position: absolute; top: {top}px; inset-inline-start: 0; font-size: 10px; '
    'font-weight: 700; letter-spacing: 0.03em; line-height: 1; color: {fg}; z-index: 1">'
    "<bdi>{label}</bdi>{kb_link}</span>"
)
# Takes the width of a label without being seen, where the words of a span are narrower.
ROOM = (
    '<span aria-hidden="true" style="display: block; height: 0; overflow: hidden; visibility: hidden; font-size: 10px; '
    'font-weight: 700; letter-spacing: 0.03em; padding-inline-end: 8px">{label}</span>'
)
GAP = "0.28em"


class SpanRenderer:
    """Draws overlapping spans as HTML.

    options: colors (by label), template (a dict with the HTML of a "span" ({text}, {span_slices}, {span_starts},
        {total_height}), a "slice" ({bg}, {top_offset}) and a "start" (also {label}, {kb_link})), top_offset (pixels
        from the top of a word to its first bar), top_offset_step (pixels between bars), span_label_offset (pixels
        below the last bar).
    """

    style = "span"

    def __init__(self, options: Mapping[str, Any] = {}) -> None:
        self.colors = label_colors(options)
        self.top = options.get("top_offset", 26)
        self.step = options.get("top_offset_step", 19)
        self.below = options.get("span_label_offset", 22)
        self.template: Mapping[str, str] | None = options.get("template")

    def render(self, parsed: Iterable[Mapping[str, Any]], page: bool = False, minify: bool = False) -> str:
        """The markup of parsed Docs; see `parse_spans`."""
        docs = list(parsed)
        parts = [
            title_of(doc.get("title"))
            + self.render_spans(doc["tokens"], doc.get("spans", ()), None, doc.get("settings"), text=doc.get("text"))
            for doc in docs
        ]
        markup = make_page(parts, docs[0].get("settings") or {} if docs else {}) if page else "\n".join(parts)
        return minified(markup) if minify else markup

    def render_spans(
        self,
        tokens: Sequence[str],
        spans: Iterable[Mapping[str, Any]],
        title: str | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        text: str | None = None,
    ) -> str:
        """The markup of one text, given as its tokens. text: Where the blanks between them are taken from."""
        placed = place(spans, len(tokens))
        covering: list[list[tuple[int, Mapping[str, Any]]]] = [[] for _ in tokens]
        for row, span in placed:
            for at in range(span["start_token"], span["end_token"]):
                covering[at].append((row, span))
        content = [
            self._token(at, word, blank, covering[at], tokens)
            for at, (word, blank) in enumerate(zip(tokens, blanks(tokens, text), strict=True))
        ]
        box = BOX.format(
            lang=escape(str((settings or {}).get("lang") or "")),
            direction=direction_of(settings),
            content="".join(content),
        )
        return title_of(title) + box

    def _token(
        self, at: int, word: str, blank: str, covering: list[tuple[int, Mapping[str, Any]]], tokens: Sequence[str]
    ) -> str:
        lines = word.count("\n") + blank.count("\n")
        shown = escape(word.replace("\n", "") + blank.replace("\n", ""))
        rows = max((row for row, _ in covering), default=-1) + 1
        height = self.top + (self.step * (rows - 1) + self.below if rows else 4)
        if self.template is not None:
            return self._from_template(at, escape(word), covering, height) + " " + "<br>" * lines
        if not covering:
            return PLAIN.format(text=shown, height=height) + "<wbr>" + "<br>" * lines
        parts = [self._bar(at, row, span, bool(blank)) for row, span in covering]
        parts += [self._label(row, span, tokens) for row, span in covering if span["start_token"] == at]
        return WORD.format(text=shown, rows="".join(parts), height=height) + "<wbr>" + "<br>" * lines

    def _bar(self, at: int, row: int, span: Mapping[str, Any], blank: bool) -> str:
        first, last = at == span["start_token"], at == span["end_token"] - 1
        return BAR.format(
            top=self.top + row * self.step,
            start=0 if first else -1,
            end=(GAP if blank else "1px") if last else "-1px",
            bg=escape(color_of(str(span["label"]), self.colors)),
            radius=" ".join("3px" if corner else "0" for corner in (first, last, last, first)),
        )

    def _label(self, row: int, span: Mapping[str, Any], tokens: Sequence[str]) -> str:
        label = escape(str(span["label"]))
        link = link_to(span.get("kb_id"), span.get("kb_url"))
        shown = LABEL.format(
            top=self.top + row * self.step + 6,
            fg=escape(_ink(color_of(str(span["label"]), self.colors))),
            label=label,
            kb_link=link,
        )
        words = sum(text_width(f"{word} ", 16) for word in tokens[span["start_token"] : span["end_token"]])
        if text_width(f"{span['label']}  {span.get('kb_id') or ''}", 11.5) < words:
            return shown
        return shown + ROOM.format(label=label + (f"&ensp;{escape(str(span['kb_id']))}" if link else ""))

    def _from_template(self, at: int, word: str, covering: list[tuple[int, Mapping[str, Any]]], height: int) -> str:
        template = self.template or {}
        if not covering:
            return word
        slices, starts = [], []
        for row, span in covering:
            values = {
                "bg": color_of(str(span["label"]), self.colors),
                "top_offset": self.top + row * self.step,
                "label": escape(str(span["label"])),
                "kb_link": link_to(span.get("kb_id"), span.get("kb_url")),
            }
            slices.append(filled("template", template["slice"], **values))
            if span["start_token"] == at:
                starts.append(filled("template", template["start"], **values))
        return filled(
            "template",
            template["span"],
            text=word,
            span_slices="".join(slices),
            span_starts="".join(starts),
            total_height=height,
        )


def _ink(color: str) -> str:
    from .colors import DARK

    strong = darker(darker(color))
    return strong if strong != color else DARK


def place(spans: Iterable[Mapping[str, Any]], n_tokens: int) -> list[tuple[int, Mapping[str, Any]]]:
    """The row of each span, so that no two in a row overlap: longer ones first, each in the first row that is free.

    Raises InvalidValueError for a span without tokens or outside the text.
    """
    for span in spans:
        start, end = span["start_token"], span["end_token"]
        if not 0 <= start < end <= n_tokens:
            raise InvalidValueError(
                f"The span {span['label']} at the tokens {start} to {end} lies outside the {n_tokens} tokens."
            )
    ends: list[int] = []
    placed = []
    for span in sorted(spans, key=lambda span: (span["start_token"], -span["end_token"], str(span["label"]))):
        row = next((row for row, end in enumerate(ends) if end <= span["start_token"]), len(ends))
        ends[row : row + 1] = [span["end_token"]]
        placed.append((row, span))
    return placed


def blanks(tokens: Sequence[str], text: str | None) -> list[str]:
    """What stands after each token in the text; blanks, if the tokens are not those of the text."""
    found, at = [], 0
    for i, token in enumerate(tokens):
        at += len(token)
        if text is None or text[at - len(token) : at] != token:
            return [" "] * len(tokens)
        following = len(text) if i + 1 == len(tokens) else text.find(tokens[i + 1], at)
        gap = text[at:following] if following >= 0 else ""
        if gap.strip() or following < 0:
            return [" "] * len(tokens)
        found.append(gap)
        at = following
    return found
