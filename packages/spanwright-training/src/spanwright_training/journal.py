"""training.jsonl: one line of JSON for each evaluation of a run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spanwright_tokens.io import write_bytes

FILE = "training.jsonl"


class Journal:
    """The log of a run. Each line has step, epoch, score, losses, scores (by label too), words and seconds.

    folder: Output folder.
    after: Keep the lines of an earlier part of the run up to this step, and drop the others; None begins a new log
        with the first line.
    """

    def __init__(self, folder: Path, *, after: int | None = None) -> None:
        self.path = folder / FILE
        # The log of an earlier run stays until this one has something to write.
        self.is_new = after is None
        if after is not None:
            rows = [row for row in read_journal(self.path) if row["step"] <= after]
            write_bytes(self.path, b"".join(_line(row) for row in rows))

    def add(self, info: Mapping[str, Any], *, is_best: bool, learn_rate: float | None = None) -> None:
        """Write down an evaluation."""
        row = {
            "step": info["step"],
            "epoch": info["epoch"],
            "score": info["score"],
            "is_best": is_best,
            "losses": dict(info["losses"]),
            "scores": info["other_scores"],
            "words": info["words"],
            "seconds": info["seconds"],
            "learn_rate": learn_rate,
        }
        if self.is_new:
            write_bytes(self.path, _line(row))
            self.is_new = False
            return
        with self.path.open("ab") as file:
            file.write(_line(row))


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The lines of a log; one that a crash cut off is left out."""
    rows: list[dict[str, Any]] = []
    if path.is_file():
        for line in path.read_bytes().splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and "step" in row:
                rows.append(row)
    return rows


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(_plain(row), ensure_ascii=False).encode("utf8") + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON knows no NaN
    return value
