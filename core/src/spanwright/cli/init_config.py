"""Starting configs as functions, of the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "init_config": "spanwright_training.commands.init_config:init_config",
        "fill_config": "spanwright_training.commands.init_fill_config:fill_config",
        "save_config": "spanwright_training.commands.init_config:save_config",
    },
)
