"""What can be wrong with a training run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spanwright.errors import MissingFileError, MissingKeyError, NotFiniteError, SpanwrightError
from spanwright.registry import nearest


class TrainingError(SpanwrightError, ValueError):
    """A training run cannot start or go on."""


class UnknownNameError(TrainingError, LookupError):
    """A setting of [training] names a component or corpus that does not exist."""

    def __init__(self, setting: str, name: str, known: Iterable[str], *, what: str = "component") -> None:
        choices = list(known)
        close = nearest(name, choices, limit=1)
        hint = f"Did you mean '{close[0]}'?" if close else f"There are: {', '.join(choices) or 'none'}."
        super().__init__(f"[training] {setting} names '{name}', and there is no such {what}. {hint}")


class UnknownScoreError(TrainingError, MissingKeyError):
    """[training.score_weights] counts on a score that no component computes."""


class EmptyCorpusError(TrainingError):
    """A corpus gives no examples, or no batch can be made of them."""


class NonFiniteLossError(TrainingError, NotFiniteError):
    """A loss is no number any more.

    components: The components whose losses they are.
    step, epoch: When.
    """

    def __init__(self, message: str, *, components: Sequence[str], step: int, epoch: int) -> None:
        super().__init__(message)
        self.components = list(components)
        self.step = step
        self.epoch = epoch


class ResumeError(TrainingError):
    """A run cannot be resumed as asked."""


class NoCheckpointError(ResumeError, MissingFileError):
    """There is nothing to resume."""


class CodeImportError(TrainingError, ImportError):
    """The file that `--code` names cannot be imported."""


class TrainingInterrupted(KeyboardInterrupt):
    """Training was stopped by Ctrl-C (or SIGTERM) after its state had been saved."""
