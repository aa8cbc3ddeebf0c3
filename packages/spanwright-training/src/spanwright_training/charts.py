"""Line charts as SVG text, for a page that needs no network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1f6fb4", "#d95f02", "#2a9d5c", "#9b4dca", "#c2185b", "#6b7280", "#b58900", "#008b8b")
WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 14, 40
Point = tuple[float, float]


def line_chart(series: Mapping[str, Sequence[Point]], *, label: str, unit: str = "", mark: Point | None = None) -> str:
    """Lines over steps, with a legend.

    series: Name -> (step, value) points; values that are no numbers are left out.
    label: What is shown, for those who do not see it.
    unit: What stands behind the numbers on the left ("%").
    mark: A point to ring, such as the best.
    """
    kept = {name: [p for p in points if _is_number(p[1])] for name, points in series.items()}
    points = [point for line in kept.values() for point in line]
    if not points:
        return "<p>No numbers to show.</p>"
    xs, ys = [x for x, _ in points], [y for _, y in points]
    ticks_y, ticks_x = ticks(min(ys), max(ys)), ticks(min(xs), max(xs), whole=True)
    low_x, high_x = min(xs), max(max(xs), min(xs) + 1)
    low_y, high_y = min(ticks_y[0], min(ys)), max(ticks_y[-1], max(ys))

    def place(point: Point) -> Point:
        x = LEFT + (point[0] - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - (point[1] - low_y) / ((high_y - low_y) or 1) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">']
    parts += [_grid(place((low_x, value))[1], f"{_short(value)}{unit}") for value in ticks_y]
    parts += [_below(place((value, low_y))[0], _short(value)) for value in ticks_x if low_x <= value <= high_x]
    parts.append(
        f'<text class="axis" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">step</text>'
    )
    for number, (name, line) in enumerate(kept.items()):
        parts.append(_line(name, [(point, place(point)) for point in line], COLOURS[number % len(COLOURS)], unit))
    if mark is not None:
        x, y = place(mark)
        parts.append(f'<circle cx="{x}" cy="{y}" r="7" class="mark"><title>best: step {mark[0]:g}</title></circle>')
    parts.append("</svg>")
    return "".join(parts) + _legend(list(kept))


def ticks(low: float, high: float, *, count: int = 5, whole: bool = False) -> list[float]:
    """Round numbers from at most `low` to at least `high`, about `count` of them."""
    span = max(high - low, abs(high) * 1e-6, 1e-6)
    if high == low:
        span = max(abs(high), 1e-3)
    raw = span / count
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next((m * magnitude for m in (1, 2, 2.5, 5) if m * magnitude >= raw * 0.999), 10 * magnitude)
    if whole:
        step = max(1.0, float(math.ceil(step)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, max(last, first + 1) + 1)]


def bar(share: float) -> str:
    """A share of 1 as a bar."""
    width = max(0.0, min(1.0, share)) * 100
    return (
        f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none"><rect width="{width:.1f}" height="8"/></svg>'
    )


def _line(name: str, line: Sequence[tuple[Point, Point]], colour: str, unit: str) -> str:
    path = " ".join(f"{x},{y}" for _, (x, y) in line)
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"><title>{escape(name)}, step {step:g}: '
        f"{value:.4g}{unit}</title></circle>"
        for (step, value), (x, y) in line
    )
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'


def _grid(y: float, text: str) -> str:
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        f'<text class="axis" x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{text}</text>'
    )


def _below(x: float, text: str) -> str:
    return f'<text class="axis" x="{x}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{text}</text>'


def _legend(names: Sequence[str]) -> str:
    items = "".join(
        f'<li><span style="background:{COLOURS[number % len(COLOURS)]}"></span>{escape(name)}</li>'
        for number, name in enumerate(names)
    )
    return f'<ul class="legend">{items}</ul>'


def _short(value: float) -> str:
    if abs(value) >= 10000:
        return f"{value / 1000:g}k"
    return f"{value:g}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
