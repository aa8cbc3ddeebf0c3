"""How `ranges.py` is made: characters of the Unicode categories that tokenizer rules tell apart, as classes.

    python -m spanwright.lang.unicode_ranges > src/spanwright/lang/ranges.py

The result is kept, so that rules mean the same on every Python, whatever Unicode it knows, and cost nothing to import.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Blocks with characters that rules tell apart; ideographs, syllables and private use are of one kind each.
BLOCKS = [(0x21, 0x3400), (0xA490, 0xA4D0), (0xA640, 0xAC00), (0xFB00, 0xFFFE), (0x10100, 0x10200), (0x1F000, 0x1FB00)]
GROUPS = {
    "MARK_CHARS": ("Mn", "Mc"),
    "UPPER_CHARS": ("Lu", "Lt"),
    "LOWER_CHARS": ("Ll",),
    "QUOTE_CHARS": ("Pi", "Pf"),
    "BRACKET_CHARS": ("Ps", "Pe"),
    "PUNCT_CHARS": ("Po", "Pc"),
    "CURRENCY_CHARS": ("Sc",),
    "ICON_CHARS": ("So",),
}
# Brackets by category that are quotes by use; and what is not cut off everywhere.
QUOTES = "'\"`´‚„‛‟‹›「」『』《》〈〉❛❜❝❞"
LEFT_OUT = "./\\@%℃℉"


def ranges(chars: Iterable[str]) -> str:
    """Characters as the inside of a class, in ranges."""
    spans: list[list[int]] = []
    for code in sorted(map(ord, chars)):
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(_char(a) if a == b else f"{_char(a)}-{_char(b)}" for a, b in spans)


def _char(code: int) -> str:
    if 0x20 < code < 0x7F:
        return re.escape(chr(code))
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def compute() -> dict[str, str]:
    """The classes, by the Unicode data of this Python."""
    chars = [chr(code) for first, last in BLOCKS for code in range(first, last)]
    result = {}
    for name, categories in GROUPS.items():
        some = {char for char in chars if unicodedata.category(char) in categories}
        some -= set(LEFT_OUT)
        some = some | set(QUOTES) if name == "QUOTE_CHARS" else some - set(QUOTES)
        result[name] = ranges(some)
    return result


def render() -> str:
    """The text of `ranges.py`."""
    lines = [
        '"""Classes of characters, made by unicode_ranges.py: insides of brackets in regular expressions."""',
        "",
        "from __future__ import annotations",
        "",
        f'UNICODE = "{unicodedata.unidata_version}"',
    ]
    for name, text in compute().items():
        atom = r"(?:\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\.|[^\\])"
        parts = re.findall(rf"{atom}-{atom}|{atom}", text)
        rows, row = [], ""
        for part in parts:
            if len(row) + len(part) > 100:
                rows.append(row)
                row = ""
            row += part
        rows.append(row)
        lines += [f"{name} = ("] + [f"    r'''{row}'''" for row in rows] + [")"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(render(), end="")
