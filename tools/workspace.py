"""Which distributions the workspace holds, where, and what each one needs."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("core", "packages/*", "plugins-*")


@dataclass(frozen=True)
class Distribution:
    """One separately versioned distribution: its name, folder, metadata and requirements."""

    name: str
    folder: Path
    project: dict[str, Any] = field(repr=False, compare=False)

    @property
    def version(self) -> str:
        """The version that its pyproject.toml states."""
        return str(self.project["version"])

    @property
    def requirements(self) -> list[str]:
        """Its declared run-time requirements, siblings included."""
        return list(self.project.get("dependencies", []))

    @property
    def entry_points(self) -> dict[str, dict[str, str]]:
        """Registered names by entry-point group."""
        return dict(self.project.get("entry-points", {}))

    def extra(self, name: str) -> list[str]:
        """The requirements of one of its extras; empty if it has no such extra."""
        return list(self.project.get("optional-dependencies", {}).get(name, []))


def distributions() -> dict[str, Distribution]:
    """All distributions of the workspace by name, the meta-distribution excluded."""
    found: dict[str, Distribution] = {}
    for pattern in FOLDERS:
        for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml")):
            project = tomllib.loads(path.read_text(encoding="utf8"))["project"]
            found[project["name"]] = Distribution(project["name"], path.parent, project)
    return found


def requirement_name(requirement: str) -> str:
    """The bare distribution name of a requirement such as `spanwright-core>=0.1,<0.2`."""
    for position, char in enumerate(requirement):
        if not (char.isalnum() or char in "-_."):
            return requirement[:position]
    return requirement


def closure(name: str) -> list[Distribution]:
    """A distribution and every sibling that it needs, dependencies first."""
    known = distributions()
    order: list[Distribution] = []

    def visit(dist: Distribution) -> None:
        if dist in order:
            return
        for requirement in dist.requirements:
            sibling = known.get(requirement_name(requirement))
            if sibling is not None:
                visit(sibling)
        order.append(dist)

    visit(known[name])
    return order
