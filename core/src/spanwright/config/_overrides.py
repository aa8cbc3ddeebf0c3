"""Overrides of a config from the command line and from the environment."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from typing import Any

from ..errors import ConfigError, Problem

ENVIRONMENT_VARIABLE = "SPANWRIGHT_CONFIG_OVERRIDES"


def parse_overrides(args: Sequence[str], *, environment: bool = True) -> dict[str, Any]:
    """Dotted path -> value, from options such as `--training.max_steps 100` or `--nlp.lang=de`.

    args: The options that the command itself does not know. A value is JSON if it can be read as that, else a text;
        an option without a value is true.
    environment: Read SPANWRIGHT_CONFIG_OVERRIDES (same syntax) too; options win over it.

    Raises ConfigError with everything that is no such option.
    """
    problems: list[Problem] = []
    overrides: dict[str, Any] = {}
    if environment:
        text = os.environ.get(ENVIRONMENT_VARIABLE, "")
        overrides.update(_parse(shlex.split(text), ENVIRONMENT_VARIABLE, problems))
    overrides.update(_parse(list(args), "the command line", problems))
    if problems:
        raise ConfigError(problems, title="Some overrides can't be read")
    return overrides


def _parse(args: list[str], origin: str, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while args:
        option = args.pop(0)
        path, equals, text = option.removeprefix("--").partition("=")
        if not option.startswith("--") or "." not in path:
            message = f"'{option}' ({origin}) is no override. Expected --section.key value, as in --nlp.batch_size 64."
            problems.append(Problem("", None, message, kind="syntax", found=option))
            if option.startswith("--") and not equals and args and not args[0].startswith("--"):
                args.pop(0)
            continue
        if equals:
            found[path] = _value(text)
        elif args and not args[0].startswith("--"):
            found[path] = _value(args.pop(0))
        else:
            found[path] = True
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
