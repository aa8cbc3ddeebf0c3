"""Loggers of the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "console_logger": "spanwright_training.loggers.console:ConsoleLogger_v2",
        "console_logger_v3": "spanwright_training.loggers.console:ConsoleLogger_v3",
    },
)
