"""Names that modules look up in the installed plugins."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright import _lookup


def test_a_star_import_takes_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(place: str, name: str, module: str) -> object:
        if place == "factories:absent":
            raise _lookup.MissingNameError("no such plugin", name=name, distribution="spanwright-absent")
        return object()

    monkeypatch.setattr(_lookup, "_fetch", fetch)
    get, _ = _lookup.plugin_names("spanwright.kb", {"Here": "factories:here", "Absent": "factories:absent"})
    names = get("__all__")
    assert "Here" in names
    assert "Absent" not in names
    assert "plugin_names" in names  # the module's own


def test_star_imports_of_a_module_of_training() -> None:
    found: dict[str, Any] = {}
    exec("from spanwright.training import *", found)
    assert found["Example"].__name__ == "Example"
