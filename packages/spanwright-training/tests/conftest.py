"""Makes the helpers beside the tests importable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk: nobody pulls the plug here."""
    monkeypatch.setattr(os, "fsync", lambda number: None)
