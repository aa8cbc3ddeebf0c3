"""Differences of two texts, line by line."""

from __future__ import annotations

import difflib
import sys

COLOURS = {"+": "\x1b[32m", "-": "\x1b[31m"}


def diff_text(before: str, after: str, *, colour: bool | None = None, context: int | None = None) -> str:
    """Both texts in one: lines that went with "-", lines that came with "+".

    colour: Use colours; by default if standard error is a terminal.
    context: Show only so many unchanged lines around a change; None shows all.
    """
    old, new = before.splitlines(), after.splitlines()
    if context is None:
        lines = [line for line in difflib.ndiff(old, new) if not line.startswith("?")]
    else:
        lines = list(difflib.unified_diff(old, new, lineterm="", n=context))[2:]
    if colour if colour is not None else sys.stderr.isatty():
        lines = [f"{COLOURS[line[0]]}{line}\x1b[0m" if line[:1] in COLOURS else line for line in lines]
    return "\n".join(lines)
