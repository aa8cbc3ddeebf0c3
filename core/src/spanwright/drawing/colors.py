"""Colours of labels: ours, those that plugins register (`displacy_colors`), and the user's."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidTypeError

# People, groups, places, things, times and numbers keep a family of colours each.
LABELS = {
    "PERSON": "#cdc4ff", "PER": "#cdc4ff", "NORP": "#e3c6fb", "ORG": "#a8e3f0", "FAC": "#b9dcd9", "GPE": "#ffd494",
    "LOC": "#ffbf9b", "PRODUCT": "#c5ecb8", "EVENT": "#fdec9a", "WORK_OF_ART": "#f6d3f0", "LAW": "#ffb7c4",
    "LANGUAGE": "#ffcbd6", "MISC": "#dfe3a6", "DATE": "#c3e5dc", "TIME": "#c3e5dc", "PERCENT": "#e2e6da",
    "MONEY": "#e2e6da", "QUANTITY": "#e2e6da", "ORDINAL": "#e2e6da", "CARDINAL": "#e2e6da",
}  # fmt: skip
OTHERS = (
    "#b8d8ff", "#ffd0a8", "#c9eac0", "#f4c5d8", "#d6ccff", "#f5e6a0", "#b5e6e1", "#e8cfb8", "#d3e0ae", "#e0c8ea",
)  # fmt: skip
DARK, LIGHT = "#16191d", "#ffffff"


def label_colors(options: Mapping[str, Any]) -> dict[str, str]:
    """Colour by label in upper case. The user's go before those of plugins, and these before ours.

    Raises InvalidTypeError (a TypeError) for a registered entry that is neither a dict nor gives one.
    """
    from .. import registry

    colors = dict(LABELS)
    for name in registry.names("displacy_colors"):
        entry = registry.get("displacy_colors", name)
        entry = entry() if callable(entry) else entry
        if not isinstance(entry, Mapping):
            raise InvalidTypeError(
                f"'{name}' of the registry 'displacy_colors' must be a dict of labels and colours, or a function that "
                f"returns one, found {type(entry).__name__}."
            )
        colors.update((str(label).upper(), color) for label, color in entry.items())
    colors.update((str(label).upper(), color) for label, color in (options.get("colors") or {}).items())
    return colors


def color_of(label: str, colors: Mapping[str, str]) -> str:
    """The colour of a label; one that nobody chose always gets the same of a few."""
    return colors.get(label.upper()) or OTHERS[zlib.crc32(label.encode()) % len(OTHERS)]


def text_on(color: str) -> str:
    """Dark or light, what can be read on a colour. Colours that are no #rgb or #rrggbb count as light."""
    match = re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", color.strip())
    if match is None:
        return DARK
    digits = match.group(1)
    parts = [digits[i : i + 2] for i in (0, 2, 4)] if len(digits) == 6 else [digit * 2 for digit in digits]
    red, green, blue = (int(part, 16) / 255 for part in parts)
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else LIGHT


def darker(color: str) -> str:
    """A stronger shade of a pastel #rrggbb, for thin lines; others as they are."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        return color
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    lightest = max(parts)
    shifted = [max(0, round((part - lightest) * 2.2 + lightest * 0.86)) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in shifted)
