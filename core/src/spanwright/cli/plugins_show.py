"""What one plugin registers, and where the code is; from its metadata."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..errors import MissingPluginError
from ..plugins import InstalledPlugin, installed_plugins
from ..registry import nearest
from ..registry._index import canonical
from ._output import table


def plugins_show(distribution: str) -> InstalledPlugin:
    """One installed plugin. Raises MissingPluginError if it is not installed or registers nothing."""
    known = {canonical(plugin.distribution): plugin for plugin in installed_plugins()}
    found = known.get(canonical(distribution))
    if found is None:
        close = nearest(distribution, known, limit=1)
        hint = f" Did you mean {close[0]}?" if close else f" Installed: {', '.join(known)}."
        raise MissingPluginError(
            f"No installed distribution '{distribution}' registers anything.{hint}", name=distribution
        )
    return found


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("distribution", help="name of the distribution, as pip knows it")


def run(args: Namespace) -> int:
    """Print what the plugin registers."""
    plugin = plugins_show(args.distribution)
    state = [text for text in (plugin.lifecycle, "blocked" if plugin.blocked else None) if text]
    print(f"{plugin.distribution} {plugin.version or ''}{f' ({chr(44).join(state)})' if state else ''}")
    if plugin.hooks:
        print(f"hooks: {plugin.hooks}")
    print(table([(f"@{row.registry}", row.name, row.target) for row in plugin.names], ("registry", "name", "code")))
    return 0
