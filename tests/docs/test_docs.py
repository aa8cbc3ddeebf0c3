"""The pages: their examples run, their links lead somewhere, and the facts they state are held by tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from run_page import Block, blocks, run_console, run_python, same

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
READMES = [
    page
    for pattern in ("*/README.md", "*/*/README.md")
    for page in sorted(ROOT.glob(pattern))
    if not page.relative_to(ROOT).parts[0].startswith(".")
]
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?P<target>[^)\s]+)\)")
SIGNS = {"python", "console", "text", "ini", "toml", "mermaid", "shell", "json"}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [*PAGES, *(page for page in READMES if blocks(page))], ids=name)
def test_examples_run(page: Path, tmp_path: Path) -> None:
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]), "COLUMNS": "120"}
    command = [sys.executable, "-W", "error", str(Path(__file__).with_name("run_page.py")), str(page)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf8")
    for match in LINK.finditer(text):
        target, _, anchor = match["target"].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{page}: {match['target']}"
        if anchor and file.suffix == ".md":
            assert anchor in headings(file), f"{page}: {match['target']}"


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=name)
def test_blocks_say_what_they_are(page: Path) -> None:
    for block in blocks(page):
        assert block.words and block.words[0] in SIGNS, f"{page}:{block.line}: name the language of the block"


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_facts_are_held_by_tests() -> None:
    """Each row of the table of facts names a test file, and a test in it."""
    rows = [line for line in (ROOT / "docs" / "facts.md").read_text(encoding="utf8").splitlines() if "::" in line]
    assert len(rows) > 30
    for row in rows:
        for file, test in re.findall(r"`([\w./-]+\.py)::(\w+)`", row):
            path = ROOT / file
            assert path.is_file(), f"{file} in: {row}"
            assert f"def {test}(" in path.read_text(encoding="utf8"), f"{test} in: {row}"


# The runner itself


def block(text: str, *words: str) -> Block:
    return Block(words, text, 1, False)


@pytest.mark.parametrize(
    ("expected", "found", "agrees"),
    [
        ("one\ntwo", "one \ntwo\n", True),
        ("file ...:20\nend", "file /tmp/x.py:20\nend", True),
        ("one\n...\nlast", "one\ntwo\nthree\nlast", True),
        ("one\n...\nlast", "one\nlast\n", True),
        ("one\n...\nlast", "one last\n", False),
        ("one", "one\ntwo", False),
        ("name  place\n----  -----", "name     place\n-------  -----", True),
        ("a...b", "ab c", False),
    ],
)
def test_outputs_are_compared(expected: str, found: str, agrees: bool) -> None:
    assert same(expected, found) is agrees


def test_a_block_is_executed_or_only_compiled() -> None:
    namespace: dict[str, object] = {}
    assert run_python(block("print(1)\nx = 2\n", "python"), Path("page.md"), namespace) == "1\n"
    assert namespace["x"] == 2
    assert run_python(block("import nothing_at_all\n", "python", "no-run"), Path("page.md"), namespace) == ""
    with pytest.raises(SyntaxError):
        run_python(block("1 +\n", "python", "no-run"), Path("page.md"), namespace)


def test_another_output_than_the_pages_is_an_error() -> None:
    run_console(block("$ echo yes\nyes\n$ echo no\nno\n", "console"), "page.md:1")
    with pytest.raises(AssertionError, match="the page shows\nyes\n\nbut the output is\nno"):
        run_console(block("$ echo no\nyes\n", "console"), "page.md:1")
