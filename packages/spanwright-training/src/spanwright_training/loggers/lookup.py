"""A logger that prints chosen values."""

from __future__ import annotations

import re
import sys
from typing import IO, Any

from spanwright.util import dict_to_dot

from ..errors import TrainingError


def LookupLogger_v1(patterns: list[str]) -> Any:  # noqa: N802
    """spacy.LookupLogger.v1: print those values of each evaluation whose dotted path matches a pattern.

    patterns: Regular expressions, searched for in the path ("losses\\.tagger", "other_scores\\.tag_acc").

    Raises TrainingError (a ValueError) for a pattern that is no regular expression, or if there is none.
    """
    if not patterns:
        raise TrainingError("spacy.LookupLogger.v1 needs at least one pattern: [training.logger] patterns.")
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern, flags=re.MULTILINE))
        except re.error as error:
            raise TrainingError(f"spacy.LookupLogger.v1: {pattern!r} is no regular expression: {error}.") from None

    def set_up(nlp: Any, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr) -> Any:
        def log_step(info: Any) -> None:
            for path, value in dict_to_dot(info or {}).items():
                if any(pattern.search(path) for pattern in compiled):
                    stdout.write(f"{path} -> {value}\n")

        return log_step, lambda: None

    return set_up
