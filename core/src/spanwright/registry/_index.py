"""The index of names: read from the metadata of installed distributions, importing none of them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any

from ._provider import Provider

GROUP_PREFIX = "spanwright_"
# The group of the modules with pluggy hooks; their rows stand in the index under a name no registry can have.
HOOK_GROUP = "spanwright"
HOOKS = ""


def canonical(distribution: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def blocked_distributions() -> set[str]:
    """Distributions that the environment variable SPANWRIGHT_BLOCK (comma-separated) switches off."""
    return set(_blocked_by(os.environ.get("SPANWRIGHT_BLOCK", "")))


@lru_cache(maxsize=8)
def _blocked_by(text: str) -> frozenset[str]:
    return frozenset(canonical(name.strip()) for name in text.split(",") if name.strip())


class Index:
    """Rows of every `spanwright_*` entry point, scanned once and again when the installation changes."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, list[Provider]]] | None = None
        self._versions: dict[str, str] = {}
        self._stamp: tuple[tuple[str, int], ...] = ()
        self._lock = RLock()

    def rows(self) -> dict[str, dict[str, list[Provider]]]:
        """Registry -> name -> providers."""
        return {kind: names for kind, names in self._all().items() if kind != HOOKS}

    def hooks(self) -> list[Provider]:
        """The modules with hooks that distributions declare, blocked ones included."""
        return [row for rows in self._all().get(HOOKS, {}).values() for row in rows]

    def _all(self) -> dict[str, dict[str, list[Provider]]]:
        if self._rows is None:
            self._scan()
        assert self._rows is not None
        return self._rows

    def find(self, registry: str, name: str) -> list[Provider]:
        """The providers of one name that are not blocked."""
        found = self._all().get(registry, {}).get(name, ())
        blocked = blocked_distributions() if found else ()
        if not blocked:
            return list(found)
        return [row for row in found if canonical(row.distribution or "") not in blocked]

    def blocked(self, registry: str, name: str) -> list[Provider]:
        """The providers of one name that SPANWRIGHT_BLOCK switches off."""
        free = self.find(registry, name)
        return [row for row in self._all().get(registry, {}).get(name, ()) if row not in free]

    def names(self, registry: str) -> list[str]:
        """The names of a registry that some unblocked distribution offers, sorted."""
        return sorted(name for name in self._all().get(registry, {}) if self.find(registry, name))

    def refresh(self) -> bool:
        """Scan again if a folder of `sys.path` changed since the last scan; say whether one had."""
        if self._rows is not None and _fingerprint() == self._stamp:
            return False
        self._scan()
        return True

    def version(self, distribution: str) -> str | None:
        """Version of an installed distribution, or None."""
        import importlib_metadata

        try:
            return importlib_metadata.version(distribution)
        except importlib_metadata.PackageNotFoundError:
            return None

    def _scan(self) -> None:
        with self._lock:
            stamp = _fingerprint()
            rows: dict[str, dict[str, list[Provider]]] = {}
            for row in _read_metadata():
                rows.setdefault(row.registry, {}).setdefault(row.name, []).append(row)
            self._rows, self._stamp = rows, stamp


def _fingerprint() -> tuple[tuple[str, int], ...]:
    """Path and modification time of every place where metadata may lie."""
    stamps = []
    for entry in sys.path:
        try:
            stamps.append((entry, Path(entry or ".").stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(stamps)


def _read_metadata() -> Iterator[Provider]:
    import importlib_metadata

    importlib_metadata.MetadataPathFinder.invalidate_caches()
    seen: set[str] = set()
    for distribution in importlib_metadata.distributions():
        try:
            name, version, entry_points = _declared(distribution)
        except Exception:
            continue  # what an interrupted installation left behind is no plugin, and no reason to stop
        # The first on sys.path wins, as in an import: a copy further down is shadowed.
        if not name or canonical(name) in seen:
            continue
        seen.add(canonical(name))
        for group, entry_name, value in entry_points:
            module, _, qualname = value.partition("[")[0].strip().partition(":")
            registry = HOOKS if group == HOOK_GROUP else group.removeprefix(GROUP_PREFIX)
            yield Provider(registry, entry_name, module.strip(), qualname.strip(), name, version)


def _declared(distribution: Any) -> tuple[str | None, str, list[tuple[str, str, str]]]:
    """Name and version of a distribution, and group, name and value of each of its entry points that are ours."""
    text = distribution.read_text("entry_points.txt")
    if not text or (f"[{GROUP_PREFIX}" not in text and f"[{HOOK_GROUP}]" not in text):
        return None, "", []
    metadata = distribution.metadata
    found = [(point.group, point.name, point.value) for point in distribution.entry_points]
    ours = [row for row in found if row[0] == HOOK_GROUP or row[0].startswith(GROUP_PREFIX)]
    return metadata["Name"], metadata["Version"], ours
