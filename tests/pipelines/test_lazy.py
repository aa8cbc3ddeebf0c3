"""What is imported when: no module of ours imports pydantic or torch, and nothing heavy comes before it is needed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import spanwright

# Records who asks for the modules that are not to be loaded by us.
WATCH = """
import builtins, sys
asked = []
original = builtins.__import__
def watch(name, globals=None, locals=None, fromlist=(), level=0):
    if level == 0 and name.partition(".")[0] in ("torch", "pydantic", "cupy", "tensorflow", "mxnet"):
        asked.append((name.partition(".")[0], (globals or {}).get("__name__", "?")))
    return original(name, globals, locals, fromlist, level)
builtins.__import__ = watch
"""
REPORT = """
for module, who in asked:
    if who.partition(".")[0].startswith("spanwright"):
        print("OURS", who, "imports", module)
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(done: Any) -> set[str]:
    """The top-level modules that a script has loaded; torch is left out where thinc probes for it."""
    assert done.returncode == 0, done.stderr
    assert "OURS" not in done.stdout, done.stdout
    names = set(done.stdout.splitlines()[-1].split()[1:])
    return names - {"torch"} if "thinc" in names and find_spec("torch") else names


def test_importing_loads_nothing(python: Callable[..., Any]) -> None:
    names = loaded(python(f"{WATCH}\nimport spanwright\n{REPORT}"))
    assert not names & {"torch", "pydantic", "thinc", "numpy", "confection", "catalogue", "typer", "pluggy", "srsly"}
    assert not {name for name in names if name.startswith("spanwright_")}


@pytest.mark.parametrize("lang", ["en", "xx"])
def test_an_empty_pipeline_loads_neither_torch_nor_a_component(python: Callable[..., Any], lang: str) -> None:
    names = loaded(python(f"{WATCH}\nimport spanwright\nspanwright.blank({lang!r})('The boats left.')\n{REPORT}"))
    assert not names & {"torch", "typer", "spanwright_tagger", "spanwright_tok2vec", "spanwright_encoders"}
    # Where pydantic comes at all, it is thinc or confection that brings it.
    assert "pydantic" not in names or names & {"thinc", "confection"}


def test_help_loads_neither_torch_nor_pydantic(python: Callable[..., Any]) -> None:
    script = (
        f"{WATCH}\nfrom spanwright.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n{REPORT}"
    )
    assert not loaded(python(script)) & {"torch", "pydantic", "thinc", "spanwright_tagger"}


def test_a_whole_pipeline_brings_no_torch(python: Callable[..., Any], whole: Path) -> None:
    script = f"{WATCH}\nimport spanwright\nspanwright.load(sys.argv[1])('The boats left.')\n{REPORT}"
    assert not loaded(python(script, whole)) & {"torch", "typer"}


def ours() -> Iterator[tuple[str, Path]]:
    roots = {Path(spanwright.__file__).parent}
    for distribution in distributions():
        if (distribution.metadata["Name"] or "").startswith("spanwright"):
            tops = {point.value.partition(".")[0].partition(":")[0] for point in distribution.entry_points}
            roots |= {Path(__import__(top).__path__[0]) for top in tops if top.startswith("spanwright_")}
    for root in sorted(roots):
        for path in sorted(root.rglob("*.py")):
            yield str(path.relative_to(root.parent)), path


def test_no_module_of_ours_names_pydantic_and_torch_is_imported_inside_functions() -> None:
    found = list(ours())
    assert len(found) > 50
    for name, path in found:
        tree = ast.parse(path.read_text(encoding="utf8"))
        for node in ast.walk(tree):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            tops = {module.partition(".")[0] for module in modules}
            assert "pydantic" not in tops, f"{name}:{node.lineno}"
            assert "torch" not in tops or node not in tree.body, f"{name}:{node.lineno}"
