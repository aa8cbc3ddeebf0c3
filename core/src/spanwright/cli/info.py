"""Versions, place and installed pipelines; or what a pipeline is made of.

spanwright info
spanwright info en_core_web_sm --markdown
"""

from __future__ import annotations

import json
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import MissingFileError


def info(
    model: str | Path | None = None,
    *,
    markdown: bool = False,
    silent: bool = True,
    exclude: Iterable[str] = ("labels",),
) -> dict[str, Any] | str:
    """Facts about the installation, or the meta data of a pipeline; nothing is loaded for it.

    model: Name of an installed pipeline, or its folder.
    markdown: Return (and print) a Markdown list instead of a dict.
    silent: Do not print.
    exclude: Keys of the meta data to leave out.

    Raises MissingFileError if there is no such pipeline.
    """
    facts = _installation() if model is None else _pipeline(model)
    facts = {key: value for key, value in facts.items() if model is None or key not in set(exclude)}
    text = _markdown(facts) if markdown else _plain(facts)
    if not silent:
        print(text)
    return text if markdown else facts


def _installation() -> dict[str, Any]:
    from ..plugins import installed_plugins

    return {
        "spanwright_version": __version__,
        "location": str(Path(__file__).parents[1]),
        "platform": platform.platform(),
        "python_version": platform.python_version(),
        "plugins": {plugin.distribution: plugin.version for plugin in installed_plugins()},
        "pipelines": _installed_pipelines(),
    }


def _installed_pipelines() -> dict[str, str]:
    """Installed distributions that advertise a pipeline, as spaCy's packages do."""
    import importlib_metadata

    found = {}
    for entry_point in importlib_metadata.entry_points():
        if entry_point.group in ("spacy_models", "spanwright_models"):
            found[entry_point.name] = str(entry_point.dist.version) if entry_point.dist else ""
    return dict(sorted(found.items()))


def _pipeline(model: str | Path) -> dict[str, Any]:
    folder = _folder(model)
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf8"))
    return {**meta, "source": str(folder.resolve())}


def _folder(model: str | Path) -> Path:
    """The folder of a pipeline with its meta.json."""
    from ..util import get_package_path, is_package

    path = Path(model)
    if path.is_dir():
        folders = [path, *sorted(path.glob(f"{path.name}-*"))]
    elif isinstance(model, str) and is_package(model):
        package = get_package_path(model)
        folders = [*sorted(package.glob(f"{model}-*")), package]
    else:
        raise MissingFileError(
            f"There is no pipeline '{model}': it is neither an installed package nor a folder. `spanwright info` lists "
            "the installed ones."
        )
    for folder in folders:
        if (folder / "config.cfg").exists() and (folder / "meta.json").exists():
            return folder
    raise MissingFileError(f"{path} has no meta.json and config.cfg: it is no pipeline.")


def _plain(facts: dict[str, Any]) -> str:
    width = max(len(key) for key in facts)
    return "\n".join(f"{key:<{width}}  {_value(value)}" for key, value in facts.items() if value not in ({}, [], ""))


def _markdown(facts: dict[str, Any]) -> str:
    return "\n".join(f"- **{key}:** {_value(value)}" for key, value in facts.items() if value not in ({}, [], ""))


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} ({inner})" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", nargs="?", help="name or folder of a pipeline")
    parser.add_argument("--markdown", "-md", action="store_true", help="print a Markdown list")
    parser.add_argument("--exclude", "-e", default="labels", help="keys to leave out, separated by commas")


def run(args: Namespace) -> int:
    """Print the facts."""
    info(args.model, markdown=args.markdown, silent=False, exclude=args.exclude.split(","))
    sys.stdout.flush()
    return 0
