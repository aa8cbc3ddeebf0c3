"""A bar on the terminal: how far the run is, how fast, and how long it will take. Nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any


class Bar:
    """The progress bar of a run.

    training: The section [training]: max_steps is the end of the bar; without one it has no end.
    stream: Where it goes; if that is no terminal, there is no bar. Nor is there one if the config's logger has its own
        (progress_bar).
    first: Step that the run begins with.
    """

    def __init__(self, training: Mapping[str, Any], stream: IO[str], *, first: int = 0) -> None:
        self._bar: Any = None
        logger = training.get("logger")
        others = isinstance(logger, Mapping) and logger.get("progress_bar")
        if others or not getattr(stream, "isatty", lambda: False)():
            return
        from tqdm import tqdm

        # The loop takes one step more than max_steps, counting from 0.
        total = training["max_steps"] + 1 if training["max_steps"] else None
        self._bar = tqdm(
            total=total, initial=first, file=stream, unit="step", leave=False, dynamic_ncols=True, desc="Training"
        )

    def advance(self, score: float | None = None) -> None:
        """One step further; `score` is that of an evaluation."""
        if self._bar is not None:
            if score is not None:
                self._bar.set_postfix_str(f"score {score:.4f}", refresh=False)
            self._bar.update(1)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """A block that prints lines on the same terminal."""
        if self._bar is not None:
            self._bar.clear()
        yield
        if self._bar is not None:
            self._bar.refresh()

    def close(self) -> None:
        """Take the bar off the screen."""
        if self._bar is not None:
            self._bar.close()
