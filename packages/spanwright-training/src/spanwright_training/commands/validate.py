"""Whether the installed pipelines fit this version. Nothing is fetched: each pipeline says itself what it needs.

spanwright validate
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from typing import Any

from spanwright.errors import SpanwrightError

# What pipelines made for spaCy ask of spaCy; this version reads what that version writes.
READS_AS = "3.8.18"


@dataclass(frozen=True)
class InstalledPipeline:
    """An installed pipeline.

    name, version: Of its package. wants: The version of spaCy it asks for.
    problems: Why it does not fit; empty if it does.
    """

    name: str
    version: str
    wants: str
    problems: tuple[str, ...]


def validate(*, silent: bool = True) -> list[InstalledPipeline]:
    """Look at every installed pipeline: whether this version reads it, and whether the plugins it needs are there.

    silent: Do not print a table.
    """
    from spanwright.cli.info import info

    facts: Any = info()
    found = [_look_at(name, version) for name, version in facts["pipelines"].items()]
    if not silent:
        print(_render(found))
    return found


def _look_at(name: str, version: str) -> InstalledPipeline:
    from spanwright.config import load_config
    from spanwright.language.packages import find_package
    from spanwright.util import load_meta

    try:
        folder = find_package(name)
        if folder is None:
            return InstalledPipeline(name, version, "", ("its folder is missing",))
        if not (folder / "meta.json").exists():
            folder = next(path.parent for path in sorted(folder.glob("*/meta.json")))
        wants = str(load_meta(folder / "meta.json").get("spacy_version", ""))
        problems = [*_version_problems(wants), *_missing_plugins(load_config(folder / "config.cfg"))]
    except (SpanwrightError, OSError, StopIteration) as error:
        return InstalledPipeline(name, version, "", (f"it can't be read: {error}",))
    return InstalledPipeline(name, version, wants, tuple(problems))


def _version_problems(wants: str) -> list[str]:
    """Why a pipeline made for some spaCy would not be read: only version 3 has this layout of folders."""
    digits = list(wants.replace(">", " ").replace("=", " ").replace("<", " ").replace("~", " ").split())
    first = digits[0].split(".")[0] if digits else ""
    if first in ("", "3"):
        return []
    return [f"it asks for spaCy {wants}, and pipelines of version 3 (up to {READS_AS}) are read"]


def _missing_plugins(config: Any) -> list[str]:
    from spanwright import registry
    from spanwright.errors import RegistryError
    from spanwright.language import Language

    missing = []
    nlp = config["nlp"]
    for name in nlp["pipeline"]:
        factory = config["components"][name].get("factory", name)
        if Language.has_factory(factory) or registry.has("factories", f"{nlp['lang']}.{factory}"):
            continue
        try:
            registry.get("factories", factory)
        except RegistryError as error:
            distribution = getattr(error, "distribution", None)
            missing.append(f"{name} needs {distribution}" if distribution else f"{name}: no factory '{factory}'")
    return missing


def _render(found: list[InstalledPipeline]) -> str:
    from spanwright.cli._output import table

    if not found:
        return "No pipelines are installed."
    rows = [(one.name, one.version, one.wants, "; ".join(one.problems) or "fits") for one in found]
    return table(rows, header=("NAME", "VERSION", "SPACY", ""))


def add_arguments(parser: ArgumentParser) -> None:
    """No options."""


def run(args: Namespace) -> int:
    """Print the table; the status is 1 if a pipeline does not fit."""
    return 1 if any(one.problems for one in validate(silent=False)) else 0
