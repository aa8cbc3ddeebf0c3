"""The switch between kernels and nodes."""

from __future__ import annotations

import pytest

from spanwright.errors import InvalidValueError
from spanwright.ml.kernels import VARIABLE, use_kernels


def test_kernels_run_unless_they_are_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert use_kernels()
    monkeypatch.setenv(VARIABLE, "off")
    assert not use_kernels()
    monkeypatch.setenv(VARIABLE, "on")
    assert use_kernels()


def test_another_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "0")
    with pytest.raises(InvalidValueError, match="variable SPANWRIGHT_KERNELS is '0', and must be 'on' or 'off'"):
        use_kernels()
