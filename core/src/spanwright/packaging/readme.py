"""The README of a pipeline's package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_LABELS = 60  # shown for a component


def make_readme(meta: Mapping[str, Any], name: str, requirements: Sequence[str]) -> str:
    """Tell in Markdown what a pipeline is, from its meta.json."""
    vectors = meta.get("vectors") or {}
    facts = [
        ("Version", meta.get("version")),
        ("Language", meta.get("lang")),
        ("Components", ", ".join(f"`{part}`" for part in meta.get("components", []))),
        ("Switched off at load", ", ".join(f"`{part}`" for part in meta.get("disabled", []))),
        ("Vectors", f"{vectors.get('vectors')} of {vectors.get('width')} values" if vectors.get("vectors") else ""),
        ("Requires", ", ".join(f"`{line}`" for line in requirements)),
        ("Sources", _sources(meta.get("sources"))),
        ("License", meta.get("license")),
        ("Author", _link(meta.get("author"), meta.get("url"))),
    ]
    parts = [
        f"# {name}",
        meta.get("description") or "",
        f'```python\nimport spanwright\n\nnlp = spanwright.load("{name}")\n```',
        _table(("", ""), [(key, value) for key, value in facts if value]),
        _section("Labels", ("component", "labels"), _labels(meta.get("labels"))),
        _section("Scores", ("score", "percent"), _scores(meta.get("performance"))),
        str(meta.get("notes") or ""),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return f"## {title}\n\n{_table(header, rows)}" if rows else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in row) + " |" for row in lines)


def _cell(value: Any) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _labels(labels: Any) -> list[tuple[str, str]]:
    known = labels if isinstance(labels, Mapping) else {}
    return [(f"`{part}`", _some(list(names))) for part, names in known.items() if names]


def _some(labels: Sequence[Any]) -> str:
    more = f" and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""
    return ", ".join(f"`{label}`" for label in labels[:MOST_LABELS]) + more


def _scores(scores: Any) -> list[tuple[str, str]]:
    known = scores if isinstance(scores, Mapping) else {}
    numbers = {key: value for key, value in known.items() if _is_share(key, value)}
    return [(f"`{key}`", f"{value * 100:.2f}") for key, value in numbers.items()]


def _is_share(key: str, value: Any) -> bool:
    return isinstance(value, (int, float)) and key != "speed" and not key.endswith("_loss")


def _sources(sources: Any) -> str:
    found = []
    for source in sources if isinstance(sources, list) else ():
        entry = source if isinstance(source, Mapping) else {"name": source}
        if entry.get("name"):
            author = f" ({entry['author']})" if entry.get("author") else ""
            found.append(f"{_link(entry['name'], entry.get('url'))}{author}")
    return "; ".join(found)


def _link(text: Any, url: Any) -> str:
    return f"[{text}]({url})" if text and url else str(text or "")
