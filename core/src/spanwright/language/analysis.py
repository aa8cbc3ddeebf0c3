"""What the components of a pipeline set and need, and whether the order gives each what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .factories import FactoryMeta

DEFAULT_KEYS = ("assigns", "requires", "scores", "retokenizes")


class Analysis:
    """The method of `Language` that checks the order of its components."""

    pipe_names: list[str]
    get_pipe_meta: Callable[[str], FactoryMeta]

    def analyze_pipes(self, *, keys: Sequence[str] = DEFAULT_KEYS, pretty: bool = False) -> dict[str, Any]:
        """What the active components set and need, and what they need that none before them sets.

        keys: What of each factory's meta to show.
        pretty: Print it, too.

        Returns a dict: "summary" (component -> key -> value), "problems" (component -> missing attributes) and
        "attrs" (attribute -> the components that assign and require it).
        """
        metas = {name: self.get_pipe_meta(name) for name in self.pipe_names}
        analysis: dict[str, Any] = {"summary": {}, "problems": {}, "attrs": {}}
        assigned: set[str] = set()
        for name, meta in metas.items():
            analysis["summary"][name] = {key: getattr(meta, key, None) for key in keys}
            analysis["problems"][name] = [attr for attr in meta.requires if attr not in assigned]
            assigned.update(meta.assigns)
        for attr in dict.fromkeys(attr for meta in metas.values() for attr in (*meta.assigns, *meta.requires)):
            analysis["attrs"][attr] = {
                role: [name for name, meta in metas.items() if attr in getattr(meta, role)]
                for role in ("assigns", "requires")
            }
        if pretty:
            print(render(analysis, keys))
        return analysis


def render(analysis: dict[str, Any], keys: Sequence[str]) -> str:
    """The analysis as a table in plain text."""
    rows = [["#", "Component", *(key.capitalize() for key in keys)]]
    for index, (name, values) in enumerate(analysis["summary"].items()):
        rows.append([str(index), name, *(_cell(values[key]) for key in keys)])
    widths = [max(len(line) for row in rows for line in row[column].split("\n")) for column in range(len(rows[0]))]
    lines = ["Pipeline overview", ""]
    for row in rows:
        height = max(cell.count("\n") + 1 for cell in row)
        cells = [cell.split("\n") + [""] * (height - cell.count("\n") - 1) for cell in row]
        for line in range(height):
            lines.append(
                "   ".join(cell[line].ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
            )
        lines.append("")
    problems = {name: missing for name, missing in analysis["problems"].items() if missing}
    lines.extend(f"'{name}' needs what no component before it sets: {', '.join(m)}" for name, m in problems.items())
    if not problems:
        lines.append("No problems found.")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        return "\n".join(str(item) for item in value)
    return "" if value is None else str(value)
