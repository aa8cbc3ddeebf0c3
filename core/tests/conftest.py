"""Fake distributions (a dist-info folder and modules in a folder on sys.path), and how long examples may take."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, settings

# The first draw of Unicode text builds a table, which takes seconds on a fresh machine.
settings.register_profile("spanwright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("spanwright")

MakeDistribution = Callable[..., Path]


@pytest.fixture
def make_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeDistribution:
    """Install a distribution with entry points and modules into its own folder on sys.path."""
    before = set(sys.modules)

    def make(
        name: str,
        entries: Mapping[str, Mapping[str, str]],
        modules: Mapping[str, str] | None = None,
        *,
        version: str = "1.0",
        metadata: str = "",
        folder: str | None = None,
    ) -> Path:
        place = tmp_path / (folder or name)
        place.mkdir(exist_ok=True)
        info = place / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"
        (info / "METADATA").write_text(text, encoding="utf8")
        groups = (
            f"[{group}]\n" + "".join(f"{key} = {target}\n" for key, target in points.items())
            for group, points in entries.items()
        )
        (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf8")
        for path, source in (modules or {}).items():
            file = place / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(source), encoding="utf8")
        if str(place) not in sys.path:
            monkeypatch.syspath_prepend(str(place))
        return place

    yield make
    for module in set(sys.modules) - before:
        if module.startswith("fake_"):
            del sys.modules[module]
