"""Saving the best and the last model of a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spanwright_tokens.io import replace_folder

from .errors import TrainingError

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

    @property
    def best(self) -> Path:
        """The model with the best score."""
        return self.output / BEST

    @property
    def last(self) -> Path:
        """The latest model."""
        return self.output / LAST

    def clear(self) -> None:
        """Remove the models of an earlier run, whose files would otherwise be carried over."""
        for folder in (self.best, self.last):
            if folder.is_dir():
                try:
                    shutil.rmtree(folder)
                except OSError as error:
                    raise TrainingError(f"{folder}, from an earlier run, cannot be removed: {error}") from error

    def save(self, nlp: Any, averages: Mapping[Any, Any] | None, *, is_best: bool) -> None:
        """Write the last model, and copy it to the best if it is that.

        averages: Weights to save in the place of the models' own; None or empty for those.
        """
        with nlp.use_params(averages or None):
            self.before_to_disk(nlp).to_disk(self.last)
        if is_best:
            with replace_folder(self.best, mine=lambda path: True) as folder:
                shutil.copytree(self.last, folder, dirs_exist_ok=True)


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
