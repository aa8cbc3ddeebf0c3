"""What a parsed Doc says, and which Docs differ from the peer's where the peer was not of two minds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from agreement import TIE

LAYERS = {"parser": ("heads", "deps", "sent_start"), "ner": ("ents", "ent_iob")}


def observe(doc: Any) -> dict[str, list]:
    """A Doc in the peer's terms."""
    return {
        "tokens": [token.text_with_ws for token in doc],
        "heads": [token.head.i for token in doc],
        "deps": [token.dep_ for token in doc],
        "sent_start": [token.is_sent_start for token in doc],
        "ents": [[ent.start, ent.end, ent.label_] for ent in doc.ents],
        "ent_iob": [token.ent_iob for token in doc],
    }


def read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The peer's description of itself, and its rows."""
    head, *rows = [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]
    return head, rows


def differing(docs: list[Any], rows: list[dict[str, Any]]) -> list[int]:
    """The numbers of the Docs that say something else."""
    assert len(docs) == len(rows)
    found = []
    for number, (doc, theirs) in enumerate(zip(docs, rows, strict=True)):
        ours = observe(doc)
        if any(ours[layer] != theirs[layer] for layer in ours):
            found.append(number)
    return found


def differences(docs: list[Any], rows: list[dict[str, Any]]) -> list[str]:
    """Each difference that no tie explains. Rows have margins.

    One decision changes all that follow it in a Doc, so a Doc in which the peer met a tie is excused as a whole; the
    caller bounds how many these are.
    """
    found = []
    for number, (doc, theirs) in enumerate(zip(docs, rows, strict=True)):
        ours = observe(doc)
        if ours["tokens"] != theirs["tokens"]:
            found.append(f"text {number}: tokens {ours['tokens']} != {theirs['tokens']}")
            continue
        for pipe, layers in LAYERS.items():
            wrong = [layer for layer in layers if ours[layer] != theirs[layer]]
            if theirs["margins"].get(pipe, 1e9) <= TIE:
                continue
            for layer in wrong:
                pairs = zip(ours[layer], theirs[layer], strict=False)
                first = next((i for i, (a, b) in enumerate(pairs) if a != b), "end")
                found.append(f"text {number}: {layer} differ first at {first}: {ours[layer]} != {theirs[layer]}")
    return found
