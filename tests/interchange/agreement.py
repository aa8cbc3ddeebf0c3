"""What "the same answers" means: tensors within 1e-4; decisions equal, unless the peer itself was of two minds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

SCORE_TOLERANCE = 1e-4
TIE = 1e-3
DECIDES = {"tag": "tagger", "pos": "morphologizer", "morph": "morphologizer", "sent_start": "senter"}


def observe(doc: Any) -> dict[str, list]:
    """What a Doc says, in the peer's terms."""
    return {
        "tokens": [token.text_with_ws for token in doc],
        "tag": [token.tag_ for token in doc],
        "pos": [token.pos_ for token in doc],
        "morph": [str(token.morph) for token in doc],
        "sent_start": [token.is_sent_start for token in doc],
    }


def read_peer(out: Path) -> tuple[dict[str, Any], list[dict[str, Any]], np.ndarray]:
    """The peer's description of itself, its rows, and its tensors."""
    head, *rows = [json.loads(line) for line in out.with_suffix(".jsonl").read_text(encoding="utf8").splitlines()]
    with np.load(out.with_suffix(".npz"), allow_pickle=False) as arrays:
        return head, rows, arrays["tensor"]


def disagreements(docs: list[Any], rows: list[dict[str, Any]]) -> list[str]:
    """Every decision that differs and was not a tie for the peer; empty means agreement."""
    assert len(docs) == len(rows)
    found = []
    for number, (doc, theirs) in enumerate(zip(docs, rows, strict=True)):
        ours = observe(doc)
        if ours["tokens"] != theirs["tokens"]:
            found.append(f"text {number}: tokens {ours['tokens']} != {theirs['tokens']}")
            continue
        for layer, pipe in DECIDES.items():
            gaps = theirs["margins"].get(pipe, [])
            for i, (mine, other) in enumerate(zip(ours[layer], theirs[layer], strict=True)):
                if mine != other and not (gaps and gaps[i] <= TIE):
                    found.append(f"text {number}, token {i} {ours['tokens'][i]!r}: {layer} {mine!r} != {other!r}")
    return found
