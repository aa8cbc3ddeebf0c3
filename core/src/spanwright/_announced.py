"""Extension attributes that plugins announce: set when one is first asked for that nobody has set."""

from __future__ import annotations

import warnings

from spanwright_tokens.tokens.underscore import ask_for_more

from .errors import SpanwrightWarning


def declare_when_asked() -> None:
    """Have the plugins asked for their extension attributes when one is missed. This loads no plugin yet."""
    ask_for_more(_declare)


def _declare() -> None:
    from .plugins import declare_extensions

    try:
        declare_extensions()
    except Exception as error:  # one plugin's fault is no reason to stop a program that may not use it
        warnings.warn(
            f"Extension attributes that a plugin announces are left out: {type(error).__name__}: {error}",
            SpanwrightWarning,
            stacklevel=5,
        )
