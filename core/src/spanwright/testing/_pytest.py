"""Conformance as pytest tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._architecture import ARCHITECTURE_CHECKS, check_architecture

Samples = Mapping[str, Mapping[str, Any]] | Iterable[str]


def conformance(samples: Samples, **common: Any) -> Callable[..., None]:
    """A pytest test function with one case for each name and check.

        test_architectures = conformance({"my.Net.v1": {"width": 8}, "my.Other.v1": {"inputs": "floats", "width": 8}})

    samples: Registered name -> arguments of `check_architecture` (sample settings among them); or names alone.
    common: Arguments of `check_architecture` for all of them, such as kind="layers".
    """
    import pytest

    table = samples if isinstance(samples, Mapping) else {name: {} for name in samples}
    cases = [
        pytest.param(name, title, id=f"{name}-{title.replace(' ', '-')}")
        for name in table
        for title in ARCHITECTURE_CHECKS
    ]

    @pytest.mark.parametrize(("name", "title"), cases)
    def test_conformance(name: str, title: str) -> None:
        check_architecture(name, **{**common, **table[name]}, only=title)

    return test_conformance
