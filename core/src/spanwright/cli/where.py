"""Who provides a registered name, and where its code is.

spanwright where spacy.Tagger.v2
spanwright where tagger --registry factories
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..errors import RegistryMiss
from ..registry import Provider, nearest, registry
from ._output import note


def where(name: str, kind: str | None = None) -> list[Provider]:
    """All providers of a name. Imports no plugin.

    name: The registered name.
    kind: The registry to look in; by default in all.

    Raises RegistryMiss if nobody provides it.
    """
    kinds = [kind] if kind else registry.get_registry_names()
    rows = []
    for each in kinds:
        offered = [row for row in registry.providers(each) if row.name == name]
        rows += offered or ([registry.find(each, name)] if registry.has(each, name) else [])
    if not rows and kind is None:
        known = {other for each in kinds for other in registry.names(each)}
        close = nearest(name, known)
        hint = f" Did you mean {', '.join(close)}?" if close else ""
        for each in kinds:
            try:
                registry.find(each, name)
            except RegistryMiss as error:
                if error.distribution is not None:
                    raise
        raise RegistryMiss(f"Nobody registers '{name}' in any registry.{hint}", name=name, nearest=close)
    if not rows and kind is not None:
        registry.find(kind, name)
    return rows


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("name", help="registered name")
    parser.add_argument("--registry", "-r", help="registry to look in, such as architectures")


def run(args: Namespace) -> int:
    """Print the providers of a name."""
    rows = where(args.name, args.registry)
    for row in rows:
        place = f"{row.file}:{row.line}" if row.line else row.file or row.module
        print(f"@{row.registry} {row.name}\n  code          {row.target}\n  file          {place}")
        print(f"  provided by   {row.owner}{f' ({row.lifecycle})' if row.lifecycle else ''}")
    if len({row.registry for row in rows}) < len(rows):
        note("Several distributions provide the name: choose one with [spanwright.prefer.*] or SPANWRIGHT_PREFER.")
    return 0
