"""Installed plugins, from their metadata: nothing is imported."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..plugins import InstalledPlugin, installed_plugins
from ._output import table


def plugins_list() -> list[InstalledPlugin]:
    """All distributions that register names or hooks, by name."""
    return installed_plugins()


def add_arguments(parser: ArgumentParser) -> None:
    """The command has no options."""


def run(args: Namespace) -> int:
    """Print the plugins."""
    rows = [
        (
            plugin.distribution,
            plugin.version,
            plugin.lifecycle,
            len(plugin.names),
            "yes" if plugin.hooks else "",
            "blocked" if plugin.blocked else "",
        )
        for plugin in plugins_list()
    ]
    print(table(rows, ("distribution", "version", "life-cycle", "names", "hooks", "state")))
    return 0
