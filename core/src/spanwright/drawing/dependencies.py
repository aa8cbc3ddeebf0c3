"""Dependencies: the words in a line, and an arc from each to its head, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..errors import InvalidValueError
from .markup import direction_of, make_page, minified, title_of
from .measure import text_width

WORD_SIZE, TAG_SIZE, LABEL_SIZE = 16, 11.5, 11.5
FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Arial, sans-serif"


@dataclass
class Arc:
    """An arc between two words, with the place of its two feet (pixels) and how high it runs (levels, from 1)."""

    start: int
    end: int
    label: str
    to_start: bool
    level: int = 1
    left: float = 0.0
    right: float = 0.0

    @property
    def room(self) -> float:
        """The least distance of its feet, so that its label finds room."""
        return text_width(self.label, LABEL_SIZE) + 12


class DependencyRenderer:
    """Draws dependency trees as SVG.

    options: compact (square arcs, less space), color, bg, font, distance (pixels from word to word; by default as the
        words and labels need), word_spacing (pixels between the arcs' feet and the words), offset_x (margin),
        arrow_stroke, arrow_width, arrow_spacing (pixels between feet at a word).
    """

    style = "dep"

    def __init__(self, options: Mapping[str, Any] = {}) -> None:
        self.compact = bool(options.get("compact", False))
        self.distance: float | None = options.get("distance")
        self.word_spacing = options.get("word_spacing", 24)
        self.margin = options.get("offset_x", 16 if self.compact else 24)
        self.stroke = options.get("arrow_stroke", 1.5)
        self.arrow = options.get("arrow_width", 5 if self.compact else 6)
        self.spacing = options.get("arrow_spacing", 7 if self.compact else 9)
        self.color = str(options.get("color", "#16191d"))
        self.bg = str(options.get("bg", "#ffffff"))
        self.font = str(options.get("font", FONT))
        self.rise = 21 if self.compact else 27
        self.gap = 18 if self.compact else 26

    def render(self, parsed: Iterable[Mapping[str, Any]], page: bool = False, minify: bool = False) -> str:
        """The markup of parsed Docs; see `parse_deps`."""
        docs = list(parsed)
        parts = [
            title_of(doc.get("title") or (doc.get("settings") or {}).get("title"))
            + self.render_svg(str(number), doc["words"], doc.get("arcs", ()), doc.get("settings"))
            for number, doc in enumerate(docs)
        ]
        settings = docs[0].get("settings") or {} if docs else {}
        markup = make_page(parts, settings, width="none") if page else "\n".join(parts)
        return minified(markup) if minify else markup

    def render_svg(
        self,
        render_id: int | str,
        words: Sequence[Mapping[str, Any]],
        arcs: Iterable[Mapping[str, Any]],
        settings: Mapping[str, Any] | None = None,
    ) -> str:
        """The SVG of one text."""
        drawn = [read_arc(arc, len(words), number) for number, arc in enumerate(arcs)]
        set_levels(drawn)
        centers, width = self._layout(words, drawn)
        base = self.margin / 2 + LABEL_SIZE + self.rise * max((arc.level for arc in drawn), default=0) + self.arrow
        lines = max((1 + bool(word.get("tag")) + bool(word.get("lemma")) for word in words), default=1)
        height = base + self.word_spacing + 18 * (lines - 1) + 14
        turn = direction_of(settings) == "rtl"
        content = [self._arc(arc, base, width, turn) for arc in drawn]
        content += [self._word(word, _turned(x, width, turn), base) for word, x in zip(words, centers, strict=True)]
        text = escape(" ".join(str(word.get("text", "")) for word in words))
        lang = escape(str((settings or {}).get("lang") or ""))
        style = (
            f"max-width: none; height: {_n(height)}px; color: {escape(self.color)}; background: {escape(self.bg)}; "
            f"font-family: {escape(self.font)}; direction: {direction_of(settings)}"
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{lang}" id="dependencies-{escape(str(render_id))}" '
            f'class="dependencies" role="img" width="{_n(width)}" height="{_n(height)}" '
            f'viewBox="0 0 {_n(width)} {_n(height)}" style="{style}">\n<title>{text}</title>\n'
            + "\n".join(content)
            + "\n</svg>"
        )

    # ---------------------------------------------------------------- places

    def _layout(self, words: Sequence[Mapping[str, Any]], arcs: list[Arc]) -> tuple[list[float], float]:
        """The centre of each word, and the whole width; gives the arcs their feet."""
        ports = feet(arcs, len(words))
        halves = [
            max(self._width_of(word), self.spacing * (sum(map(len, ports[at])) - 1)) / 2
            for at, word in enumerate(words)
        ]
        offsets = self._offsets(ports)
        steps = [
            self.distance or halves[at] + halves[at + 1] + self.gap for at in range(len(words) - 1)
        ]  # fmt: skip
        if self.distance is None:
            for arc in sorted(arcs, key=lambda arc: arc.end - arc.start):
                between = range(arc.start, arc.end)
                length = sum(steps[at] for at in between) + offsets[id(arc), True] - offsets[id(arc), False]
                for at in between:
                    steps[at] += max(0.0, arc.room - length) / len(between)
        centers = [self.margin + (halves[0] if halves else 0)]
        for step in steps:
            centers.append(centers[-1] + step)
        for arc in arcs:
            arc.left = centers[arc.start] + offsets[id(arc), False]
            arc.right = centers[arc.end] + offsets[id(arc), True]
        return centers[: len(words)], centers[-1] + (halves[-1] if halves else 0) + self.margin

    def _width_of(self, word: Mapping[str, Any]) -> float:
        small = max(text_width(str(word.get(key) or ""), TAG_SIZE) for key in ("tag", "lemma"))
        return max(text_width(str(word.get("text", "")), WORD_SIZE), small)

    def _offsets(self, ports: list[tuple[list[Arc], list[Arc]]]) -> dict[tuple[int, bool], float]:
        """How far each foot is from the middle of its word; True for the right foot of an arc."""
        offsets = {}
        for to_left, to_right in ports:
            first = -self.spacing * (len(to_left) + len(to_right) - 1) / 2
            for number, arc in enumerate([*to_left, *to_right]):
                offsets[id(arc), number < len(to_left)] = first + number * self.spacing
        return offsets

    # ---------------------------------------------------------------- marks

    def _word(self, word: Mapping[str, Any], x: float, base: float) -> str:
        y = base + self.word_spacing
        lines = [_text("word", x, y, WORD_SIZE, word.get("text", ""))]
        for key, look in (("lemma", ' font-style="italic" opacity="0.75"'), ("tag", ' opacity="0.6"')):
            if word.get(key):
                y += 18
                lines.append(_text(key, x, y, TAG_SIZE, word[key], look))
        return f'<g class="token" fill="currentColor" text-anchor="middle">{"".join(lines)}</g>'

    def _arc(self, arc: Arc, base: float, width: float, turn: bool) -> str:
        left, right = sorted((_turned(arc.left, width, turn), _turned(arc.right, width, turn)))
        at_left = arc.to_start != turn
        top = base - self.arrow - self.rise * arc.level
        tip = base
        ends = [tip - self.arrow if at_left else tip, tip if at_left else tip - self.arrow]
        bend = 3 if self.compact else min((right - left) / 2, 12 + 5 * arc.level)
        rise = 3 if self.compact else min(self.rise * arc.level * 0.9, 22 + 6 * arc.level)
        path = (
            f"M{_n(left)},{_n(ends[0])} V{_n(top + rise)} Q{_n(left)},{_n(top)} {_n(left + bend)},{_n(top)} "
            f"H{_n(right - bend)} Q{_n(right)},{_n(top)} {_n(right)},{_n(top + rise)} V{_n(ends[1])}"
        )
        x, half = (left if at_left else right), self.arrow * 0.6
        head = f"M{_n(x)},{_n(tip)} L{_n(x - half)},{_n(tip - self.arrow)} H{_n(x + half)} Z"
        line = (
            f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="{self.stroke}" stroke-opacity="0.65"/>'
        )
        arrow = f'<path class="arrowhead" d="{head}" fill="currentColor"/>'
        label = _text("label", (left + right) / 2, top - 4, LABEL_SIZE, arc.label, ' text-anchor="middle"')
        return f'<g class="arc" fill="currentColor">{line}{arrow}{label}</g>'


def _text(kind: str, x: float, y: float, size: float, text: Any, look: str = "") -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"{look}>{escape(str(text))}</text>'


def read_arc(arc: Mapping[str, Any], n_words: int, number: int) -> Arc:
    """Check an arc. Raises InvalidValueError if it does not join two words of the text."""
    start, end = arc["start"], arc["end"]
    if not 0 <= start < end < n_words:
        raise InvalidValueError(
            f"arcs[{number}] goes from word {start} to word {end}: it must join two of the {n_words} words, counted "
            "from 0, and start must be less than end; the direction stands under 'dir'."
        )
    return Arc(start, end, str(arc.get("label", "")), arc.get("dir") == "left")


def set_levels(arcs: list[Arc]) -> None:
    """Let each arc run above those within it, and clear of those it would cross or touch, as low as it can."""
    ordered = sorted(arcs, key=lambda arc: (arc.end - arc.start, arc.start))
    for number, arc in enumerate(ordered):
        below = [other.level for other in ordered[:number] if other.start < arc.end and arc.start < other.end]
        arc.level = max(below, default=0) + 1


def feet(arcs: list[Arc], n_words: int) -> list[tuple[list[Arc], list[Arc]]]:
    """For each word the arcs to the left and those to the right, in the order of their feet, so that none cross."""
    ports: list[tuple[list[Arc], list[Arc]]] = [([], []) for _ in range(n_words)]
    for arc in arcs:
        ports[arc.end][0].append(arc)
        ports[arc.start][1].append(arc)
    for to_left, to_right in ports:
        to_left.sort(key=lambda arc: arc.end - arc.start)
        to_right.sort(key=lambda arc: arc.start - arc.end)
    return ports


def _turned(x: float, width: float, turn: bool) -> float:
    return width - x if turn else x


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
