"""Installed packages that hold a pipeline: found by their metadata and files, never imported."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CONFIG_FILE = "config.cfg"
OWN_GROUP = "spanwright_models"
GROUPS = ("spacy_models", OWN_GROUP)


def find_package(name: str) -> Path | None:
    """The pipeline's folder in an installed package; None if there is no such package, or no pipeline in it.

    name: Name of the package or of its distribution. (Published packages import spaCy, so none is imported.)
    """
    for module in dict.fromkeys((name, re.sub(r"[-.]+", "_", name))):
        if not module.isidentifier():
            continue
        spec = _spec_of(module)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            folder = _folder_in(Path(place), module)
            if folder is not None:
                return folder
    return None


def import_code(name: str) -> None:
    """Import an installed package that `spanwright package` made: its code registers functions that its config names.

    Those that others made import spaCy, and are left alone.
    """
    import importlib_metadata

    try:
        entry_points = importlib_metadata.distribution(name).entry_points
    except (importlib_metadata.PackageNotFoundError, ValueError):
        return
    for entry_point in entry_points:
        if entry_point.group == OWN_GROUP:
            import_module(entry_point.module)


def _spec_of(module: str) -> Any:
    try:
        return find_spec(module)
    except (ImportError, ValueError):  # a module of this name is loaded, and is no package
        return None


def _folder_in(package: Path, module: str) -> Path | None:
    from spanwright_tokens.io import read_json

    if (package / "meta.json").is_file():
        meta = read_json(package / "meta.json")
        if isinstance(meta, dict):
            folder = package / f"{meta.get('lang')}_{meta.get('name')}-{meta.get('version')}"
            if (folder / CONFIG_FILE).is_file():
                return folder
        # Repackaged pipelines keep the name that they were published under.
        found = sorted(package.glob(f"*/{CONFIG_FILE}"))
        if len(found) == 1:
            return found[0].parent
    return package if (package / CONFIG_FILE).is_file() else None


def installed_pipelines() -> list[str]:
    """Names of the installed packages that say they are pipelines. Imports none of them."""
    import importlib_metadata

    names: set[str] = set()
    for group in GROUPS:
        entry_points: Any = importlib_metadata.entry_points(group=group)
        names.update(entry_point.name for entry_point in entry_points)
    return sorted(names)
