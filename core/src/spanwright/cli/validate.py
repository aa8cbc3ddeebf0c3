"""Looking at installed pipelines, as a function, of the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "validate": "spanwright_training.commands.validate:validate",
    },
)
