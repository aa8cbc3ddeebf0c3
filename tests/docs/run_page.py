"""Run the examples of a page: python blocks in one namespace, and the shell commands between them, in order.

    python -W error run_page.py PAGE

- ```python       is executed; with `no-run` after it, only compiled.
- ```text         right after such a block is what it prints; `...` stands for anything.
- ```console      lines that begin with `$ ` are run, the lines after each are what it prints (both streams).

It runs in the present folder. An error names the page and the line in it.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: the words after its fence, its text, its line, and whether it follows another at once."""

    words: tuple[str, ...]
    text: str
    line: int
    follows: bool


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf8")
    found = []
    end = 0
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("body")) + 1
        follows = bool(found) and not text[end : match.start()].strip()
        indent = match["indent"]
        body = "".join(row.removeprefix(indent) for row in match["body"].splitlines(keepends=True))
        found.append(Block(tuple(match["info"].split()), body, line, follows))
        end = match.end()
    return found


def same(expected: str, found: str) -> bool:
    """Whether a text is the expected one; `...` stands for anything, and the widths of columns do not count."""

    def trimmed(text: str) -> str:
        lines = (re.sub(" +", " ", re.sub("--+", "--", line)).rstrip() for line in text.strip().splitlines())
        return "\n".join(lines)

    # A line of dots alone stands for any number of lines.
    sections = re.split(r"(?<=\n) ?\.\.\.\n", trimmed(expected) + "\n")
    patterns = (".*?".join(re.escape(part) for part in section.split("...")) for section in sections)
    return re.fullmatch("(?:.*?\n)?".join(patterns), trimmed(found) + "\n", re.DOTALL) is not None


def check(expected: str, found: str, place: str) -> None:
    """Raise AssertionError, showing both, if an output is not the one on the page."""
    if not same(expected, found):
        raise AssertionError(f"{place}: the page shows\n{expected}\nbut the output is\n{found}")


def run_python(block: Block, page: Path, namespace: dict[str, Any]) -> str:
    """Execute a block; returns what it printed."""
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
    if "no-run" in block.words:
        return ""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    return printed.getvalue()


def run_console(block: Block, place: str) -> None:
    """Run the commands of a block, and compare their output."""
    for session in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = session.partition("\n")
        done = subprocess.run(command, shell=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(expected, done.stdout, f"{place}: {command}")


def run(page: Path) -> None:
    """Run all examples of a page."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    printed = None
    for block in blocks(page):
        place = f"{page}:{block.line}"
        kind = block.words[0] if block.words else ""
        if kind == "python":
            printed = run_python(block, page, namespace)
        elif kind == "text" and block.follows and printed is not None:
            check(block.text, printed, place)
            printed = None
        elif kind == "console" and "no-run" not in block.words:
            run_console(block, place)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
