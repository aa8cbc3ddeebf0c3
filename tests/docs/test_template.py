"""The template of a plugin: installed as its metadata says, it is found, conforms, and passes its own tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "examples" / "plugin-template"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A copy of the template, and an environment in which Python takes it for installed: no network, no build."""
    folder = tmp_path_factory.mktemp("template") / "harbour"
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf8"))["project"]
    info = folder / "src" / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head, encoding="utf8")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf8")
    return folder, {**os.environ, "PYTHONPATH": str(folder / "src")}


def run(installed: tuple[Path, dict[str, str]], *words: str) -> str:
    folder, environment = installed
    done = subprocess.run([sys.executable, *words], cwd=folder, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass(installed: tuple[Path, dict[str, str]]) -> None:
    output = run(installed, "-m", "pytest", "-q", "-c", "pyproject.toml", "--rootdir", ".")
    assert "passed" in output
    assert "skipped" not in output


def test_its_name_is_found(installed: tuple[Path, dict[str, str]]) -> None:
    output = run(installed, "-m", "spanwright", "where", "harbour.WindowSum.v1")
    assert "harbour.architectures.window_sum:WindowSum_v1" in output
    assert "provided by   harbour 0.1.0" in output
    assert "All is well" in run(installed, "-m", "spanwright", "plugins", "check", "harbour")


def test_the_page_shows_the_files_of_the_template() -> None:
    page = (ROOT / "docs" / "your-own-plugin.md").read_text(encoding="utf8")
    source = (TEMPLATE / "src" / "harbour" / "architectures" / "window_sum.py").read_text(encoding="utf8")
    declaration = (TEMPLATE / "pyproject.toml").read_text(encoding="utf8")
    assert source[source.index("def WindowSum_v1") :].strip() in page
    start = declaration.index("[project.entry-points")
    assert declaration[start : declaration.index("[tool.")].strip() in page
