"""The ids of the universal parts of speech (they are symbols too)."""

from __future__ import annotations

from .symbols import NAMES as _SYMBOLS

_FIRST, _LAST = 84, 103

IDS: dict[str, int] = {"": 0, **{_SYMBOLS[i]: i for i in range(_FIRST, _LAST + 1)}}
NAMES: dict[int, str] = {i: name for name, i in IDS.items()}

globals().update({name: i for name, i in IDS.items() if name})
