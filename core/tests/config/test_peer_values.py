"""Configs mean what they mean to confection, which thinc installs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from spanwright.config import load_config_from_str

FILES = Path(__file__).parents[4] / "shared" / "configs"
SAMPLE = Path(__file__).with_name("sample.cfg")
CONFIGS = [SAMPLE, *(sorted(FILES.glob("*.cfg")) if FILES.is_dir() else ())]


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict):
        return set(ours) == set(theirs) and all(same(value, theirs[key]) for key, value in ours.items())
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float):  # confection 0.1.5 reads floats to 15 digits
        return isinstance(theirs, (int, float)) and math.isclose(ours, theirs, rel_tol=1e-14)
    return type(ours) is type(theirs) and bool(ours == theirs)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_values_agree(path: Path) -> None:
    confection = pytest.importorskip("confection")
    text = path.read_text(encoding="utf8")
    ours, theirs = load_config_from_str(text), confection.Config().from_str(text, interpolate=False)
    assert same(dict(ours), theirs)
    assert same(dict(ours.interpolate()), theirs.interpolate())
    # What we write they read, and the other way round.
    again = confection.Config().from_str(ours.to_str(interpolate=False), interpolate=False)
    assert same(dict(ours), again)
    assert same(dict(ours.interpolate()), confection.Config().from_str(ours.to_str()))
    assert same(dict(load_config_from_str(theirs.to_str(interpolate=False))), theirs)
