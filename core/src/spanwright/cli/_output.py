"""Printing: tables, progress, and files for `--output`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def table(rows: Iterable[Sequence[Any]], header: Sequence[str] | None = None) -> str:
    """Rows as text in columns: numbers to the right, a line under the header."""
    body = [[_cell(value) for value in row] for row in rows]
    if not body:
        return ""
    right = [all(_is_number(text) for text in column if text) for column in zip(*body, strict=True)]
    lines = [list(header), *body] if header else body
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if header:
        lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "   ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()


def progress(items: Iterable[T], *, total: int | None = None, unit: str = "docs") -> Iterator[T]:
    """The items, with a progress bar on standard error if that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from tqdm import tqdm

    yield from tqdm(items, total=total, unit=unit)


def write_json(path: str | Path, value: Any) -> None:
    """Write a JSON file, making its folder if need be."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf8")


def note(text: str) -> None:
    """A line for the user on standard error, so that standard output stays clean."""
    print(text, file=sys.stderr)
