"""The reserved symbols and their ids; they live in the distribution spanwright-tokens."""

from __future__ import annotations

from typing import Any

from spanwright_tokens import symbols as _symbols


def __getattr__(name: str) -> Any:
    return getattr(_symbols, name)


def __dir__() -> list[str]:
    return dir(_symbols)
