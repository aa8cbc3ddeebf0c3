"""What a message says about a name that nobody provides: nearest names, and what to install."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

INSTALL_INDEX = Path(__file__).with_name("install_index.json")


@cache
def install_index() -> dict[str, dict[str, dict[str, Any]]]:
    """Registry -> name -> {"distribution", "since", "planned"}; made by tools/make_install_index.py."""
    loaded: dict[str, dict[str, dict[str, Any]]] = json.loads(INSTALL_INDEX.read_text(encoding="utf8"))
    return loaded


def nearest(name: str, choices: Iterable[str], *, limit: int = 3, cutoff: float = 0.6) -> list[str]:
    """The choices that look most like a name, best first.

    The version (`.v2`) and the namespace (`spacy.`) weigh little: a misspelt stem with the right version should
    not lose against another stem.
    """
    scored = []
    for choice in set(choices):
        whole = SequenceMatcher(None, name.lower(), choice.lower()).ratio()
        stem = SequenceMatcher(None, _stem(name), _stem(choice)).ratio()
        score = 0.3 * whole + 0.7 * stem
        if score >= cutoff:
            scored.append((-score, choice))
    return [choice for _, choice in sorted(scored)[:limit]]


def _stem(name: str) -> str:
    parts = name.lower().split(".")
    if len(parts) > 1 and parts[-1].startswith("v") and parts[-1][1:].isdigit():
        parts.pop()
    return parts[-1] if parts[-1] else name.lower()


def quoted(names: Iterable[str]) -> str:
    """Names as a message lists them: 'a', 'b' or 'c'."""
    items = [f"'{name}'" for name in names]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} or {items[-1]}"


def is_older(version: str, other: str) -> bool:
    """Whether a release version comes before another one, comparing their leading numbers."""
    return _release(version) < _release(other)


def _release(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split("."):
        digits = ""
        for char in part:
            if not char.isdigit():
                break
            digits += char
        if not digits:
            break
        numbers.append(int(digits))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
