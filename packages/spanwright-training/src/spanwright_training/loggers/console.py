"""The table of losses and scores on the console, and its lines as JSON in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ..errors import TrainingError

Info = Mapping[str, Any]
LogStep = Callable[[Info | None], None]
SetUp = Callable[..., tuple[LogStep, Callable[[], None]]]
SPACING = 2
WIDEST = 13  # longer headings are cut off, as in spaCy's table
BARS = ("train", "eval")


def ConsoleLogger_v2(  # noqa: N802
    progress_bar: bool = False, console_output: bool = True, output_file: str | Path | None = None
) -> SetUp:
    """spacy.ConsoleLogger.v2: print losses and scores as a table, and write them to a file of JSON lines.

    progress_bar: Show a bar of the steps until the next evaluation.
    console_output: Print the table.
    output_file: File to write; one that exists is left as it is, and nothing is written.
    """
    return ConsoleLogger_v3("eval" if progress_bar else None, console_output, output_file)


def ConsoleLogger_v3(  # noqa: N802
    progress_bar: str | None = None, console_output: bool = True, output_file: str | Path | None = None
) -> SetUp:
    """spacy.ConsoleLogger.v3: print losses and scores as a table, and write them to a file of JSON lines.

    progress_bar: "eval" for a bar of the steps until the next evaluation, "train" for one until the end.
    console_output: Print the table.
    output_file: File to write; one that exists is left as it is, and nothing is written.

    Raises TrainingError (a ValueError) for another kind of bar.
    """
    if progress_bar is not None and progress_bar not in BARS:
        raise TrainingError(f"The console logger's progress_bar is 'train', 'eval' or null; found {progress_bar!r}.")
    path = Path(output_file) if output_file else None

    def set_up(nlp: Any, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr) -> Any:
        console = Console(nlp, stdout, stderr, bar=progress_bar, table=console_output, path=path)
        return console.log_step, console.finalize

    return set_up


class Console:
    """The console logger of one run. See `ConsoleLogger_v3`."""

    def __init__(
        self, nlp: Any, stdout: IO[str], stderr: IO[str], *, bar: str | None, table: bool, path: Path | None
    ) -> None:
        training = nlp.config["training"]
        self.stdout, self.stderr = stdout, stderr
        self.bar = bar
        self.table = table
        self.totals = {"train": training["max_steps"], "eval": training["eval_frequency"]}
        self.pipes = [name for name, pipe in nlp.pipeline if getattr(pipe, "is_trainable", False)]
        self.scores = [key for key, weight in training["score_weights"].items() if weight is not None]
        self.file = self._open(path)
        self._progress: Any = None
        names = ["E", "#", *(f"Loss {name}" for name in self.pipes), *self.scores, "Score"]
        least = [3, 6, *(8 for _ in self.pipes), *(6 for _ in self.scores), 6]
        headings = [heading(name) for name in names]
        self.widths = [max(len(name), width) for name, width in zip(headings, least, strict=True)]
        if table:
            self._write(_row(headings, self.widths, str.ljust))
            self._write(_row(["-" * width for width in self.widths], self.widths, str.ljust))

    def _open(self, path: Path | None) -> IO[str] | None:
        if path is None:
            return None
        if path.exists():
            self._write(
                f"\u26a0 {path} is there already and is left as it is: this run's lines are written to no file."
            )
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        self._write(f"\u2139 Losses and scores are also written to {path}")
        return path.open("w", encoding="utf8")

    def log_step(self, info: Info | None) -> None:
        """A step was taken; `info` if it was evaluated."""
        if info is None:
            if self._progress is not None:
                self._progress.update(1)
            return
        losses = {name: float(info["losses"].get(name, 0.0)) for name in self.pipes}
        scores = {key: self._score(key, info["other_scores"].get(key, 0.0)) for key in self.scores}
        if self.file is not None:
            line: dict[str, Any] = {key: info[key] for key in ("epoch", "step")}
            line.update(losses=losses, scores=scores, score=float(info["score"]))
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()
        if self._progress is not None:
            self._progress.close()
        if self.table:
            numbers = [*losses.values(), *scores.values(), float(info["score"])]
            cells = [str(info["epoch"]), str(info["step"]), *(f"{number:.2f}" for number in numbers)]
            self._write(_row(cells, self.widths, str.rjust))
            self._start_bar(info)

    def _score(self, key: str, value: Any) -> float:
        try:
            number = float(value)
        except TypeError:
            raise TrainingError(
                f"[training.score_weights] {key}: the table shows numbers, and this score is a {type(value).__name__}. "
                "Give it the weight null to leave it out."
            ) from None
        return number if key == "speed" else number * 100

    def _start_bar(self, info: Info) -> None:
        if self.bar is None:
            return
        from tqdm import tqdm

        initial = info["step"] if self.bar == "train" else 0
        goal = "whole run" if self.bar == "train" else "to the next evaluation"
        # disable=None: none where it is no terminal
        self._progress = tqdm(
            total=self.totals[self.bar], disable=None, leave=False, file=self.stderr, initial=initial, desc=goal
        )

    def finalize(self) -> None:
        """The run has ended."""
        if self._progress is not None:
            self._progress.close()
        if self.file is not None:
            self.file.close()

    def _write(self, text: str) -> None:
        print(text, file=self.stdout, flush=True)


def heading(name: str) -> str:
    """The heading of a column."""
    return (name if len(name) <= WIDEST else f"{name[: WIDEST - 3]}...").upper()


def _row(cells: Sequence[str], widths: Sequence[int], align: Callable[[str, int], str]) -> str:
    return (" " * SPACING).join(align(cell, width) for cell, width in zip(cells, widths, strict=True))
