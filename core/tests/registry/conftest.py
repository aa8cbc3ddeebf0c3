"""A registry for each test."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright.registry import Registry


@pytest.fixture
def registry() -> Any:
    """A registry of its own, so that tests leave nothing in the real one."""
    return Registry()
