"""The project folder of a pipeline's package, and what is built from it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InvalidValueError
from . import build_pipeline
from .metadata import core_metadata
from .readme import make_readme

CARRIED = ("LICENSE", "LICENSES_SOURCES", "README.md")
INIT = '''"""{summary}"""

from pathlib import Path

from spanwright.util import get_model_meta, load_model_from_init_py
{imports}
__version__ = get_model_meta(Path(__file__).parent)["version"]


def load(**overrides):
    """Load the pipeline. Arguments as for spanwright.load."""
    return load_model_from_init_py(__file__, **overrides)
'''
PYPROJECT = """[build-system]
requires = []
build-backend = "build_pipeline"
backend-path = ["."]
"""


def write_project(
    data: Path,
    output: Path,
    name: str,
    meta: Mapping[str, Any],
    requirements: Sequence[str],
    *,
    code: Sequence[Path] = (),
    force: bool = False,
) -> Path:
    """Write OUTPUT/NAME-VERSION with everything that the package is built from, and return it.

    data: The pipeline's folder. code: Python files to put into the package, imported with it.

    Raises InvalidValueError (a ValueError) if the folder exists and `force` is not given.
    """
    target = output / f"{name}-{meta['version']}"
    if target.exists() and not force:
        raise InvalidValueError(f"{target} exists. Use --force to replace it.")
    made = Path(tempfile.mkdtemp(dir=output, prefix=f".{target.name}-"))
    try:
        _fill(made, data, name, meta, requirements, code)
        made.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        made.replace(target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return target


def _fill(
    root: Path, data: Path, name: str, meta: Mapping[str, Any], requirements: Sequence[str], code: Sequence[Path]
) -> None:
    package = root / name
    inner = package / f"{name}-{meta['version']}"
    shutil.copytree(data, inner, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for file in CARRIED:
        if (inner / file).is_file():
            shutil.copy(inner / file, root)
    if not (root / "README.md").exists():
        (root / "README.md").write_text(make_readme(meta, name, requirements), encoding="utf8")
        shutil.copy(root / "README.md", inner)
    for folder in (root, package, inner):
        (folder / "meta.json").write_text(json.dumps(meta, indent=2, ensure_ascii=False) + "\n", encoding="utf8")
    for file_path in code:
        shutil.copy(file_path, package)
    imports = "".join(f"from . import {path.stem}\n" for path in code)
    summary = " ".join(str(meta.get("description") or f"The pipeline {name}.").replace('"', "'").split())
    text = INIT.format(summary=summary.replace("\\", "/"), imports=f"\n{imports}" if imports else "")
    (package / "__init__.py").write_text(text, encoding="utf8")
    readme = (root / "README.md").read_text(encoding="utf8")
    (root / "PKG-INFO").write_text(core_metadata(meta, name, requirements, readme), encoding="utf8")
    (root / "entry_points.txt").write_text(f"[spanwright_models]\n{name} = {name}\n", encoding="utf8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf8")
    shutil.copy(build_pipeline.__file__, root / "build_pipeline.py")


def build(project: Path, *, sdist: bool, wheel: bool) -> list[Path]:
    """Build into PROJECT/dist, and return the files. Needs neither a network nor a build tool."""
    folder = project / "dist"
    folder.mkdir(exist_ok=True)
    writers = ((sdist, build_pipeline.write_sdist), (wheel, build_pipeline.write_wheel))
    return [folder / write(project, folder) for wanted, write in writers if wanted]
