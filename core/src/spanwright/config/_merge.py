"""Merging settings into defaults."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any


def promise_key(block: Any) -> str | None:
    """The key of a block that names a function (`@architectures`), or None."""
    if isinstance(block, Mapping):
        for key in block:
            if isinstance(key, str) and key.startswith("@"):
                return key
    return None


def merge(updates: Mapping[str, Any], defaults: Mapping[str, Any], *, remove_extra: bool = False) -> dict[str, Any]:
    """Settings with defaults for what they lack.

    A block that names another function than its default (or names one where the default names none) takes nothing
    from the default. remove_extra: Drop what the defaults lack.
    """
    merged = {key: copy.deepcopy(value) for key, value in updates.items() if not remove_extra or key in defaults}
    for key, default in defaults.items():
        if key not in merged:
            merged[key] = copy.deepcopy(default)
        elif isinstance(default, Mapping) and isinstance(merged[key], Mapping) and _same_function(merged[key], default):
            merged[key] = merge(merged[key], default, remove_extra=remove_extra)
    return merged


def _same_function(block: Mapping[str, Any], default: Mapping[str, Any]) -> bool:
    name = promise_key(block)
    return name is None or (name in default and default[name] == block[name])
