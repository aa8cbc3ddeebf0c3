"""The ids of parts of speech; they live in the distribution spanwright-tokens."""

from __future__ import annotations

from typing import Any

from spanwright_tokens import parts_of_speech as _parts_of_speech


def __getattr__(name: str) -> Any:
    return getattr(_parts_of_speech, name)


def __dir__() -> list[str]:
    return dir(_parts_of_speech)
