"""The conformance kit on this distribution and its component."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spanwright.testing import check_component, check_distribution


def test_component(tiny: Path, kit: Any) -> None:
    check_component("transformer", config={"model": kit.model_config(tiny)})


def test_distribution() -> None:
    check_distribution("spanwright-transformers")
