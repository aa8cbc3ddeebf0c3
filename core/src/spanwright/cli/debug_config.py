"""Checking a config, as a function, of the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "debug_config": "spanwright_training.commands.debug_config:debug_config",
    },
)
