"""Load everything that plugins register, and report faults: broken imports, missing objects, two owners of a name."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..errors import RegistryError
from ..plugins import get_plugins, installed_plugins
from ..registry import registry
from ..registry._index import canonical


def plugins_check(distribution: str | None = None) -> list[str]:
    """The faults of one plugin, or of all; empty if there are none. Imports what they register.

    distribution: Its name; by default all are checked.
    """
    faults = []
    for plugin in installed_plugins():
        wanted = distribution is None or canonical(plugin.distribution) == canonical(distribution)
        if plugin.blocked or not wanted:
            continue
        for row in plugin.names:
            try:
                row.load()
                registry.find(row.registry, row.name)
            except RegistryError as error:
                faults.append(str(error))
        broken = get_plugins().broken.get(plugin.distribution)
        if broken is not None:
            faults.append(str(broken))
    return list(dict.fromkeys(faults))


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("distribution", nargs="?", help="check only this one")


def run(args: Namespace) -> int:
    """Print the faults; the exit status is 1 if there are any."""
    from .plugins_show import plugins_show

    if args.distribution:
        plugins_show(args.distribution)
    faults = plugins_check(args.distribution)
    for fault in faults:
        print(f"- {fault}")
    names = sum(len(plugin.names) for plugin in installed_plugins() if not plugin.blocked)
    print(f"{len(faults)} faults" if faults else f"All is well{'' if args.distribution else f': {names} names'}.")
    return 1 if faults else 0
