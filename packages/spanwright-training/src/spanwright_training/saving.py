"""Saving the best and the last model of a run."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spanwright_tokens.io import replace_folder

from .announce import announce
from .errors import TrainingError
from .journal import FILE as JOURNAL
from .journal import read_journal

BEST = "model-best"
LAST = "model-last"


class Models:
    """The folders `model-best` and `model-last` of an output folder, each written whole or not at all.

    output: The output folder.
    before_to_disk: Gives the pipeline to save from the one in training, as [training] says.
    """

    def __init__(self, output: Path, before_to_disk: Callable[[Any], Any] | None) -> None:
        self.output = output
        self.before_to_disk = create_before_to_disk_callback(before_to_disk)
        # Whether what lies in the folders is of this run, not of an earlier one.
        self.are_ours = False

    @property
    def best(self) -> Path:
        """The model with the best score."""
        return self.output / BEST

    @property
    def last(self) -> Path:
        """The latest model."""
        return self.output / LAST

    def any_there(self) -> bool:
        """Whether there are models, of whatever run."""
        return self.best.is_dir() or self.last.is_dir()

    def describe_earlier(self) -> str:
        """What an earlier run has left here and this one is going to replace; empty if there is nothing."""
        if not self.any_there():
            return ""
        rows = read_journal(self.output / JOURNAL)
        top = max((row["score"] for row in rows if row.get("score") is not None), default=None)
        facts = f" (up to step {rows[-1]['step']}, best score {top:.4f})" if top is not None else ""
        return f"{self.output} has the models of an earlier run{facts}. The first evaluation of this run replaces them."

    def _make_room(self) -> None:
        """Take away the last model of an earlier run: its files would be carried over. A kill leaves no half of it."""
        if self.last.is_dir():
            aside = self.last.with_name(f".{LAST}.{os.getpid()}.{uuid.uuid4().hex[:8]}.spanwright-new")
            try:
                self.last.rename(aside)
            except OSError as error:
                raise TrainingError(f"{self.last}, from an earlier run, cannot be replaced: {error}") from error
            shutil.rmtree(aside, ignore_errors=True)

    def save(self, nlp: Any, averages: Mapping[Any, Any] | None, *, is_best: bool) -> None:
        """Write the last model, and copy it to the best if it is that.

        averages: Weights to save in the place of the models' own; None or empty for those.
        """
        with nlp.use_params(averages or None):
            changed = self.before_to_disk(nlp)
            if not self.are_ours:
                self._make_room()
            changed.to_disk(self.last)
        if is_best:
            announce("before_save", nlp=nlp, path=self.best)
            with replace_folder(self.best, mine=lambda path: True) as folder:
                shutil.copytree(self.last, folder, dirs_exist_ok=True)
            announce("after_save", nlp=nlp, path=self.best)
        self.are_ours = True


def create_before_to_disk_callback(callback: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """A function that gives the pipeline to save. What the callback gives is checked to be one."""
    from spanwright.language import Language

    def before_to_disk(nlp: Any) -> Any:
        changed = nlp if callback is None else callback(nlp)
        if not isinstance(changed, Language):
            raise TrainingError(
                "The callback [training] before_to_disk must return a pipeline, the one to save; it returned "
                f"{type(changed).__name__}."
            )
        return changed

    return before_to_disk


def update_meta(training: Mapping[str, Any], nlp: Any, info: Mapping[str, Any]) -> None:
    """Write the scores and losses of an evaluation into the pipeline's meta data ("performance")."""
    performance = {metric: info["other_scores"].get(metric, 0.0) for metric in training["score_weights"]}
    for name in nlp.pipe_names:
        if name in info["losses"]:
            performance[f"{name}_loss"] = info["losses"][name]
    nlp.meta["performance"] = performance
