"""Comparing configs, as a function, of the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "debug_diff": "spanwright_training.commands.debug_diff_config:debug_diff",
    },
)
