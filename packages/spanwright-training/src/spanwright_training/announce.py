"""Telling plugins what happens in a run (`spanwright.hookspecs`)."""

from __future__ import annotations

import traceback
import warnings
from typing import Any

from spanwright.errors import SpanwrightWarning


def announce(hook: str, **arguments: Any) -> None:
    """Call a hook that is a notice. A plugin that fails in it is warned of, and does not end the run."""
    from spanwright.plugins import get_plugins

    try:
        getattr(get_plugins().hook, hook)(**arguments)
    except Exception as error:  # hours of training are worth more than somebody's notice
        where = traceback.extract_tb(error.__traceback__)[-1]
        warnings.warn(
            f"The hook {hook} of a plugin failed, and training goes on: {type(error).__name__}: {error} "
            f"({where.filename}:{where.lineno}).",
            SpanwrightWarning,
            stacklevel=2,
        )
