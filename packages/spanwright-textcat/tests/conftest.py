"""Small pipelines that score categories."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from textcat_kit import DATA, examples, make, train


@pytest.fixture
def make_nlp() -> Callable[..., Any]:
    """A pipeline with one component, initialized on the data."""
    return make


@pytest.fixture
def make_examples() -> Callable[..., list[Any]]:
    """Examples of the data for a pipeline."""
    return examples


@pytest.fixture
def learn() -> Callable[..., dict[str, float]]:
    """Train a pipeline on the data until it knows it; gives the last losses."""
    return train


@pytest.fixture
def data() -> list[tuple[str, dict[str, float]]]:
    """Texts and their categories."""
    return DATA
