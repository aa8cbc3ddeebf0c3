"""Several loggers in one run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import IO, Any

from ..errors import TrainingError

Logger = Callable[..., Any]


def ChainLogger_v1(  # noqa: N802
    logger1: Logger | None = None,
    logger2: Logger | None = None,
    logger3: Logger | None = None,
    logger4: Logger | None = None,
    logger5: Logger | None = None,
    logger6: Logger | None = None,
    logger7: Logger | None = None,
    logger8: Logger | None = None,
    logger9: Logger | None = None,
    logger10: Logger | None = None,
) -> Logger:
    """spacy.ChainLogger.v1: call several loggers, in the order of their numbers.

    Raises TrainingError (a ValueError) if there is none.
    """
    given = (logger1, logger2, logger3, logger4, logger5, logger6, logger7, logger8, logger9, logger10)
    loggers = [logger for logger in given if logger is not None]
    if not loggers:
        raise TrainingError("spacy.ChainLogger.v1 needs at least one logger: [training.logger.logger1].")

    def set_up(nlp: Any, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr) -> Any:
        pairs = [logger(nlp, stdout, stderr) for logger in loggers]

        def log_step(info: Any) -> None:
            for log, _ in pairs:
                log(info)

        def finalize() -> None:
            for _, end in pairs:
                end()

        return log_step, finalize

    return set_up
