"""The state of a run in one file, from which it goes on as if nothing had happened.

The file is a message (msgpack) of numbers, texts and arrays; it is written whole or not at all, and nothing in it is
code. It holds weights, gradients' places, the optimizer, the random numbers' state, the place in the data and the
results so far. The pipeline itself is made again from the config, so that it must be the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spanwright.util import dict_to_dot
from spanwright_tokens.io import dump_msgpack, read_bytes, read_msgpack, write_bytes

from .errors import NoCheckpointError, ResumeError
from .optimizer_state import get_gradient_names, get_optimizer_state, set_gradient_names, set_optimizer_state

FILE = "checkpoint.msgpack"
VERSION = 1
# Settings that may differ when a run is resumed: when it ends, what is shown and kept.
FREE = ("training.max_steps", "training.max_epochs", "training.patience", "training.logger", "spanwright.training")


@dataclass
class Progress:
    """How far a run is.

    step: The last step taken; -1 before the first.
    epoch: Its epoch.
    losses: Losses added up since the last evaluation.
    words, seconds: Words and time of training so far.
    results: (score, step) of each evaluation.
    unscored: Whether the last step still has to be evaluated.
    performance: What meta.json says of the scores.
    """

    step: int = -1
    epoch: int = 0
    losses: dict[str, float] = field(default_factory=dict)
    words: int = 0
    seconds: float = 0.0
    results: list[tuple[float, int]] = field(default_factory=list)
    unscored: bool = False
    performance: dict[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> tuple[float, int]:
        """The best score and its step: the earliest, where there are several."""
        score, step = max((score, -step) for score, step in self.results)
        return score, -step


def save_checkpoint(
    folder: Path,
    nlp: Any,
    optimizer: Any,
    progress: Progress,
    position: Mapping[str, Any],
    *,
    frozen: list[str],
    config: Mapping[str, Any],
) -> None:
    """Write the state of a run into its output folder.

    position: `Batches.position`.
    frozen: Components that do not learn, whose weights are not written.
    config: The interpolated config.
    """
    components = {
        name: {
            "data": component.to_bytes(exclude=["vocab"]),
            "gradients": get_gradient_names(component.model),
            "steps": getattr(getattr(component, "broadcast", None), "steps_taken", 0),
        }
        for name, component in learning(nlp, frozen)
    }
    state = {
        "version": VERSION,
        "config": comparable(config),
        "progress": vars(progress),
        "position": dict(position),
        "optimizer": get_optimizer_state(optimizer, nlp, progress.step + 1),
        "components": components,
    }
    write_bytes(folder / FILE, dump_msgpack(state))


def remove_leftovers(folder: Path) -> None:
    """Remove what a kill may have left half written beside the whole; no other process writes here."""
    for path in folder.glob(".*.spanwright-new"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def read_checkpoint(folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    """The state that a run has saved in its output folder.

    Raises NoCheckpointError if it has saved none, ResumeError if it was made with other settings.
    """
    path = folder / FILE
    if not path.is_file():
        raise NoCheckpointError(
            f"There is nothing to resume in {folder}: it has no {FILE}, which a run writes after its first evaluation. "
            "Start without --resume, or look whether --output is the folder of that run."
        )
    state = read_msgpack(read_bytes(path), where=str(path))
    version = state.get("version") if isinstance(state, dict) else None
    if version != VERSION:
        raise ResumeError(f"{path} has version {version}; this version of spanwright-training reads {VERSION}.")
    now, then = comparable(config), state["config"]
    changed = sorted(key for key in {*now, *then} if now.get(key) != then.get(key))
    if changed:
        shown = "; ".join(f"{key}: {then.get(key)!r} then, {now.get(key)!r} now" for key in changed[:5])
        raise ResumeError(
            f"The run in {folder} was started with other settings, so that it cannot go on as it began: {shown}"
            f"{' ...' if len(changed) > 5 else ''}. Use the config and overrides of that run, or start anew without "
            f"--resume. You may change {', '.join(FREE)}."
        )
    return state


def restore(state: Mapping[str, Any], nlp: Any, optimizer: Any, *, frozen: list[str]) -> Progress:
    """Put a fresh pipeline and optimizer into the state that was saved, and return how far the run was."""
    for name, component in learning(nlp, frozen):
        saved = state["components"].get(name)
        if saved is None:
            raise ResumeError(f"The saved run has no state of the component '{name}'.")
        component.from_bytes(saved["data"], exclude=["vocab"])
        set_gradient_names(component.model, saved["gradients"])
        _wind_forward(component, saved["steps"])
    set_optimizer_state(optimizer, nlp, state["optimizer"])
    progress = Progress(**state["progress"])
    progress.results = [(score, step) for score, step in progress.results]
    return progress


def _wind_forward(component: Any, steps: int) -> None:
    """Put the gradient factors of an upstream's listeners where they were: series give a value once."""
    broadcast: Any = getattr(component, "broadcast", None)
    if broadcast is None:
        return
    for listener in broadcast.listeners:
        if isinstance(getattr(listener, "grad_factor", None), Iterator):
            for step in range(1, steps + 1):
                broadcast.steps_taken = step
                listener.factor()
    broadcast.steps_taken = steps


def learning(nlp: Any, frozen: list[str]) -> list[tuple[str, Any]]:
    """The components that training changes."""
    return [
        (name, component)
        for name, component in nlp.pipeline
        if name not in frozen
        and getattr(component, "is_trainable", False)
        and getattr(component, "model", None) not in (True, False, None)
    ]


def comparable(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that must be the same for a run to go on, by dotted path."""
    flat = dict_to_dot(
        {key: config.get(key) or {} for key in ("nlp", "components", "corpora", "training", "initialize")}
    )
    return {
        key: list(value) if isinstance(value, (list, tuple)) else value
        for key, value in flat.items()
        if not any(key == free or key.startswith(free + ".") for free in FREE)
    }
