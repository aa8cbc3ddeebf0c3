"""The ids of lexeme and token attributes; they live in the distribution spanwright-tokens."""

from __future__ import annotations

from typing import Any

from spanwright_tokens import attrs as _attrs


def __getattr__(name: str) -> Any:
    return getattr(_attrs, name)


def __dir__() -> list[str]:
    return dir(_attrs)
